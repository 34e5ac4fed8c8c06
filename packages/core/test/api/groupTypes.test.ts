import { describe, expectTypeOf, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Data, Effect } from "effect"

class ErrorA extends Data.TaggedError("ErrorA")<{ readonly a: "a" }> {}
class ErrorB extends Data.TaggedError("ErrorB")<{ readonly b: "b" }> {}
class Other {
  readonly many: number
  constructor(many: number) {
    this.many = many
  }
}

declare const group: asyncio.ExceptionGroup<ErrorA | ErrorB>
declare const unknowns: asyncio.ExceptionGroup
declare const effect: Effect.Effect<1, asyncio.ExceptionGroup<ErrorA | ErrorB> | asyncio.CancelledError>

// The declared values above do not exist: the calls are written down to be checked, and never run.
const unrun = (calls: () => void): void => void calls

describe("types of groups of errors", () => {
  it("an ExceptionGroup is split by a class into halves of their own types", () =>
    unrun(() => {
      type Half<E> = asyncio.ExceptionGroup<E> | undefined

      expectTypeOf(group.split(ErrorA)).toEqualTypeOf<readonly [matching: Half<ErrorA>, rest: Half<ErrorB>]>()
      expectTypeOf(group.split([ErrorA, ErrorB])).toEqualTypeOf<
        readonly [matching: Half<ErrorA | ErrorB>, rest: undefined]
      >()
      expectTypeOf(group.split((error) => error instanceof ErrorA)[1]).toEqualTypeOf<Half<ErrorB>>()
      expectTypeOf(group.split((error) => Math.random() < String(error).length)).toEqualTypeOf<
        readonly [matching: Half<ErrorA | ErrorB>, rest: Half<ErrorA | ErrorB>]
      >()
      expectTypeOf(unknowns.split(ErrorA)).toEqualTypeOf<readonly [matching: Half<ErrorA>, rest: Half<unknown>]>()
      expectTypeOf(unknowns.subgroup([ErrorA, ErrorB])).toEqualTypeOf<Half<ErrorA | ErrorB>>()
      // TypeScript takes a TypeError for any other error: the rest cannot be told.
      expectTypeOf(unknowns.split(TypeError)).toEqualTypeOf<readonly [matching: Half<TypeError>, rest: Half<unknown>]>()
      expectTypeOf(group.split(TypeError)[1]).toEqualTypeOf<Half<ErrorA | ErrorB>>()
      expectTypeOf(group.split(asyncio.ExceptionGroup)[0]).toEqualTypeOf<Half<ErrorA | ErrorB>>()
    }))

  it("catchGroup gives its handler what it has caught, and fails with what is left", () =>
    unrun(() => {
      type Group<E> = asyncio.ExceptionGroup<E>
      type Cancelled = asyncio.CancelledError

      expectTypeOf(
        asyncio.catchGroup(effect, ErrorA, (group) => {
          expectTypeOf(group).toEqualTypeOf<Group<ErrorA>>()
          return Effect.succeed(2 as const)
        })
      ).toEqualTypeOf<Effect.Effect<1 | 2, Group<ErrorB> | Cancelled>>()
      expectTypeOf(
        effect.pipe(
          asyncio.catchGroup(ErrorA, (group) => Effect.fail(group.leaves().length)),
          asyncio.catchGroup(ErrorB, (group) => Effect.fail(new Other(group.errors.length)))
        )
      ).toEqualTypeOf<Effect.Effect<1, Group<number | Other> | Cancelled>>()
      expectTypeOf(asyncio.catchGroup(effect, [ErrorA, ErrorB], () => Effect.void)).toEqualTypeOf<
        Effect.Effect<1 | void, Cancelled>
      >()
      expectTypeOf(asyncio.catchGroup(effect, Error, () => Effect.void)).toEqualTypeOf<
        Effect.Effect<1 | void, Group<ErrorA | ErrorB> | Cancelled>
      >()
      // Several clauses: each has what those before it have left.
      const twice = asyncio.catchGroup(
        effect,
        ErrorA,
        function* (group) {
          expectTypeOf(group).toEqualTypeOf<Group<ErrorA>>()
          return yield* Effect.fail("a" as const)
        },
        [ErrorA, ErrorB],
        (group) => {
          expectTypeOf(group).toEqualTypeOf<Group<ErrorB>>()
          return Effect.succeed(2 as const)
        }
      )
      expectTypeOf(twice).toEqualTypeOf<Effect.Effect<1 | 2, Group<"a"> | Cancelled>>()
      const piped = effect.pipe(
        asyncio.catchGroup(
          ErrorB,
          (group) => Effect.succeed(group.leaves().length),
          ErrorA,
          () => Effect.fail(new Other(1)),
          asyncio.CancelledError,
          (group) => Effect.succeed(group.leaves()[0]?.kind)
        )
      )
      expectTypeOf(piped).toEqualTypeOf<Effect.Effect<number | asyncio.CancellationKind | undefined, Group<Other>>>()
      // An error that stands alone.
      expectTypeOf(
        asyncio.catchGroup(Effect.fail(new ErrorA({ a: "a" })), ErrorA, () => Effect.fail("other"))
      ).toEqualTypeOf<Effect.Effect<never, string>>()
      // @ts-expect-error -- no class of errors
      asyncio.catchGroup(effect, "ErrorA", () => Effect.void)
    }))
})
