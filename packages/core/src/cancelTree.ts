/**
 * Cancelling a task with all that it has created.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { RunningLoop } from "./fiberRefs.ts"
import { checkTask } from "./internal/combine/selection.ts"
import type { EventLoopImpl } from "./internal/make/eventLoop.ts"
import { loopOf } from "./internal/make/loops.ts"
import type { CancelOptions } from "./internal/model/cancellationKinds.ts"
import type { Task } from "./internal/model/Task.ts"
import { newRequest, placeOfRequest } from "./internal/task/future.ts"
import { askTree } from "./internal/task/tree.ts"

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
 * was asked. A task that is made later, in a cleanup for one, is not asked.
 *
 * Something that is no task is a defect, TypeError.
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
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const hour = asyncio.sleep("1 hour")
 * const agent = Effect.gen(function*() {
 *   yield* asyncio.createTask(hour, { name: "helper" })
 *   yield* asyncio.createTask(hour, { name: "index", detached: true })
 * })
 *
 * const main = Effect.gen(function*() {
 *   const task = yield* asyncio.createTask(agent, { name: "agent" })
 *   yield* task
 *   const asked = yield* asyncio.cancelTree(task, "stop")
 *   return asked.map((task) => task.getName())
 * })
 *
 * await asyncio.run(main) // => ["helper"]
 * ```
 *
 * @see {@link cancelAndWait} with `tree: true` to wait for them
 * @category cancellation
 * @stability unstable
 * @since 0.1.0
 */
export const cancelTree = (
  task: Task<unknown, unknown>,
  message?: string,
  options?: CancelOptions
): Effect.Effect<ReadonlyArray<Task<unknown, unknown>>> => {
  // Taken here: when the effect runs, the line that asks is no longer on the stack.
  const running = Fiber.getCurrent()?.getRef(RunningLoop) as EventLoopImpl | undefined
  const requestedAt = running === undefined ? undefined : placeOfRequest(running)
  return Effect.withFiberSucceed((fiber) => {
    const root = checkTask(task, "cancelTree()")
    return askTree(root, newRequest(loopOf(fiber), message, options, undefined, requestedAt))
  })
}
