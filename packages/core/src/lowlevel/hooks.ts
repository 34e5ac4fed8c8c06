/**
 * Hearing of what goes wrong on any loop, and having a run let itself be looked into.
 *
 * @since 0.1.0
 */
import { hooks } from "../internal/loop/hooks.ts"
import type { EventLoop, ExceptionContext } from "../internal/model/EventLoop.ts"
import type { Task } from "../internal/model/Task.ts"
import { type Inspector, setInspector } from "../internal/run/inspector.ts"

/**
 * Has `listener` hear of all that any loop reports, before the loop's exception handler does: it may look, and must not throw. Gives
 * what ends that.
 *
 * **Example** (A failure that no code has retrieved)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const messages: Array<string> = []
 * const stop = lowlevel.onReportUnsafe((_, { message }) => messages.push(message))
 * const main = Effect.gen(function*() {
 *   yield* (yield* asyncio.getRunningLoop).setExceptionHandler(() => {})
 *   yield* asyncio.createTask(Effect.fail("no"))
 *   yield* asyncio.sleep(0)
 * })
 *
 * await asyncio.run(main)
 * stop()
 * messages // => ["Task exception was never retrieved"]
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const onReportUnsafe = (listener: (loop: EventLoop, context: ExceptionContext) => void): (() => void) =>
  listening(hooks.reports, listener)

/**
 * Has `listener` hear of the tasks that any run leaves behind, when its main task is done and before they are cancelled: it may look, and
 * must not throw. Gives what ends that.
 *
 * **Example** (What is left)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const names: Array<string> = []
 * const stop = lowlevel.onLeftoversUnsafe((_, tasks) => names.push(...tasks.map((task) => task.getName())))
 *
 * await asyncio.run(asyncio.createTask(asyncio.sleep("1 hour"), { name: "forgotten" }))
 * stop()
 * names // => ["forgotten"]
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const onLeftoversUnsafe = (
  listener: (loop: EventLoop, tasks: ReadonlyArray<Task<unknown, unknown>>) => void
): (() => void) => listening(hooks.leftovers, listener)

const listening = <T>(listeners: Set<T>, listener: T): (() => void) => {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/**
 * What the option `inspect` of a run calls, with its options, and awaits before the run begins: `@effect-asyncio/inspect` gives it. Without
 * one that package is imported by its name.
 *
 * **Example** (An inspector of one's own)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const given: Array<object> = []
 * lowlevel.setInspectorUnsafe(async (options) => given.push(options))
 * await asyncio.run(asyncio.sleep(0), { inspect: { name: "api" } })
 * lowlevel.setInspectorUnsafe(undefined)
 *
 * given // => [{ name: "api" }]
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const setInspectorUnsafe = (inspector: Inspector | undefined): void => setInspector(inspector)
