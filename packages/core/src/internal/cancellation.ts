/**
 * How a cancellation looks inside a fiber.
 *
 * A task's own cancellation is an *interrupt* that carries its CancelledError as an annotation: `Effect.catch`, `retry`
 * and `orElse` let it pass and finalizers run. Resuming an await with such a cause does not mark the fiber as
 * interrupted, so a handler that succeeds has truly suppressed it. Another task's cancellation is a typed failure.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { CancelledError, failureOf, interruptionOf, isCancelled, TimeoutError, withHint } from "../errors.ts"
import type { Task } from "../Task.ts"
import { withoutStack } from "./stack.ts"

/** The annotation of an interrupt that says which cancellation it delivers. */
class Cancellation extends Context.Service<Cancellation, CancelledError>()("@effect-asyncio/core/Cancellation") {}

/** The annotations for a native interrupt that delivers `error`. */
export const annotationsOf = (error: CancelledError): Context.Context<never> =>
  Context.make(Cancellation, error) as Context.Context<never>

/** The exit with which an await of a cancelled task ends. */
export const ownCancellation = (error: CancelledError): Exit.Exit<never> => interruptionOf(error, makeInterruption)

const makeInterruption = (error: CancelledError): Exit.Exit<never> =>
  Exit.failCause(Cause.fromReasons([Cause.makeInterruptReason().annotate(annotationsOf(error))]))

/**
 * The cancellation that `cause` consists of, or undefined when there is anything else in it: an error raised during
 * cleanup wins over the cancellation, as in Python.
 */
export const cancellationOf = (cause: Cause.Cause<unknown>): CancelledError | undefined => {
  let found: CancelledError | undefined
  for (const reason of cause.reasons) {
    if (reason._tag === "Interrupt") {
      found ??= reason.annotations.get(Cancellation.key) as CancelledError | undefined
    } else if (reason._tag === "Fail" && isCancelled(reason.error)) {
      found ??= reason.error
    } else {
      return undefined
    }
  }
  // A native interrupt, by a scope or by Fiber.interrupt: nobody gave a reason.
  return found ?? (cause.reasons.length === 0 ? undefined : new CancelledError())
}

/** The cancellation that an exit consists of, if it does. */
export const cancellationIn = (exit: Exit.Exit<unknown, unknown>): CancelledError | undefined =>
  Exit.isSuccess(exit) ? undefined : cancellationOf(exit.cause)

/**
 * The error where the time of `task`, by default the current one, was up. A timer makes it: its stack would cost more than all
 * the rest, and not lead to the code whose time was up.
 */
export const timeIsUp = (task?: Task<unknown, unknown>): TimeoutError =>
  withHint(
    withoutStack(() => new TimeoutError()),
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

/** An exit as promise code sees it: every cancellation is a failure with its CancelledError. */
export const asFailure = <A, E>(exit: Exit.Exit<A, E>): Exit.Exit<A, E | CancelledError> => {
  if (Exit.isSuccess(exit)) return exit
  const error = cancellationIn(exit)
  return error === undefined ? exit : failureOf(error)
}

/**
 * Whether the fiber can be interrupted where it stands. Effect keeps this in a field its types do not show; the test
 * "a cancellation waits for the end of an uninterruptible region" holds us to it.
 */
export const isInterruptible = (fiber: Fiber.Fiber<unknown, unknown>): boolean =>
  (fiber as { readonly interruptible?: boolean }).interruptible !== false
