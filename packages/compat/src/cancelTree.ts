/**
 * Cancelling a task with all that it has created.
 *
 * @since 0.1.0
 */
import type * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { current } from "./internal/current.ts"
import { toCoreQuery } from "./given/queries.ts"
import { Task } from "./Task.ts"

/**
 * Asks a task to cancel itself, and every task that it has created, directly or by way of others, and gives those that it has asked,
 * the oldest first. Does not wait.
 *
 * **When to use**
 *
 * Use it to stop all of a piece of work that makes tasks wherever it likes: an agent, a job, a session. A `taskGroup` stops its own tasks;
 * this reaches those that `createTask` has made in any depth, also when the task that made them is over.
 *
 * **Details**
 *
 * Tasks that were made with `detached: true`, or that `promote` has made so, go on, with what they have created; the task itself is
 * asked in any case. Each is asked once, in the order they were made, also where one waits for another, or a group passes on what it
 * was asked. A task that is made later, in a `finally` for one, is not asked. Throws a TypeError for what is no task.
 *
 * **Cancellation**
 *
 * Asking is no cancellation point. A task that asks for a tree to which it belongs is asked as well, and sees it at its next await.
 *
 * **asyncio**
 *
 * Python does not know which task has created a task; programs keep their tasks in sets and call
 * [`task.cancel()`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Task.cancel) for each.
 *
 * **Example** (Stopping a task with its helpers, and not what goes on in the background)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const hour = () => asyncio.sleep("1 hour")
 * const agent = async () => {
 *   asyncio.createTask(hour, { name: "helper" })
 *   asyncio.createTask(hour, { name: "index", detached: true })
 * }
 *
 * await asyncio.run(async () => {
 *   const task = asyncio.createTask(agent, { name: "agent" })
 *   await task
 *   return asyncio.cancelTree(task, "stop").map((task) => task.getName())
 * }) // => ["helper"]
 * ```
 *
 * @see {@link cancelAndWait} with `tree: true` to wait for them
 * @category cancellation
 * @stability unstable
 * @since 0.1.0
 */
export const cancelTree = (
  task: Task<unknown>,
  message?: string,
  options?: asyncio.CancelOptions
): ReadonlyArray<Task<unknown>> =>
  lowlevel
    .cancelTreeUnsafe(toCoreQuery(task, "cancelTree()") as never, message, options, current()?.task)
    .map((core) => Task.of(core))
