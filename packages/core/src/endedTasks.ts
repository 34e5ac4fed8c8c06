/**
 * What is known of tasks that are over.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { loopOf } from "./internal/make/loops.ts"
import { keepEnded } from "./internal/task/endedTasks.ts"

export type { EndedTask } from "./internal/model/EndedTask.ts"

/**
 * Has the running loop keep what is to be known of the last `count` tasks that have ended: how, by which kind of cancellation, on whose
 * request, and after what time. It is in `loop.endedTasks`, and in `loop.snapshot()`.
 *
 * **When to use**
 *
 * Use it for what a status page shows, or a report of a hung program: what was there a minute ago.
 *
 * **Details**
 *
 * Data is kept, and none of the tasks. Called again with another number, it keeps as many of what it has; zero, which is the
 * default of a loop, forgets all. Every task counts, those that `gather` and the like make, too. What is no whole number is a
 * defect, TypeError.
 *
 * **asyncio**
 *
 * Not in asyncio: [`asyncio.all_tasks()`](https://docs.python.org/3/library/asyncio-task.html#asyncio.all_tasks) knows what is not done.
 *
 * **Example** (What has become of them)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   yield* asyncio.keepEndedTasks(100)
 *   yield* asyncio.createTask(Effect.void, { name: "quick" })
 *   const slow = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "slow" })
 *   yield* asyncio.sleep(0)
 *   yield* asyncio.cancelAndWait(slow, { message: "enough" })
 *   const loop = yield* asyncio.getRunningLoop
 *   return loop.endedTasks.map(({ name, outcome, reason }) => [name, outcome, reason])
 * })
 *
 * await asyncio.run(main) // => [["quick", "finished", undefined], ["slow", "cancelled", "enough"]]
 * ```
 *
 * @category introspection
 * @stability unstable
 * @since 0.1.0
 */
export const keepEndedTasks = (count: number): Effect.Effect<void> =>
  Effect.withFiberSucceed((fiber) => keepEnded(loopOf(fiber), count))
