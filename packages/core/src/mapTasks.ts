/**
 * A task for each item.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Stream from "effect/Stream"
import type { CancelledError } from "./errors.ts"
import type { ExceptionGroup } from "./ExceptionGroup.ts"
import { mapping } from "./internal/combine/mapTasks.ts"
import { sourceOf } from "./internal/combine/sources.ts"
import type { Made, MadeError, MadeServices, MadeSuccess } from "./internal/model/bodies.ts"
import type { MapTasksOptions } from "./internal/model/MapTasksOptions.ts"
import { toMapping } from "./internal/combine/mapTasksOptions.ts"

export type { MapTasksOptions } from "./internal/model/MapTasksOptions.ts"

/**
 * What {@link mapTasks} gives.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export type MapTasksResults<A, E, O> = O extends { readonly returnExceptions?: infer B }
  ? B extends true
    ? Array<Exit.Exit<A, E | CancelledError>>
    : Array<A>
  : Array<A>

/**
 * How {@link mapTasks} fails: with failures of items, `E`, and of what gives them, `E2`.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export type MapTasksError<E, E2, O> = O extends { readonly returnExceptions?: infer B }
  ? B extends true
    ? [E2] extends [never]
      ? never
      : ExceptionGroup<E2>
    : ExceptionGroup<E | E2 | CancelledError>
  : ExceptionGroup<E | E2 | CancelledError>

/**
 * Runs a task for each item, at most `concurrency` at a time, and gives the results.
 *
 * **When to use**
 *
 * For the same work on many things: pages to fetch, files to convert. For a few different things use `gather`; where tasks make
 * tasks, a task group with a `Semaphore`; for items that never end and have no result, too, as it keeps the results of all.
 *
 * **Details**
 *
 * Items come from an iterable, an async iterable or a stream, which may be endless, and are read one at a time, when there is room for
 * one: never ahead. Each is a task of its own, begun in order. The results are in the order of the items, or with
 * `order: "completed"` in the order in which they come. No items give no results.
 *
 * It is a task group: when an item fails the rest is cancelled and waited for, no more items are read, and it fails with an
 * {@link ExceptionGroup} of all failures; what an async iterable rejects with is the `cause` of an `UnknownError`. An item that other code
 * cancels has failed. Where `f` or the iterable throws, or a task dies, that is a defect, and `mapTasks` dies of the group. With
 * `onFailure: "collect"` the rest goes on before, and with `returnExceptions` it gives exits and does not fail.
 *
 * When the reading ends early the iterable is told, by its `return`, and what that gives is waited for; 5 seconds at most where the iterable
 * has been asked for an item and does not answer. How that fails is one of the failures. The scope of a stream is closed.
 *
 * `f` may be a generator function. A concurrency that is zero, negative or NaN is a defect, ValueError; what is no iterable is a TypeError.
 *
 * **Cancellation**
 *
 * Cancels the tasks that run, and waits for them; no more items are read. A second cancellation enters the cleanup of the tasks, and of
 * the iterable.
 *
 * **asyncio**
 *
 * Beyond asyncio, where one writes [`asyncio.TaskGroup`](https://docs.python.org/3/library/asyncio-task.html#asyncio.TaskGroup) and
 * [`asyncio.Semaphore`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore), which makes all tasks at once. It is `p-map`
 * with tasks; `Effect.forEach` interrupts fibers, and fails with the first failure.
 *
 * **Example** (Three at a time)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const pages = ["a", "bb", "ccc", "dddd"]
 * const sizeOf = (page: string) => Effect.as(asyncio.sleep(1), page.length)
 *
 * await asyncio.run(asyncio.mapTasks(pages, sizeOf, { concurrency: 3 })) // => [1, 2, 3, 4]
 * ```
 *
 * @category structure
 * @stability unstable
 * @since 0.1.0
 */
export const mapTasks: {
  <T, E2, R2, M extends Made, const O extends MapTasksOptions>(
    items: Stream.Stream<T, E2, R2>,
    f: (item: T, index: number) => M,
    options: O
  ): Effect.Effect<
    MapTasksResults<MadeSuccess<M>, MadeError<M>, O>,
    MapTasksError<MadeError<M>, E2, O>,
    MadeServices<M> | R2
  >
  <T, M extends Made, const O extends MapTasksOptions>(
    items: Iterable<T>,
    f: (item: T, index: number) => M,
    options: O
  ): Effect.Effect<
    MapTasksResults<MadeSuccess<M>, MadeError<M>, O>,
    MapTasksError<MadeError<M>, never, O>,
    MadeServices<M>
  >
  <T, M extends Made, const O extends MapTasksOptions>(
    items: AsyncIterable<T>,
    f: (item: T, index: number) => M,
    options: O
  ): Effect.Effect<
    MapTasksResults<MadeSuccess<M>, MadeError<M>, O>,
    MapTasksError<MadeError<M>, Cause.UnknownError, O>,
    MadeServices<M>
  >
} = (items: unknown, f: (item: never, index: number) => Made, options: MapTasksOptions): Effect.Effect<never> =>
  mapping(() => ({ source: sourceOf(items), mapping: toMapping(f, options) })) as Effect.Effect<never>
