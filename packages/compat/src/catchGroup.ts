/**
 * Handling some of the errors of a group.
 *
 * @since 0.1.0
 */
import type { ErrorClass, ErrorClasses, ExceptionGroup } from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { raised } from "./internal/arrival.ts"
import { isDeep, nested } from "./internal/promiseScope.ts"
import { inScopeAsync } from "./internal/scopes.ts"

/** The instances of one class, or of several. */
type InstancesOf<M> = M extends ErrorClass
  ? InstanceType<M>
  : M extends ReadonlyArray<infer C extends ErrorClass>
    ? InstanceType<C>
    : never

type Body<A> = () => PromiseLike<A> | A
type Handler<M, B> = (group: ExceptionGroup<InstancesOf<M>>) => PromiseLike<B> | B

/**
 * Runs `body`; the errors of `classes`, alone or in an {@link ExceptionGroup} however deep, go to `handler`, as one group. The rest of the
 * group is thrown on. With several clauses, classes and handlers in turn, each gets its part of what those before it have left.
 *
 * **When to use**
 *
 * Around a task group, whose failures are a group even where there is one. For a whole group there is `catch`.
 *
 * **Details**
 *
 * The handler's group, and the rest, are nested as they were. An error that is no group comes as the one member of a group
 * with an empty message. When nothing is left over, it goes on with what the handler gives; of several, the last that ran. What handlers
 * throw is put into one group with the rest, `new ExceptionGroup("", [thrown, rest])`; the very group that a handler was given goes back
 * to its place, as if it had not been taken out. The clauses behind it run all the same, and do not see what it has thrown. What another
 * `catchGroup` around this one sees is the outcome of this one. There is room for three clauses.
 *
 * Rejects with a TypeError for what is no Error class, and for ExceptionGroup itself, before the body runs.
 *
 * **Cancellation**
 *
 * A cancellation passes, also for `catchGroup(body, Error, handler)`: only a call that names `CancelledError` catches it. Use
 * {@link catchCancelled} for that.
 *
 * **asyncio**
 *
 * Python's [`except*`](https://docs.python.org/3/reference/compound_stmts.html#except-star), PEP 654. A cancellation that the handler
 * ends with stays a cancellation where nothing else is left; in Python it comes out in a group.
 *
 * **Example** (What can be tried again, and the rest)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const lines: Array<string> = []
 * const main = () =>
 *   asyncio.taskGroup(async (group) => {
 *     group.createTask(() => Promise.reject(new RangeError("too big")))
 *     group.createTask(() => Promise.reject(new SyntaxError("no JSON")))
 *   })
 *
 * await asyncio.run(async () => {
 *   try {
 *     await asyncio.catchGroup(main, RangeError, (group) => lines.push(`handled: ${group.leaves().map(String)}`))
 *   } catch (error) {
 *     if (error instanceof asyncio.ExceptionGroup) lines.push(`left: ${error.leaves().map(String)}`)
 *   }
 * })
 * lines // => ["handled: RangeError: too big", "left: SyntaxError: no JSON"]
 * ```
 *
 * @see {@link ExceptionGroup} for taking a group apart by hand
 * @category structure
 * @stability unstable
 * @since 0.1.0
 */
export const catchGroup: {
  <A, B, const M extends ErrorClasses>(body: Body<A>, classes: M, handler: Handler<M, B>): Promise<A | B>
  <A, B, const M extends ErrorClasses, B2, const M2 extends ErrorClasses>(
    body: Body<A>,
    classes: M,
    handler: Handler<M, B>,
    classes2: M2,
    handler2: Handler<M2, B2>
  ): Promise<A | B | B2>
  <A, B, const M extends ErrorClasses, B2, const M2 extends ErrorClasses, B3, const M3 extends ErrorClasses>(
    body: Body<A>,
    classes: M,
    handler: Handler<M, B>,
    classes2: M2,
    handler2: Handler<M2, B2>,
    classes3: M3,
    handler3: Handler<M3, B3>
  ): Promise<A | B | B2 | B3>
} = (body: Body<unknown>, ...given: ReadonlyArray<unknown>): Promise<any> =>
  inScopeAsync("catchGroup()", async (scope) => {
    const example = "catchGroup(async () => ..., TypeError, async (group) => ...)"
    lowlevel.checkFunction(body, "catchGroup()", example)
    const clauses = lowlevel.clausesOf<(group: ExceptionGroup) => unknown>(given, "catchGroup()", (handler) =>
      lowlevel.checkFunction(handler, "catchGroup()", example)
    )
    let errors: lowlevel.ExceptStar
    try {
      if (isDeep()) await Promise.resolve()
      return await nested(body)
    } catch (error) {
      errors = lowlevel.exceptStar(raised(scope, error))
    }
    let value: unknown
    for (const clause of clauses) {
      const group = errors.take(clause)
      if (group === undefined) continue
      try {
        value = await clause.handler(group)
      } catch (error) {
        errors.raised(group, raised(scope, error))
      }
    }
    const ended = errors.ended()
    if (ended !== undefined) throw ended.error
    return value
  })
