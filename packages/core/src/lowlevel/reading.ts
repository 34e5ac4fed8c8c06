/**
 * Looking at what a program has thrown or given: its getters and proxies may throw themselves. Nothing here does.
 *
 * @since 0.1.0
 */
import * as text from "../internal/data/text.ts"

/**
 * What Node.js, Bun and Deno look for on an object that they print: a method that gives its text.
 *
 * **Example** (A class that prints as its text)
 *
 * ```ts import.meta.vitest
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { inspect } from "node:util"
 *
 * class Pool {
 *   toString(): string {
 *     return "<Pool size=3>"
 *   }
 *   [lowlevel.inspect](): string {
 *     return this.toString()
 *   }
 * }
 *
 * inspect(new Pool()) // => "<Pool size=3>"
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom")

/**
 * What `read` gives, or `otherwise` where it throws.
 *
 * **Example** (A getter that throws)
 *
 * ```ts import.meta.vitest
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const given = {
 *   get name(): string {
 *     throw new Error("no name")
 *   }
 * }
 *
 * lowlevel.safely(() => given.name, "unknown") // => "unknown"
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const safely: <A, B>(read: () => A, otherwise: B) => A | B = text.safely

/**
 * Whether a value is an instance of a class. A proxy may not even let itself be asked.
 *
 * **Example** (A proxy that was revoked)
 *
 * ```ts import.meta.vitest
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const { proxy, revoke } = Proxy.revocable({}, {})
 * revoke()
 *
 * const answers = [lowlevel.isInstance(proxy, Error), lowlevel.isInstance(new TypeError(), Error)]
 * answers // => [false, true]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const isInstance: <T>(value: unknown, type: abstract new (...args: never) => T) => value is T = text.isInstance

/**
 * The name of a function or a class; empty where it has none, or one that is no string or cannot be read.
 *
 * **Example** (A function without a name)
 *
 * ```ts import.meta.vitest
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const names = [lowlevel.nameOf(Map), lowlevel.nameOf(() => {}), lowlevel.nameOf(undefined)]
 * names // => ["Map", "", ""]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const nameOf: (named: unknown) => string = text.nameOf

/**
 * A text as it prints inside of another one: of one line, of bounded length, with what cannot be seen escaped.
 *
 * **Example** (A name of two lines)
 *
 * ```ts import.meta.vitest
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * lowlevel.plain("first\nsecond") // => "first\\nsecond"
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const plain: (text: string) => string = text.plain
