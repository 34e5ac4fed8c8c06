/**
 * Cancelling tasks and seeing to it that they end.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import type { TaskQuery } from "./findTasks.ts"
import { inScopeAsync } from "./internal/scopes.ts"
import { toCoreSelection } from "./given/queries.ts"
import { Task } from "./Task.ts"

/**
 * Cancels tasks, waits until they are done or the time is up, and reports what has become of each.
 *
 * **When to use**
 *
 * Use it to stop something for good: at the end of a session, for a stop button, before a restart. `task.cancel` only asks, and a task may
 * take as long as it likes; the report tells which have stopped, and of those that have not, what they wait for.
 *
 * **Details**
 *
 * Takes a task, or what says which are meant: a name, an id, labels, a function; or several of these. They are looked for among the tasks
 * of the running loop that are not done, without the one that asks. With `tree: true` what they have created is cancelled as well, the
 * oldest first. Each task is asked once, also where one waits for another.
 *
 * `timeout` in numbers is milliseconds; without it, all are waited for. Does not fail when the tasks do. Rejects with a TypeError for what
 * is neither a task nor says which are meant, and then no task is asked.
 *
 * **Cancellation**
 *
 * Ends the waiting; the tasks stay asked.
 *
 * **asyncio**
 *
 * Beyond asyncio: [`task.cancel()`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Task.cancel) for each, and
 * [`asyncio.wait(tasks, timeout=)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.wait).
 *
 * **Example** (Which tasks do not listen)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const stubborn = async () => {
 *   for (let i = 0; i < 2; i++) await asyncio.sleep("1 hour").catch(() => {})
 * }
 *
 * await asyncio.run(async () => {
 *   const tasks = [
 *     asyncio.createTask(stubborn, { name: "stubborn" }),
 *     asyncio.createTask(() => asyncio.sleep("1 hour"))
 *   ]
 *   await asyncio.sleep(0)
 *   const { cancelled, ignoring } = await asyncio.cancelAndWait(tasks, { timeout: 5, message: "shutting down" })
 *   return [cancelled.map((task) => task.getName()), ignoring.map(({ name, waitingFor }) => ({ name, waitingFor }))]
 * }) // => [["Task-2"], [{ name: "stubborn", waitingFor: ["<Future pending cb=[Task.task_wakeup()]>"] }]]
 * ```
 *
 * **Example** (By labels, with all that the tasks have created)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const hour = () => asyncio.sleep("1 hour")
 * const agent = async () => {
 *   asyncio.createTask(hour, { name: "helper" })
 * }
 *
 * await asyncio.run(async () => {
 *   await asyncio.createTask(agent, { labels: { job: 17 } })
 *   asyncio.createTask(() => asyncio.gather([hour]), { name: "worker", labels: { job: 17 } })
 *   await asyncio.sleep(0)
 *   const { cancelled, notFound } = await asyncio.cancelAndWait([{ job: 17 }, { job: 18 }], { tree: true })
 *   return [cancelled.map((task) => task.getName()), notFound]
 * }) // => [["worker", "Task-3"], [{ job: 18 }]]
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const cancelAndWait: {
  <T extends Task<unknown>>(
    task: T,
    options?: asyncio.CancelAndWaitOptions & { readonly tree?: false | undefined }
  ): Promise<asyncio.CancelReport<T>>
  <T extends Task<unknown>>(
    tasks: Iterable<T>,
    options?: asyncio.CancelAndWaitOptions & { readonly tree?: false | undefined }
  ): Promise<asyncio.CancelReport<T>>
  (
    tasks: Task<unknown> | TaskQuery | Iterable<Task<unknown> | TaskQuery>,
    options?: asyncio.CancelAndWaitOptions
  ): Promise<asyncio.CancelReport<Task<unknown>>>
} = (tasks: unknown, options?: asyncio.CancelAndWaitOptions): Promise<never> =>
  inScopeAsync("cancelAndWait()", async (scope) => {
    const selection = toCoreSelection(tasks, "cancelAndWait()")
    return fromCore(await scope.run(asyncio.cancelAndWait(selection as asyncio.TaskQuery, options))) as never
  })

const fromCore = (report: asyncio.CancelReport): asyncio.CancelReport<Task<unknown>> => {
  const { cancelled, failed, finished, ignoring, notFound } = report
  return {
    cancelled: cancelled.map((core) => Task.of(core)),
    finished: finished.map((core) => Task.of(core)),
    failed: failed.map((core) => Task.of(core)),
    ignoring: ignoring.map((each) => ({ ...each, task: Task.of(each.task) })),
    notFound
  }
}
