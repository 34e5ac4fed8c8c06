/**
 * Finding tasks by what is known of them.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { matching } from "./internal/combine/selection.ts"
import { loopOf } from "./internal/make/loops.ts"
import { unexpectedValue } from "./internal/model/hints.ts"
import type { Task } from "./internal/model/Task.ts"
import type { TaskQuery } from "./internal/model/TaskQuery.ts"

export type { TaskQuery } from "./internal/model/TaskQuery.ts"

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
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const worker = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "worker" })
 *   const found = yield* asyncio.findTask("worker")
 *   return [found === worker, (yield* asyncio.findTask(worker.id)) === worker, yield* asyncio.findTask("nobody")]
 * })
 *
 * await asyncio.run(main) // => [true, true, undefined]
 * ```
 *
 * @see {@link findTasks} for more than one
 * @category getters
 * @stability unstable
 * @since 0.1.0
 */
export const findTask = (nameOrId: string | number): Effect.Effect<Task<unknown, unknown> | undefined> =>
  Effect.withFiberSucceed((fiber) => {
    const loop = loopOf(fiber)
    if (typeof nameOrId !== "string" && typeof nameOrId !== "number") {
      // When: `findTask` got neither a name nor an id.
      throw unexpectedValue(
        "a name or an id was expected by findTask()",
        nameOrId,
        "Use `findTasks` for anything else."
      )
    }
    return matching(nameOrId, loop.allTasksUnsafe(), "findTask()")[0]
  })

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
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   for (const job of [17, 17, 18]) yield* asyncio.createTask(asyncio.sleep("1 hour"), { labels: { job } })
 *   const ofJob = yield* asyncio.findTasks({ job: 17 })
 *   const later = yield* asyncio.findTasks((task) => Number(task.labels.job) > 17)
 *   return [ofJob, later].map((tasks) => tasks.map((task) => task.getName()))
 * })
 *
 * await asyncio.run(main) // => [["Task-2", "Task-3"], ["Task-4"]]
 * ```
 *
 * @see {@link cancelAndWait} to stop them
 * @category getters
 * @stability unstable
 * @since 0.1.0
 */
export const findTasks = (query: TaskQuery): Effect.Effect<ReadonlyArray<Task<unknown, unknown>>> =>
  Effect.withFiberSucceed((fiber) => matching(query, loopOf(fiber).allTasksUnsafe(), "findTasks()"))
