/**
 * Handling some of the errors of a group.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Result from "effect/Result"
import type { CancelledError } from "./errors.ts"
import type { ExceptionGroup } from "./ExceptionGroup.ts"
import { checkEffect } from "./internal/model/arguments.ts"
import {
  checkMaker,
  effectOf,
  type Made,
  type MadeError,
  type MadeServices,
  type MadeSuccess
} from "./internal/model/bodies.ts"
import type { Accepted, Matching, Unmatched } from "./internal/model/ExceptionGroup.ts"
import { type Caught, catcherOf, type ErrorClasses } from "./internal/model/exceptStar.ts"

export type { ErrorClasses } from "./internal/model/exceptStar.ts"

/** The errors in the groups out of `E`. */
type MembersOf<E> = E extends ExceptionGroup<infer Member> ? Member : never

type GroupOf<Member> = [Member] extends [never] ? never : ExceptionGroup<Member>

/** The errors of `E`, each alone, among which the handler finds its own. A cancellation is none, unless its class is named. */
type Handled<E, T> = Matching<Error extends T ? Exclude<E, CancelledError> : E, T>

/** The group that the handler of the classes `M` is given. */
type Given<E, M> = ExceptionGroup<Handled<Exclude<E, ExceptionGroup> | MembersOf<E>, Accepted<M>>>

/** What the handler's errors are where an error stood alone; a cancellation of another task is alone in any case. */
type RaisedAlone<E, M, E2> = [Handled<Exclude<E, ExceptionGroup>, Accepted<M>>] extends [never]
  ? Extract<E2, CancelledError>
  : E2

/** What is failed with in the end. */
type Left<E, M, E2> = Unmatched<Exclude<E, ExceptionGroup>, Accepted<M>> | RaisedAlone<E, M, E2> | LeftInGroup<E, M, E2>

/** The group of what is left of the groups and of the handler's errors. */
type LeftInGroup<E, M, E2> = [Extract<E, ExceptionGroup>] extends [never]
  ? never
  : GroupOf<Unmatched<MembersOf<E>, Accepted<M>> | Exclude<E2, CancelledError | ExceptionGroup> | MembersOf<E2>>

/**
 * Runs `self`; the errors of `classes`, alone or in an {@link ExceptionGroup} however deep, go to `handler`, as one group. The rest of the
 * group fails on.
 *
 * **When to use**
 *
 * Around a task group, whose failures are a group even where there is one. For a whole group there is `Effect.catchTag`.
 *
 * **Details**
 *
 * The handler's group, and the rest, are nested as they were. An error that is no group comes as the one member of a group
 * with an empty message. When nothing is left over, it goes on with what the handler gives. What the handler fails with is put into
 * one group with the rest, `new ExceptionGroup("", [raised, rest])`; the very group that it was given goes back to its
 * place, as if it had not been taken out. What another `catchGroup` around this one sees is the outcome of this one.
 *
 * A defect: a TypeError for what is no Error class, and for ExceptionGroup itself.
 *
 * **Cancellation**
 *
 * A cancellation is no member of `Error`: name `CancelledError` to catch that of another task. The task's own is for
 * {@link catchCancelled}.
 *
 * **asyncio**
 *
 * Python's [`except*`](https://docs.python.org/3/reference/compound_stmts.html#except-star), PEP 654. A cancellation that the handler
 * ends with stays a cancellation where nothing else is left; in Python it comes out in a group.
 *
 * **Example** (What can be tried again, and the rest)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Data, Effect } from "effect"
 *
 * class Refused extends Data.TaggedError("Refused")<{ readonly host: string }> {}
 * class Invalid extends Data.TaggedError("Invalid")<{ readonly line: number }> {}
 *
 * const lines: Array<string> = []
 * const main = asyncio.taskGroup((group: asyncio.TaskGroup<Refused | Invalid>) => Effect.gen(function*() {
 *   yield* group.createTask(Effect.fail(new Refused({ host: "a" })))
 *   yield* group.createTask(Effect.fail(new Invalid({ line: 3 })))
 * })).pipe(
 *   asyncio.catchGroup(Refused, (refused) => Effect.sync(() => lines.push(...refused.leaves().map((error) => error.host)))),
 *   asyncio.catchGroup(Invalid, (invalid) => Effect.sync(() => lines.push(`line ${invalid.leaves()[0]?.line}`)))
 * )
 *
 * await asyncio.run(main)
 * lines // => ["a", "line 3"]
 * ```
 *
 * @see {@link ExceptionGroup} for taking a group apart by hand
 * @category structure
 * @stability unstable
 * @since 0.1.0
 */
export const catchGroup: {
  <const M extends ErrorClasses, E, H extends Made>(
    classes: M,
    handler: (group: Given<E, M>) => H
  ): <A, R>(
    self: Effect.Effect<A, E, R>
  ) => Effect.Effect<A | MadeSuccess<H>, Left<E, M, MadeError<H>>, R | MadeServices<H>>
  <A, E, R, const M extends ErrorClasses, H extends Made>(
    self: Effect.Effect<A, E, R>,
    classes: M,
    handler: (group: Given<E, M>) => H
  ): Effect.Effect<A | MadeSuccess<H>, Left<E, M, MadeError<H>>, R | MadeServices<H>>
} = /*#__PURE__*/ dual(
  3,
  <A, E, R>(
    self: Effect.Effect<A, E, R>,
    classes: unknown,
    handler: (group: ExceptionGroup) => Made
  ): Effect.Effect<A, unknown, R> =>
    Effect.suspend(() => {
      const catcher = catcherOf(classes, "catchGroup()")
      checkMaker(handler, "catchGroup()", "catchGroup(body, TypeError, (group) => ...)")
      checkEffect(self, "catchGroup()")
      return Effect.catchCause(self, (cause) => {
        const failure = Cause.findError(cause)
        const caught = Result.isSuccess(failure) ? catcher(failure.success) : undefined
        return caught === undefined ? Effect.failCause(cause) : handle(caught, cause, handler)
      })
    })
)

const handle = <A, R>(
  caught: Caught,
  original: Cause.Cause<unknown>,
  handler: (group: ExceptionGroup) => Made
): Effect.Effect<A, unknown, R> =>
  Effect.matchCauseEffect(
    Effect.suspend(() => effectOf<A, unknown, R>(handler(caught.group), "catchGroup()")),
    {
      onSuccess: (value) => (caught.rest === undefined ? Effect.succeed(value) : Effect.fail(caught.rest)),
      onFailure: (cause) => Effect.failCause(after(caught, original, cause))
    }
  )

/** What is failed with in the end, where the handler has failed with `cause`. */
const after = (caught: Caught, original: Cause.Cause<unknown>, cause: Cause.Cause<unknown>): Cause.Cause<unknown> => {
  const failure = Cause.findError(cause)
  // A cancellation, or a defect, is no member of a group; the rest stands beside it.
  if (!Result.isSuccess(failure) || cause.reasons.length > 1) {
    return caught.rest === undefined ? cause : Cause.combine(cause, Cause.fail(caught.rest))
  }
  const error = caught.after(failure.success)
  return error === failure.success ? cause : error === caught.error ? original : Cause.fail(error)
}
