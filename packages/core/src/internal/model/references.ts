/**
 * What a fiber knows of its task and its loop.
 */
import * as Context from "effect/Context"
import type { EventLoop } from "./EventLoop.ts"
import type { Task } from "./Task.ts"

/**
 * The task that the fiber runs in, `undefined` outside any task.
 *
 * **When to use**
 *
 * Use it to look without side effects. {@link currentTask} is for programs: it adopts a fiber that is in no task.
 *
 * **Example** (A look that makes no task)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const whoAmI = Effect.map(asyncio.CurrentTask, (task) => task?.getName() ?? "nobody")
 *
 * const seen = [await Effect.runPromise(whoAmI), await asyncio.run(whoAmI)]
 * seen // => ["nobody", "Task-1"]
 * ```
 *
 * @category references
 * @since 0.1.0
 */
export const CurrentTask: Context.Reference<Task<unknown, unknown> | undefined> = /*#__PURE__*/ Context.Reference(
  "@effect-asyncio/core/CurrentTask",
  { defaultValue: (): Task<unknown, unknown> | undefined => undefined }
)

/**
 * A loop that ends, and with it the tasks on it: that of a run, of `withLoop`, or of a `layer`.
 *
 * **When to use**
 *
 * Ask for it where a service makes tasks with `createTask`: then its type says that it has to be built on top of `layer()`.
 * Where it is built beside it, its tasks would be on the loop of the clock, and would never be ended.
 *
 * **Example** (A service that has to be built on top of a loop)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Context, Effect, Layer } from "effect"
 *
 * class Db extends Context.Service<Db, string>()("Db") {}
 * const live = Layer.effect(Db, Effect.as(asyncio.Loop, "connected"))
 *
 * // Not `Layer.merge(live, asyncio.layer())`, which still needs a Loop
 * const services = Layer.provideMerge(live, asyncio.layer())
 *
 * await Effect.runPromise(Effect.provide(Db, services)) // => "connected"
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class Loop extends Context.Service<Loop, EventLoop>()("@effect-asyncio/core/Loop") {}

/**
 * The event loop that tasks made by the fiber belong to, `undefined` where the loop of the fiber's `Clock` serves.
 *
 * **Example** (Inside of a run and outside)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const hasLoop = Effect.map(asyncio.RunningLoop, (loop) => loop !== undefined)
 *
 * const seen = [await Effect.runPromise(hasLoop), await asyncio.run(hasLoop)]
 * seen // => [false, true]
 * ```
 *
 * @category references
 * @since 0.1.0
 */
export const RunningLoop: Context.Reference<EventLoop | undefined> = /*#__PURE__*/ Context.Reference(
  "@effect-asyncio/core/RunningLoop",
  { defaultValue: (): EventLoop | undefined => undefined }
)
