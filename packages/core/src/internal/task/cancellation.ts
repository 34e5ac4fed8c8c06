/**
 * How a cancellation looks inside a fiber.
 *
 * A task's own cancellation is an *interrupt* that carries its CancelledError as an annotation: `Effect.catch`, `retry`
 * and `orElse` let it pass and finalizers run. Resuming an await with such a cause does not mark the fiber as
 * interrupted, so a handler that succeeds has truly suppressed it. Another task's cancellation is a typed failure.
 */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import { type CancelledError, isCancelled, withoutMessage } from "../model/CancelledError.ts"
import type { TaskImpl } from "./task.ts"
import { Cancellation, hide } from "./request.ts"

/** What is left of a cause without the interrupts that deliver `errors`; undefined when that is nothing. */
export const withoutCancellations = <E>(
  cause: Cause.Cause<E>,
  errors: ReadonlyArray<CancelledError>
): Cause.Cause<E> | undefined => {
  const left = cause.reasons.filter(
    (reason) =>
      reason._tag !== "Interrupt" || !errors.includes(reason.annotations.get(Cancellation.key) as CancelledError)
  )
  return left.length === 0 ? undefined : left.length === cause.reasons.length ? cause : Cause.fromReasons(left)
}

/**
 * The cancellation that `cause` consists of, or undefined when there is anything else in it: an error raised during
 * cleanup wins over the cancellation, as in Python.
 */
export const cancellationOf = (cause: Cause.Cause<unknown>): CancelledError | undefined => {
  let found: CancelledError | undefined
  for (const reason of cause.reasons) {
    if (reason._tag === "Interrupt") {
      const error = reason.annotations.get(Cancellation.key) as CancelledError | undefined
      if (found !== undefined) hide(error, found)
      found ??= error
    } else if (reason._tag === "Fail" && isCancelled(reason.error)) {
      found ??= reason.error
    } else {
      return undefined
    }
  }
  // A native interrupt, by an Effect scope or by Fiber.interrupt, says nothing else.
  return found ?? (cause.reasons.length === 0 ? undefined : fiberInterrupted())
}

/** The cancellation of what was interrupted natively, with Effect's own means. */
export const fiberInterrupted = (by?: TaskImpl): CancelledError =>
  withoutMessage("its fiber was interrupted", { requestedBy: by?.toRef() })

/** The cancellation that an exit consists of, if it does. */
export const cancellationIn = (exit: Exit.Exit<unknown, unknown>): CancelledError | undefined =>
  Exit.isSuccess(exit) ? undefined : cancellationOf(exit.cause)
