/**
 * Python's `except*`, for packages that run other kinds of coroutine.
 *
 * @since 0.1.0
 */
import * as exceptStar from "../internal/model/exceptStar.ts"

/**
 * An error out of which members were taken: `group` is for the handler, `rest` is left, and `after(raised)` gives what is raised in
 * the end where the handler has raised something.
 *
 * @category for libraries
 * @since 0.1.0
 */
export type Caught = Pick<exceptStar.Caught, "after" | "group" | "rest">

/**
 * What takes the members of `classes`, one class or a list, out of an error; it gives `undefined` where there are none. A TypeError,
 * in the name of `operation`, for what is no Error class and for ExceptionGroup.
 *
 * **Example** (The members of a class, and the rest)
 *
 * ```ts import.meta.vitest
 * import { ExceptionGroup } from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const take = lowlevel.catcherOf(RangeError, "tolerate()")
 * const caught = take(new ExceptionGroup("two", [new RangeError("a"), new SyntaxError("b")]))
 *
 * const seen = [take(new TypeError("c")), String(caught?.group.errors), String(caught?.rest?.errors)]
 * seen // => [undefined, "RangeError: a", "SyntaxError: b"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const catcherOf: (classes: unknown, operation: string) => (error: unknown) => Caught | undefined =
  exceptStar.catcherOf
