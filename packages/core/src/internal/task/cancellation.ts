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
import {
  CancelledError,
  failureOf,
  interruptionOf,
  isCancelled,
  messageOf,
  requestOf,
  withoutMessage
} from "../model/CancelledError.ts"
import { TimeoutError } from "../model/errors.ts"
import { withHint } from "../model/hints.ts"
import type { Task } from "../model/Task.ts"
import { withStackOf } from "../host/stack.ts"

/** The annotation of an interrupt that says which cancellation it delivers. */
class Cancellation extends Context.Service<Cancellation, CancelledError>()("@effect-asyncio/core/Cancellation") {}

/** The annotations for a native interrupt that delivers `error`. */
export const annotationsOf = (error: CancelledError): Context.Context<never> =>
  Context.make(Cancellation, error) as Context.Context<never>

/** The exit with which an await of a cancelled task ends. */
export const ownCancellation = (error: CancelledError): Exit.Exit<never> => interruptionOf(error, makeInterruption)

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
export const fiberInterrupted = (requestedBy?: string): CancelledError =>
  withoutMessage("its fiber was interrupted", requestedBy, undefined)

/** The cancellation that an exit consists of, if it does. */
export const cancellationIn = (exit: Exit.Exit<unknown, unknown>): CancelledError | undefined =>
  Exit.isSuccess(exit) ? undefined : cancellationOf(exit.cause)

/**
 * The error where the time of `task`, by default the current one, was up. A timer makes it: its stack would cost more than all
 * the rest, and not lead to the code whose time was up.
 */
export const timeIsUp = (task?: Task<unknown, unknown>): TimeoutError =>
  withHint(
    withStackOf(0, () => new TimeoutError()),
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

// ---- requests that meet ------------------------------------------------------------------------------------------

/**
 * The requests that others hide. A step delivers one cancellation, however many were asked for, and asyncio forgets the rest;
 * a scope that takes its own back has to tell who else has asked.
 */
const hidden = new WeakMap<CancelledError, Array<CancelledError>>()

/** Takes note that `shown` is delivered in place of `other`. */
export const hide = (other: CancelledError | undefined, shown: CancelledError): void => {
  if (other === undefined || other === shown) return
  const known = hidden.get(shown)
  if (known === undefined) hidden.set(shown, [other])
  else if (!known.includes(other)) known.push(other)
}

/** Whether `other` was asked for before `shown`, which is delivered in its place. */
export const hides = (shown: CancelledError, other: CancelledError): boolean => behind([shown]).has(requestOf(other))

/** What is behind cancellations: the requests they tell of, and all that those hide. */
const behind = (errors: Iterable<CancelledError>): Set<CancelledError> => {
  const found = new Set<CancelledError>()
  // A set gives what is added while it is gone through, too.
  for (const error of errors) found.add(requestOf(error))
  for (const error of found) for (const other of hidden.get(error) ?? []) found.add(requestOf(other))
  return found
}

/** Whether a program has asked, and not a scope, a group or a run: those have a reason and no message. */
const byProgram = (error: CancelledError): boolean => messageOf(error) === error.reason

/** Whether a program has cancelled the task that it is in. In asyncio nothing else is due while code of the task runs. */
export const isBySelf = (error: CancelledError, task: Task<unknown, unknown> | undefined): boolean =>
  byProgram(error) && error.requestedBy === task?.getName()

/**
 * A scope has taken its request `own` back, and another one is left, which `exits` may show: whoever looks at `own` from
 * now on sees why that was made, and by whom. The message stays, as in asyncio.
 */
export const yieldToOther = (
  own: CancelledError,
  ...exits: ReadonlyArray<Exit.Exit<unknown, unknown> | undefined>
): void => {
  const shown = exits.flatMap((exit) => (exit && cancellationIn(exit)) ?? [])
  const others = [...behind([...shown, own])].filter((error) => error !== own)
  const other = others.find(byProgram) ?? others[0]
  if (other === undefined) return
  const { reason, requestedAt, requestedBy } = other
  // What is shown may also be that of a scope further in, which had nobody to yield to when it ended.
  const yields = (error: CancelledError) => requestOf(error) === own || (byProgram(other) && !byProgram(error))
  for (const error of [own, ...shown]) if (yields(error)) Object.assign(error, { reason, requestedAt, requestedBy })
}

/** Asks again for what `error` has asked for, as `task.cancel()` in asyncio's own code does: without the message. */
export const askedAgain = (error: CancelledError): CancelledError =>
  withoutMessage(error.reason, error.requestedBy, error.requestedAt)
