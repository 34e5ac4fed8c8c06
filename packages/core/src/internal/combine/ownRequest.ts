/**
 * The request that a timeout or a group makes of its target: what it becomes at the end, and how it stands beside other requests.
 */
import * as Exit from "effect/Exit"
import { withStackOf } from "../host/stack.ts"
import { type CancelledError, messageOf } from "../model/CancelledError.ts"
import { OwnTimeoutError, type TimeoutError } from "../model/errors.ts"
import { note } from "../model/hints.ts"
import type { Task } from "../model/Task.ts"
import { cancellationIn } from "../task/cancellation.ts"
import { behind, requestOf } from "../task/request.ts"
import { retell } from "../task/retelling.ts"

/**
 * Makes the error where the time of `task`, by default the current one, was up. The code that ends the timeout or the wait calls
 * it, in a step of the loop: its stack would cost more than all the rest, and not lead to the code whose time was up.
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

/** Whether a program has asked, and not a timeout, a group or a run: those have a reason and no message. */
const byProgram = (error: CancelledError): boolean => messageOf(error) === error.reason

/**
 * A timeout or a group has withdrawn its request `own`, and another one is left, which `exits` may show: from now on `own` tells
 * of that, with its reason and its `requestedBy`. The message stays, as in asyncio.
 */
export const yieldToOther = (
  own: CancelledError,
  ...exits: ReadonlyArray<Exit.Exit<unknown, unknown> | undefined>
): void => {
  const shown = exits.flatMap((exit) => (exit && cancellationIn(exit)) ?? [])
  const others = Array.from(behind([...shown, own]), ({ error }) => error).filter((error) => error !== own)
  const other = others.find(byProgram) ?? others[0]
  if (other === undefined) return
  // What is shown may also be the request of a timeout further in, which had no other to yield to when it ended.
  const yields = (error: CancelledError) => requestOf(error).error === own || (byProgram(other) && !byProgram(error))
  for (const error of [own, ...shown]) if (yields(error)) retell(error, other)
}
