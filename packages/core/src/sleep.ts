/**
 * Sleeping.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { toMillis } from "./internal/model/arguments.ts"
import { loopOf } from "./internal/make/loops.ts"
import { nextIteration } from "./internal/make/nextIteration.ts"
import { SleepFuture } from "./internal/task/sleepFuture.ts"

const pause = (millis: number): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const loop = loopOf(fiber)
    const clock = fiber.getRef(Clock.Clock)
    // The program put another clock over the loop's: that one decides.
    if (clock !== loop.clock) return clock.sleep(Duration.millis(millis))
    return new SleepFuture(loop, loop.time() + millis).awaitIn(fiber) as Effect.Effect<void>
  })

/**
 * Suspends the task for a time.
 *
 * **Details**
 *
 * A bare number is milliseconds; any of Effect's duration inputs will do. Zero or less gives every other task that is
 * ready one step. `Infinity` sleeps until it is cancelled. Not a number is a defect: `ValueError: Invalid delay: NaN (not
 * a number)`.
 *
 * **Cancellation**
 *
 * Ends the sleep at once and removes its timer.
 *
 * **asyncio**
 *
 * Same as [`asyncio.sleep(delay, result)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.sleep), whose delay is in
 * seconds.
 *
 * **Example** (Letting others go first)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const lines: Array<string> = []
 * const count = Effect.fn("count")(function*(name: string) {
 *   for (const n of [1, 2]) {
 *     lines.push(`${name} ${n}`)
 *     yield* asyncio.sleep(0)
 *   }
 * })
 *
 * const main = Effect.gen(function*() {
 *   const other = yield* asyncio.createTask(count("task"))
 *   yield* count("main")
 *   yield* other
 * })
 *
 * await asyncio.run(main)
 * lines // => ["main 1", "task 1", "main 2", "task 2"]
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const sleep: {
  (delay: Duration.Input): Effect.Effect<void>
  <A>(delay: Duration.Input, result: A): Effect.Effect<A>
} = <A>(delay: Duration.Input, ...result: [] | [A]): Effect.Effect<A | void> => {
  const slept = typeof delay === "number" && delay >= 0 ? sleepFor(delay) : sleepForInput(delay)
  return result.length === 0 ? slept : Effect.as(slept, result[0])
}

/** What is no such number is found out where the sleep begins. */
const sleepForInput = (delay: Duration.Input): Effect.Effect<void> => Effect.suspend(() => sleepFor(toMillis(delay)))

const sleepFor = (millis: number): Effect.Effect<void> => (millis <= 0 ? nextIteration : pause(millis))
