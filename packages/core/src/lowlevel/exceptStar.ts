/**
 * Python's `except*`, for packages that run other kinds of coroutine.
 *
 * @since 0.1.0
 */
import type { ExceptionGroup } from "../ExceptionGroup.ts"
import * as internal from "../internal/model/exceptStar.ts"

export type { Clause } from "../internal/model/exceptStar.ts"

/**
 * An error out of which clauses take members, one clause after the other.
 *
 * @category for libraries
 * @since 0.1.0
 */
export interface ExceptStar {
  /** What a clause takes of what is left, nested as it was: the group for its handler, if there is one. */
  take(clause: internal.Clause<unknown>): ExceptionGroup | undefined
  /** The handler of `group` has raised `error`; the very group that it was given goes back to its place. */
  raised(group: ExceptionGroup, error: unknown): void
  /** What is raised in the end, if anything is. */
  ended(): { readonly error: unknown } | undefined
}

/**
 * The clauses that `operation` was given as classes and handlers in turn; `check` looks at a handler. A TypeError for what is no Error
 * class, and for ExceptionGroup.
 *
 * **Example** (Two clauses, and what they leave)
 *
 * ```ts import.meta.vitest
 * import { ExceptionGroup } from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const check = (handler: unknown) => lowlevel.checkFunction(handler, "tolerate()", "tolerate(RangeError, (group) => ...)")
 * const handlers = [RangeError, (group: ExceptionGroup) => String(group.errors), SyntaxError, () => "no JSON"]
 * const clauses = lowlevel.clausesOf<(group: ExceptionGroup) => string>(handlers, "tolerate()", check)
 *
 * const errors = lowlevel.exceptStar(new ExceptionGroup("three", [new RangeError("a"), new URIError("b"), new SyntaxError("c")]))
 * const seen: Array<string> = []
 * for (const clause of clauses) {
 *   const group = errors.take(clause)
 *   if (group !== undefined) seen.push(clause.handler(group))
 * }
 * [...seen, String(errors.ended()?.error)]
 * // => ["RangeError: a", "no JSON", "ExceptionGroup: three (1 sub-exception)"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const clausesOf: <Handler>(
  given: ReadonlyArray<unknown>,
  operation: string,
  check: (handler: unknown) => void
) => ReadonlyArray<internal.Clause<Handler>> = internal.clausesOf

/**
 * `error`, for clauses to take members out of it.
 *
 * **Example** (A handler that raises what it was given)
 *
 * ```ts import.meta.vitest
 * import { ExceptionGroup } from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const [clause] = lowlevel.clausesOf([RangeError, () => {}], "tolerate()", () => {})
 * const error = new ExceptionGroup("two", [new RangeError("a"), new SyntaxError("b")])
 *
 * const errors = lowlevel.exceptStar(error)
 * const group = errors.take(clause!)!
 * errors.raised(group, group)
 *
 * errors.ended()?.error === error // => true
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const exceptStar = (error: unknown): ExceptStar => new internal.ExceptStar(error)
