/**
 * What is known of tasks that are over.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import { runNow } from "./internal/current.ts"

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
 * TypeError.
 *
 * **asyncio**
 *
 * Not in asyncio: [`asyncio.all_tasks()`](https://docs.python.org/3/library/asyncio-task.html#asyncio.all_tasks) knows what is not done.
 *
 * **Example** (What has become of them)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   asyncio.keepEndedTasks(100)
 *   asyncio.createTask(() => {}, { name: "quick" })
 *   const slow = asyncio.createTask(() => asyncio.sleep("1 hour"), { name: "slow" })
 *   await asyncio.sleep(0)
 *   await asyncio.cancelAndWait(slow, { message: "enough" })
 *   return asyncio.getRunningLoop().endedTasks.map(({ name, outcome, reason }) => [name, outcome, reason])
 * }) // => [["quick", "finished", undefined], ["slow", "cancelled", "enough"]]
 * ```
 *
 * @category introspection
 * @stability unstable
 * @since 0.1.0
 */
export const keepEndedTasks = (count: number): void => runNow(asyncio.keepEndedTasks(count))
