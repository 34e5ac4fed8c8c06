/**
 * Handling some of the errors of a group.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import type { CancelledError } from "./errors.ts"
import type { ExceptionGroup } from "./ExceptionGroup.ts"
import type { AnyEffect } from "./internal/model/AnyEffect.ts"
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
import { type Clause, clausesOf, type ErrorClasses, ExceptStar } from "./internal/model/exceptStar.ts"

export type { ErrorClasses } from "./internal/model/exceptStar.ts"

/** The errors in the groups out of `E`. */
type MembersOf<E> = E extends ExceptionGroup<infer Member> ? Member : never

type GroupOf<Member> = [Member] extends [never] ? never : ExceptionGroup<Member>

/** The errors of `E`, each alone, among which the handler finds its own. A cancellation is none, unless its class is named. */
type Handled<E, T> = Matching<Error extends T ? Exclude<E, CancelledError> : E, T>

/** The group that the handler of the classes `M` is given. */
type Given<E, M> = ExceptionGroup<Handled<Exclude<E, ExceptionGroup> | MembersOf<E>, Accepted<M>>>

/** What is left of the errors of `E` for the next clauses, alone and in groups. */
type Left<E, M> = Unmatched<Exclude<E, ExceptionGroup>, Accepted<M>> | GroupOf<Unmatched<MembersOf<E>, Accepted<M>>>

/** What stands alone of a handler's errors `E2`: all where an error of `E` stood alone, a cancellation of another task in any case. */
type RaisedAlone<E, M, E2> = [Handled<Exclude<E, ExceptionGroup>, Accepted<M>>] extends [never]
  ? Extract<E2, CancelledError>
  : E2

/** What is failed with in the end: what is left of `E`, `L`, with what the handlers have failed with, `E2`. */
type Ended<E, L, E2> =
  | Exclude<L, ExceptionGroup>
  | ([Extract<E, ExceptionGroup>] extends [never]
      ? never
      : GroupOf<MembersOf<L> | Exclude<E2, CancelledError | ExceptionGroup> | MembersOf<E2>>)

/** How it fails with one clause. */
type Ended1<E, M, H> = Ended<E, Left<E, M>, MadeError<H>> | RaisedAlone<E, M, MadeError<H>>

/** How it fails with two clauses. */
type Ended2<E, M, H, M2, H2> =
  | Ended<E, Left<Left<E, M>, M2>, MadeError<H | H2>>
  | RaisedAlone<E, M, MadeError<H>>
  | RaisedAlone<Left<E, M>, M2, MadeError<H2>>

/** How it fails with three clauses. */
type Ended3<E, M, H, M2, H2, M3, H3> =
  | Ended<E, Left<Left<Left<E, M>, M2>, M3>, MadeError<H | H2 | H3>>
  | RaisedAlone<E, M, MadeError<H>>
  | RaisedAlone<Left<E, M>, M2, MadeError<H2>>
  | RaisedAlone<Left<Left<E, M>, M2>, M3, MadeError<H3>>

type Handler<E, M, H> = (group: Given<E, M>) => H

/**
 * Runs `self`; the errors of `classes`, alone or in an {@link ExceptionGroup} however deep, go to `handler`, as one group. The rest of the
 * group fails on. With several clauses, classes and handlers in turn, each gets its part of what those before it have left.
 *
 * **When to use**
 *
 * Around a task group, whose failures are a group even where there is one. For a whole group there is `Effect.catchTag`.
 *
 * **Details**
 *
 * The handler's group, and the rest, are nested as they were. An error that is no group comes as the one member of a group
 * with an empty message. When nothing is left over, it goes on with what the handler gives; of several, the last that ran. What handlers
 * fail with is put into one group with the rest, `new ExceptionGroup("", [raised, rest])`; the very group that a handler was given goes
 * back to its place, as if it had not been taken out. The clauses behind it run all the same, and do not see what it has failed with. What
 * another `catchGroup` around this one sees is the outcome of this one. There is room for three clauses.
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
 *   asyncio.catchGroup(
 *     Refused, (refused) => Effect.sync(() => lines.push(...refused.leaves().map((error) => error.host))),
 *     Invalid, (invalid) => Effect.sync(() => lines.push(`line ${invalid.leaves()[0]?.line}`))
 *   )
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
    handler: Handler<E, M, H>
  ): <A, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A | MadeSuccess<H>, Ended1<E, M, H>, R | MadeServices<H>>
  <A, E, R, const M extends ErrorClasses, H extends Made>(
    self: Effect.Effect<A, E, R>,
    classes: M,
    handler: Handler<E, M, H>
  ): Effect.Effect<A | MadeSuccess<H>, Ended1<E, M, H>, R | MadeServices<H>>
  <const M extends ErrorClasses, E, H extends Made, const M2 extends ErrorClasses, H2 extends Made>(
    classes: M,
    handler: Handler<E, M, H>,
    classes2: M2,
    handler2: Handler<Left<E, M>, M2, H2>
  ): <A, R>(
    self: Effect.Effect<A, E, R>
  ) => Effect.Effect<A | MadeSuccess<H | H2>, Ended2<E, M, H, M2, H2>, R | MadeServices<H | H2>>
  <A, E, R, const M extends ErrorClasses, H extends Made, const M2 extends ErrorClasses, H2 extends Made>(
    self: Effect.Effect<A, E, R>,
    classes: M,
    handler: Handler<E, M, H>,
    classes2: M2,
    handler2: Handler<Left<E, M>, M2, H2>
  ): Effect.Effect<A | MadeSuccess<H | H2>, Ended2<E, M, H, M2, H2>, R | MadeServices<H | H2>>
  <
    const M extends ErrorClasses,
    E,
    H extends Made,
    const M2 extends ErrorClasses,
    H2 extends Made,
    const M3 extends ErrorClasses,
    H3 extends Made
  >(
    classes: M,
    handler: Handler<E, M, H>,
    classes2: M2,
    handler2: Handler<Left<E, M>, M2, H2>,
    classes3: M3,
    handler3: Handler<Left<Left<E, M>, M2>, M3, H3>
  ): <A, R>(
    self: Effect.Effect<A, E, R>
  ) => Effect.Effect<A | MadeSuccess<H | H2 | H3>, Ended3<E, M, H, M2, H2, M3, H3>, R | MadeServices<H | H2 | H3>>
  <
    A,
    E,
    R,
    const M extends ErrorClasses,
    H extends Made,
    const M2 extends ErrorClasses,
    H2 extends Made,
    const M3 extends ErrorClasses,
    H3 extends Made
  >(
    self: Effect.Effect<A, E, R>,
    classes: M,
    handler: Handler<E, M, H>,
    classes2: M2,
    handler2: Handler<Left<E, M>, M2, H2>,
    classes3: M3,
    handler3: Handler<Left<Left<E, M>, M2>, M3, H3>
  ): Effect.Effect<A | MadeSuccess<H | H2 | H3>, Ended3<E, M, H, M2, H2, M3, H3>, R | MadeServices<H | H2 | H3>>
} = ((...given: ReadonlyArray<unknown>) =>
  // An odd one is the body.
  given.length % 2 === 0 ? (self: unknown) => caught(self, given) : caught(given[0], given.slice(1))) as never

const caught = (self: unknown, given: ReadonlyArray<unknown>): AnyEffect =>
  Effect.suspend(() => {
    const clauses = clausesOf<(group: ExceptionGroup) => Made>(given, "catchGroup()", (handler) =>
      checkMaker(handler, "catchGroup()", "catchGroup(body, TypeError, (group) => ...)")
    )
    return Effect.catchCause(checkEffect(self as AnyEffect, "catchGroup()"), (cause) => {
      const failure = Cause.findError(cause)
      return Result.isSuccess(failure) ? handled(failure.success, cause, clauses) : Effect.failCause(cause)
    })
  })

const handled = (
  error: unknown,
  cause: Cause.Cause<unknown>,
  clauses: ReadonlyArray<Clause<(group: ExceptionGroup) => Made>>
): AnyEffect =>
  Effect.gen(function* () {
    const errors = new ExceptStar(error)
    let value: unknown
    // The last failure of a handler, which may be all that is left in the end.
    let failed = cause
    // What is no member of a group: a cancellation, a defect.
    let beside: Cause.Cause<unknown> | undefined
    for (const clause of clauses) {
      const group = errors.take(clause)
      if (group === undefined) continue
      const handler = Effect.suspend(() => effectOf<any, any, any>(clause.handler(group), "catchGroup()"))
      const exit = yield* Effect.exit(handler)
      if (Exit.isSuccess(exit)) {
        value = exit.value
        continue
      }
      const failure = Cause.findError(exit.cause)
      if (Result.isSuccess(failure) && exit.cause.reasons.length === 1) {
        errors.raised(group, failure.success)
        failed = exit.cause
      } else beside = beside === undefined ? exit.cause : Cause.combine(beside, exit.cause)
    }
    const ended = errors.ended()
    if (ended === undefined) return beside === undefined ? value : yield* Effect.failCause(beside)
    const left = [cause, failed].find((known) => Cause.squash(known) === ended.error) ?? Cause.fail(ended.error)
    return yield* Effect.failCause(beside === undefined ? left : Cause.combine(beside, left))
  })
