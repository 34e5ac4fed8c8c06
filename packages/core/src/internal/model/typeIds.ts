/**
 * The marks by which futures and tasks are known at run time, whichever copy of the package has made them.
 */

/**
 * Marks futures at run time.
 *
 * **Example** (A mark that needs no import)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   const future = yield* loop.createFuture<string>()
 *   return ["~@effect-asyncio/core/Future" in future, "~@effect-asyncio/core/Task" in future]
 * })
 *
 * await asyncio.run(main) // => [true, false]
 * ```
 *
 * @category symbols
 * @since 0.1.0
 */
export const FutureTypeId = "~@effect-asyncio/core/Future" as const

/**
 * Marks tasks at run time.
 *
 * **Example** (A mark that needs no import)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.map(asyncio.currentTask, (task) => "~@effect-asyncio/core/Task" in task)
 *
 * await asyncio.run(main) // => true
 * ```
 *
 * @category symbols
 * @since 0.1.0
 */
export const TaskTypeId = "~@effect-asyncio/core/Task" as const
