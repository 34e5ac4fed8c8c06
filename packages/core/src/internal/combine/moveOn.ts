/**
 * A time limit whose end is no failure.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { AnyFiber } from "../model/AnyFiber.ts"
import type { MovedOn } from "../model/MovedOn.ts"
import type { Timeout } from "../model/Timeout.ts"
import type { Restore } from "../task/untilNotCancelled.ts"
import { type BodyEnd, cancelTargetOf } from "./bodyTarget.ts"
import { Deadline } from "./timeout.ts"

const timedOut: Exit.Exit<MovedOn<never>> = /*#__PURE__*/ Exit.succeed({ timedOut: true, value: undefined })

/** Ends a deadline; where it has cut the body short, the exit says so, and is no failure. */
class MovingOn implements BodyEnd {
  readonly #deadline: Deadline

  constructor(deadline: Deadline) {
    this.#deadline = deadline
  }

  endInside(_restore: Restore, exit: Exit.Exit<unknown, unknown>): Exit.Exit<unknown, unknown> {
    const left = this.#deadline.leaveUnsafe(exit)
    // A TimeoutError of the body's own is the exit that the body ended with.
    if (left !== exit) return timedOut
    return Exit.map(exit, (value) => ({ timedOut: false, value }))
  }
}

/** Runs what `body` makes in `fiber`, which is running, for so many milliseconds at most. */
export const withMoveOn = <A, E, R>(
  fiber: AnyFiber,
  millis: number | undefined,
  body: (timeout: Timeout) => Effect.Effect<A, E, R>
): Effect.Effect<MovedOn<A>, E, R> => {
  const target = cancelTargetOf(fiber)
  const now = target.loop.time()
  const deadline = new Deadline(target, millis === undefined ? undefined : now + millis, now)
  const scope = target.run(() => body(deadline) as Effect.Effect<A, E>, new MovingOn(deadline))
  return scope as Effect.Effect<MovedOn<A>, E, R>
}
