/**
 * Regions: parts of a task whose cancellation can be taken back.
 *
 * Effect's own interruption is sticky: a fiber that was interrupted stays so. A region therefore runs in a fiber of its
 * own, as the task's innermost one. A native interrupt, the way into a foreign effect, hits only that fiber; what is
 * around the region is untouched and decides what happens next.
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { isInterruptible } from "./cancellation.ts"
import { FiberTask } from "./fiberTask.ts"
import { ownTask } from "./wait.ts"

/** Runs `body` as a region of the current task. In a plain fiber it runs as it is. */
export const region = <A, E, R>(body: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiber((outer) => {
    const task = ownTask(outer)
    if (!(task instanceof FiberTask)) return body
    const entered = Effect.withFiber((inner) => {
      task.fiber = inner
      return body
    }) as Effect.Effect<A, E>
    const inner = Effect.runForkWith(outer.context)(entered, { uninterruptible: !isInterruptible(outer) })
    const exit = inner.pollUnsafe()
    if (exit !== undefined) {
      task.fiber = outer
      return exit
    }
    return Effect.callback<A, E>((resume) => {
      inner.addObserver((late: Exit.Exit<A, E>) => {
        task.fiber = outer
        resume(late)
      })
      // Somebody interrupts the outer fiber natively: the region goes with it.
      return Fiber.interrupt(inner)
    })
  })
