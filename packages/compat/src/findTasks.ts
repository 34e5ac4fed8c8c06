/**
 * Finding tasks by what is known of them.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import { runNow } from "./internal/current.ts"
import { toCoreQuery } from "./given/queries.ts"
import { Task } from "./Task.ts"

/**
 * Which tasks are meant: those with a name, the one with an id, those with these labels, and perhaps others, or those for which a
 * function gives true.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export type TaskQuery = string | number | asyncio.Labels | ((task: Task<unknown>) => boolean)

/**
 * The task of the running loop with a name, or with an id; undefined where there is none that is not done. Of several with the name,
 * the oldest.
 *
 * **When to use**
 *
 * Use it where a task is known by something that has come from outside: the id in a request, the name in a command.
 *
 * **asyncio**
 *
 * Python has no such function; programs go through
 * [`asyncio.all_tasks()`](https://docs.python.org/3/library/asyncio-task.html#asyncio.all_tasks).
 *
 * **Example** (Stopping a task by its name)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const worker = asyncio.createTask(() => asyncio.sleep("1 hour"), { name: "worker" })
 *   const found = [asyncio.findTask("worker"), asyncio.findTask(worker.id), asyncio.findTask("nobody")]
 *   return found.map((task) => task?.getName())
 * }) // => ["worker", "worker", undefined]
 * ```
 *
 * @see {@link findTasks} for more than one
 * @category getters
 * @stability unstable
 * @since 0.1.0
 */
export const findTask = (nameOrId: string | number): Task<unknown> | undefined => {
  const found = runNow(asyncio.findTask(nameOrId))
  return found === undefined ? undefined : Task.of(found)
}

/**
 * The tasks of the running loop that a query means and that are not done, in the order they were made.
 *
 * **Details**
 *
 * With several labels those are meant that have all of them.
 *
 * **asyncio**
 *
 * Python has no labels, and no such function; programs filter
 * [`asyncio.all_tasks()`](https://docs.python.org/3/library/asyncio-task.html#asyncio.all_tasks).
 *
 * **Example** (The tasks of a job)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   for (const job of [17, 17, 18]) asyncio.createTask(() => asyncio.sleep("1 hour"), { labels: { job } })
 *   const found = [asyncio.findTasks({ job: 17 }), asyncio.findTasks((task) => Number(task.labels.job) > 17)]
 *   return found.map((tasks) => tasks.map((task) => task.getName()))
 * }) // => [["Task-2", "Task-3"], ["Task-4"]]
 * ```
 *
 * @see {@link cancelAndWait} to stop them
 * @category getters
 * @stability unstable
 * @since 0.1.0
 */
export const findTasks = (query: TaskQuery): ReadonlyArray<Task<unknown>> =>
  runNow(asyncio.findTasks(toCoreQuery(query, "findTasks()") as asyncio.TaskQuery)).map((core) => Task.of(core))
