/**
 * What core's own runs do, for packages that run other kinds of coroutine and are to do the same.
 *
 * @since 0.1.0
 */
import type { EventLoop } from "../EventLoop.ts"
import * as nesting from "../internal/host/nesting.ts"
import { reportRestart } from "../internal/combine/restart.ts"
import * as model from "../internal/model/defaultPatience.ts"
import { checkOutside as check } from "../internal/run/run.ts"
import type { Task } from "../Task.ts"

/**
 * Throws a RuntimeError where the calling code is inside of a running loop, in which `operation` would run another one. `isInside`
 * says so where a package knows it better: behind an `await`, say.
 *
 * **Example** (A server that wants a loop of its own)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const serve = (): string => {
 *   lowlevel.checkOutside("serve()")
 *   return "serving"
 * }
 *
 * const inside = Effect.catchDefect(Effect.sync(serve), (defect) => Effect.succeed(String(defect)))
 * const seen = [serve(), await asyncio.run(inside)]
 * seen // => ["serving", "RuntimeError: serve() cannot be called from a running event loop"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const checkOutside: (operation: string, isInside?: boolean) => void = check

export type { Nesting } from "../internal/host/nesting.ts"

/**
 * Counts calls that a program can nest at will: each takes a part of JavaScript's stack. `isDeep` says that there are `deepest`, and what is
 * next better begins on a stack of its own.
 *
 * **Example** (At most two at once on the stack)
 *
 * ```ts import.meta.vitest
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const { isDeep, nested } = lowlevel.makeNesting(2)
 * const levels = (): number => (isDeep() ? 0 : nested(() => 1 + levels()))
 *
 * levels() // => 2
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const makeNesting: (deepest: number) => nesting.Nesting = nesting.makeNesting

/**
 * How long what was asked to end, and hangs on something that does not listen, is waited for where no option says how long: in
 * milliseconds. `run` waits so long for tasks when a signal ends the program, and `mapTasks` for an iterator that does not answer.
 *
 * **Example** (Closing, with an end)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
 * import { Effect } from "effect"
 *
 * const closed = Effect.never
 * const close = asyncio.timeout(lowlevel.defaultPatience, closed).pipe(Effect.catchTag("TimeoutError", () => Effect.succeed("given up")))
 *
 * await asyncio.run(close, { loopFactory: makeVirtualTimeLoop }) // => "given up"
 * lowlevel.defaultPatience // => 5000
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const defaultPatience: number = model.defaultPatience

/**
 * Tells the loop's exception handler that a coroutine of `task` has failed with `error`, and is run again after `delay` milliseconds: as
 * `restart` does where it is given no `onRestart`.
 *
 * **Example** (What the handler is told)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const lines: Array<string> = []
 * const main = Effect.map(asyncio.currentTask, (task) => {
 *   task.loop.setExceptionHandlerUnsafe((_, { message }) => lines.push(message))
 *   lowlevel.reportRestartUnsafe(task.loop, task, new Error("crash"), 100)
 * })
 *
 * await asyncio.run(main, { name: "worker" })
 * lines // => ["worker has failed and is begun again in 100 ms"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const reportRestartUnsafe: (
  loop: EventLoop,
  task: Task<unknown, unknown> | undefined,
  error: unknown,
  delay: number
) => void = reportRestart
