/**
 * Waiting for several awaitables together.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { CancelledError } from "./errors.ts"
import type { Future } from "./Future.ts"
import { checkOptions } from "./internal/model/arguments.ts"
import {
  type AwaitableError,
  type AwaitableServices,
  type AwaitableSuccess,
  callerOf,
  type Shape
} from "./internal/combine/awaitables.ts"
import { makeGathering } from "./internal/combine/gather.ts"

/**
 * Options of {@link gather}.
 *
 * @category models
 * @since 0.1.0
 */
export interface GatherOptions {
  /** Gives every awaitable's exit instead of failing with the first failure. */
  readonly returnExceptions?: boolean | undefined
}

/**
 * What {@link gather} takes: a tuple, an array or any other iterable, or a record of awaitables.
 *
 * @category models
 * @since 0.1.0
 */
export type Awaitables = Iterable<unknown> | Readonly<Record<string, unknown>>

/**
 * The results of {@link gather}: the shape of what was given, with each awaitable replaced by its result.
 *
 * @category models
 * @since 0.1.0
 */
export type Gathered<T> = SuccessesIn<Shape<T>>

/**
 * The exits of {@link gather} with `returnExceptions`.
 *
 * @category models
 * @since 0.1.0
 */
export type GatheredExits<T> = ExitsIn<Shape<T>>

type SuccessesIn<S> = { -readonly [K in keyof S]: AwaitableSuccess<S[K]> }
type ExitsIn<S> = { -readonly [K in keyof S]: ExitOf<S[K]> }
type ExitOf<T> = Exit.Exit<AwaitableSuccess<T>, AwaitableError<T> | CancelledError>
type Members<T> = T extends Iterable<infer Item> ? Item : T[keyof T]
type Results<T, O> = O extends { readonly returnExceptions: true } ? GatheredExits<T> : Gathered<T>
type Errors<T, O> = O extends { readonly returnExceptions: true } ? never : AwaitableError<Members<T>>

/**
 * Runs awaitables beside each other and waits for all of them.
 *
 * **Details**
 *
 * Effects are started as tasks, in order; the same one twice runs twice. Futures and tasks are taken as they are, the
 * same one twice counts once. The
 * results have the shape of what was given: a tuple, an array, a record. The first failure ends the waiting; the others
 * run on. With `returnExceptions` it waits for all, and gives exits.
 *
 * **Cancellation**
 *
 * Cancels every awaitable that is not done. The wait ends as soon as the first of them ends cancelled, as in asyncio; with
 * `returnExceptions` it ends when all of them have ended. An awaitable that other code cancels counts as one that failed with
 * {@link CancelledError}; the others run on.
 *
 * **asyncio**
 *
 * Same as [`asyncio.gather(*awaitables)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.gather). Python's is a
 * future at once; that is {@link gatherFuture}.
 *
 * **Example** (Results in the shape that was asked for)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = asyncio.gather({
 *   user: Effect.as(asyncio.sleep(2), "ada"),
 *   posts: Effect.as(asyncio.sleep(1), 3)
 * })
 *
 * await asyncio.run(main) // => { user: "ada", posts: 3 }
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const gather = <const T extends Awaitables, const O extends GatherOptions = {}>(
  awaitables: T,
  options?: O
): Effect.Effect<Results<T, O>, Errors<T, O> | CancelledError, AwaitableServices<Members<T>>> =>
  Effect.flatten(gatherFuture(awaitables, options))

/**
 * {@link gather} without the waiting: a future for the results, which can be kept, awaited by several, and cancelled.
 *
 * **asyncio**
 *
 * Same as [`asyncio.gather(*awaitables)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.gather), which is awaited
 * later, or by another task.
 *
 * **Example** (Something else, before the results are there)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const results = yield* asyncio.gatherFuture([Effect.succeed("name"), asyncio.sleep(1, "file")])
 *   const before = results.done()
 *   return [before, yield* results]
 * })
 *
 * await asyncio.run(main) // => [false, ["name", "file"]]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const gatherFuture = <const T extends Awaitables, const O extends GatherOptions = {}>(
  awaitables: T,
  options?: O
): Effect.Effect<Future<Results<T, O>, Errors<T, O>>, never, AwaitableServices<Members<T>>> =>
  Effect.withFiberSucceed(
    (fiber) =>
      makeGathering(callerOf(fiber), awaitables, returnExceptionsIn(options)) as unknown as Future<
        Results<T, O>,
        Errors<T, O>
      >
  )

const returnExceptionsIn = (options: GatherOptions | undefined): boolean => {
  checkOptions(options, "gather()", "{ returnExceptions: true }")
  return options?.returnExceptions ?? false
}
