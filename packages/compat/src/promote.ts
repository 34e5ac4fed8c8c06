/**
 * Foreground work that goes to the background.
 *
 * @since 0.1.0
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { toCoreQuery } from "./given/queries.ts"
import type { Task } from "./Task.ts"

/**
 * Lets a task of a group go: foreground work goes to the background. The group waits for it no more, and does not cancel it; neither
 * does what cancels the tree of its creator, see {@link cancelTree}.
 *
 * **When to use**
 *
 * Use it for work whose end is waited for until the program decides otherwise: a command that takes too long and is sent to the background. What
 * is to be in the background from the start is made outside of the group, with `detached: true`.
 *
 * **Details**
 *
 * The group has to consent: `taskGroup(body, { promotable: true })`. From then on the task belongs to no group: it ends by itself, by
 * `cancel`, or when the run ends, and a failure that no code retrieves is reported. What it uses of the code around the group, a connection
 * for one, has to live as long as it does.
 *
 * Throws a RuntimeError where the task is in no group, or done; it was promoted already; the group was not made for it, or is being cancelled; the task has not
 * called `started()` yet, or deals with a failure of the group. A TypeError for what is no task.
 *
 * **asyncio**
 *
 * Not in asyncio, where a task of an
 * [`asyncio.TaskGroup`](https://docs.python.org/3/library/asyncio-task.html#asyncio.TaskGroup) stays in it.
 *
 * **Example** (A group that does not wait for the one that was promoted)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const session = async (group: asyncio.TaskGroup) => {
 *   group.createTask(() => asyncio.sleep("1 second"), { name: "edit" })
 *   const build = group.createTask(() => asyncio.sleep("1 hour"), { name: "build" })
 *   asyncio.promote(build)
 *   return { build }
 * }
 *
 * await asyncio.run(async () => {
 *   const { build } = await asyncio.taskGroup(session, { promotable: true })
 *   return [build.getName(), build.done(), build.detached]
 * }) // => ["build", false, true]
 * ```
 *
 * @category structure
 * @stability unstable
 * @since 0.1.0
 */
export const promote = (task: Task<unknown>): void => lowlevel.promoteUnsafe(toCoreQuery(task, "promote()") as never)
