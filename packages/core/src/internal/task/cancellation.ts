/**
 * How a cancellation looks inside a fiber.
 *
 * A task's own cancellation is an *interrupt* that carries its CancelledError as an annotation: `Effect.catch`, `retry`
 * and `orElse` let it pass and finalizers run. Resuming an await with such a cause does not mark the fiber as
 * interrupted, so a handler that succeeds has truly suppressed it. Another task's cancellation is a typed failure.
 */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import { type CancelledError, isCancelled, withoutMessage, failureOf, retell } from "../model/CancelledError.ts"
import { OwnTimeoutError, type TimeoutError } from "../model/errors.ts"
import { note } from "../model/hints.ts"
import type { Task } from "../model/Task.ts"
import { withStackOf } from "../host/stack.ts"
import type { TaskImpl } from "./task.ts"
import { behind, byProgram, Cancellation, hide, requestOf } from "./request.ts"

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
  // A native interrupt, by a scope or by Fiber.interrupt, says nothing else.
  return found ?? (cause.reasons.length === 0 ? undefined : fiberInterrupted())
}

/** The cancellation of what was interrupted natively, with Effect's own means. */
export const fiberInterrupted = (by?: TaskImpl): CancelledError =>
  withoutMessage("its fiber was interrupted", { requestedBy: by?.toRef() })

/** The cancellation that an exit consists of, if it does. */
export const cancellationIn = (exit: Exit.Exit<unknown, unknown>): CancelledError | undefined =>
  Exit.isSuccess(exit) ? undefined : cancellationOf(exit.cause)

/**
 * The error where the time of `task`, by default the current one, was up. A timer makes it: its stack would cost more than all
 * the rest, and not lead to the code whose time was up.
 */
export const timeIsUp = (task?: Task<unknown, unknown>): TimeoutError =>
  note(
    withStackOf(0, () => new OwnTimeoutError()),
    "Catch it around what was limited, or allow more time.",
    task
  )

/** What a cancellation becomes when the time was up: asyncio's `raise TimeoutError from cancelled`. */
export const timedOut = (
  cancellation: CancelledError,
  task?: Task<unknown, unknown>
): Exit.Exit<never, TimeoutError> => {
  const error = timeIsUp(task)
  error.cause = cancellation
  return Exit.fail(error)
}

/** What spans and log lines say of a cancellation. */
export const attributesOf = ({ kind, reason, requestedBy }: CancelledError): Readonly<Record<string, string>> => ({
  "cancellation.kind": kind,
  ...(reason !== undefined && { "cancellation.reason": reason }),
  ...(requestedBy !== undefined && { "cancellation.requestedBy": requestedBy.name })
})

/** An exit as promise code sees it: every cancellation is a failure with its CancelledError. */
export const asFailure = <A, E>(exit: Exit.Exit<A, E>): Exit.Exit<A, E | CancelledError> => {
  if (Exit.isSuccess(exit)) return exit
  const error = cancellationIn(exit)
  return error === undefined ? exit : failureOf(error)
}

/** Whether an exit is a defect and nothing that a type tells: what `Cause.squash` gives of it is then no error of the type. */
export const hasDied = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) && Cause.hasDies(exit.cause) && !Cause.hasFails(exit.cause)

/**
 * A scope has taken its request `own` back, and another one is left, which `exits` may show: whoever looks at `own` from
 * now on sees why that was made, and by whom. The message stays, as in asyncio.
 */
export const yieldToOther = (
  own: CancelledError,
  ...exits: ReadonlyArray<Exit.Exit<unknown, unknown> | undefined>
): void => {
  const shown = exits.flatMap((exit) => (exit && cancellationIn(exit)) ?? [])
  const others = Array.from(behind([...shown, own]), ({ error }) => error).filter((error) => error !== own)
  const other = others.find(byProgram) ?? others[0]
  if (other === undefined) return
  // What is shown may also be that of a scope further in, which had nobody to yield to when it ended.
  const yields = (error: CancelledError) => requestOf(error).error === own || (byProgram(other) && !byProgram(error))
  for (const error of [own, ...shown]) if (yields(error)) retell(error, other)
}
