/**
 * Trees of tasks, for packages on top of this one whose code is no Effect.
 *
 * @since 0.1.0
 */
import { promoteTask } from "../internal/combine/promote.ts"
import { checkTask } from "../internal/combine/selection.ts"
import type { CancelOptions } from "../internal/model/cancellationKinds.ts"
import type { Task } from "../internal/model/Task.ts"
import { newRequest, placeOfRequest } from "../internal/task/future.ts"
import type { TaskImpl } from "../internal/task/task.ts"
import { askTree } from "../internal/task/tree.ts"

/**
 * `cancelTree` of core for callers outside of Effect.
 *
 * **Example** (In a callback of the loop)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   const hour = yield* asyncio.createTask(asyncio.sleep("1 hour"))
 *   yield* loop.callLater(5, () => lowlevel.cancelTreeUnsafe(hour, "late"))
 *   return yield* Effect.catchTag(hour, "CancelledError", (error) => Effect.succeed(error.reason))
 * })
 *
 * await asyncio.run(main) // => "late"
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const cancelTreeUnsafe = (
  task: Task<unknown, unknown>,
  message?: string,
  options?: CancelOptions,
  requestedBy?: Task<unknown, unknown>
): ReadonlyArray<Task<unknown, unknown>> => {
  const root = checkTask(task, "cancelTree()")
  return askTree(
    root,
    newRequest(root.loop, message, options, requestedBy as TaskImpl | undefined, placeOfRequest(root.loop))
  )
}

/**
 * `promote` of core for callers outside of Effect.
 *
 * **Example** (In a callback of the loop)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const session = (group: asyncio.TaskGroup) => Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   const build = yield* group.createTask(asyncio.sleep("1 hour"))
 *   yield* loop.callLater(5, () => lowlevel.promoteUnsafe(build))
 *   return build
 * })
 *
 * const main = Effect.map(asyncio.taskGroup(session, { promotable: true }), (build) => build.done())
 *
 * await asyncio.run(main) // => false
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const promoteUnsafe = (task: Task<unknown, unknown>): void => promoteTask(checkTask(task, "promote()"))
