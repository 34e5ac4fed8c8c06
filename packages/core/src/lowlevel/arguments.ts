/**
 * Looking at arguments, and saying what is wrong with them.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as args from "../internal/model/arguments.ts"

export { setAmbientTask, unexpectedValue, withHint } from "../internal/model/hints.ts"

/**
 * A delay in milliseconds, for functions that take one. A ValueError for NaN, a TypeError for what is no duration.
 *
 * **Example** (What a delay may be)
 *
 * ```ts import.meta.vitest
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const delays = [lowlevel.toMillis(250), lowlevel.toMillis("2 seconds"), lowlevel.toMillis({ minutes: 1 })]
 * delays // => [250, 2000, 60_000]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const toMillis: (delay: Duration.Input) => number = args.toMillis

/**
 * Throws a TypeError where `options` of `operation` are given and are no object; `example` shows what they look like.
 *
 * **Example** (A bare number in place of options)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const connect = (options?: { readonly retries?: number }) =>
 *   Effect.sync(() => {
 *     lowlevel.checkOptions(options, "connect()", "{ retries: 3 }")
 *     return options?.retries ?? 0
 *   })
 *
 * const fromJavaScript = connect(3 as never)
 * const main = Effect.catchDefect(fromJavaScript, (defect) => Effect.succeed(String(defect)))
 *
 * await asyncio.run(main) // => "TypeError: an object of options was expected by connect(), got 3"
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const checkOptions: (options: unknown, operation: string, example: string) => void = args.checkOptions

/**
 * Throws a TypeError where `value`, an argument of `operation`, is no function; `example` shows the call.
 *
 * **Example** (A generator function, whose call would run nothing)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const onMessage = (handler: (message: string) => unknown) =>
 *   Effect.sync(() => {
 *     lowlevel.checkFunction(handler, "onMessage()", "onMessage((message) => ...)")
 *     return "registered"
 *   })
 *
 * const wrong = onMessage(function*() {})
 * const seen = [
 *   await asyncio.run(onMessage((message) => message)),
 *   await asyncio.run(Effect.catchDefect(wrong, () => Effect.succeed("refused")))
 * ]
 * seen // => ["registered", "refused"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const checkFunction: (value: unknown, operation: string, example: string) => void = args.checkFunction
