/**
 * A task for each item.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { PromiseScope } from "./internal/promiseScope.ts"
import { callSite } from "./internal/callSite.ts"
import { inScope } from "./internal/scopes.ts"
import { PromiseCoroutine } from "./internal/promiseCoroutine.ts"
import { toItems } from "./given/pulling.ts"
import { withoutUnhandledRejection } from "./internal/unhandled.ts"
import { toSettledResult } from "./internal/settledResult.ts"

/**
 * What {@link mapTasks} gives.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export type MapTasksResults<A, O> = O extends { readonly returnExceptions?: infer B }
  ? B extends true
    ? Array<PromiseSettledResult<A>>
    : Array<A>
  : Array<A>

/**
 * Runs a task for each item, at most `concurrency` at a time, and gives the results.
 *
 * **When to use**
 *
 * For the same work on many things: pages to fetch, files to convert. For a few different things use {@link gather}; where tasks make
 * tasks, a task group with a {@link Semaphore}; for items that never end and have no result, too, as it keeps the results of all.
 *
 * **Details**
 *
 * Items come from an iterable or an async iterable, a stream of Node for one, which may be endless, and are read one at a time, when there
 * is room for one: never ahead. Each is a task of its own, begun in order. The results are in the order of the items, or with
 * `order: "completed"` in the order in which they come. No items give no results.
 *
 * It is a task group: when an item fails the rest is cancelled and waited for, no more items are read, and it rejects with an
 * {@link ExceptionGroup} of all failures. So does what throws: `f`, or the iterable. An item that other code cancels has failed. With
 * `onFailure: "collect"` the rest goes on before, and with `returnExceptions` it gives `{ status, value }` or `{ status, reason }` of each.
 *
 * When the reading ends early the iterable is told, by its `return`, and what that gives is waited for; 5 seconds at most where the iterable
 * has been asked for an item and does not answer. How that fails is one of the failures. A generator's awaits are cancelled like those of a task.
 *
 * A concurrency that is zero, negative or NaN is a ValueError; what is no iterable is a TypeError.
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
 * with tasks.
 *
 * **Example** (Three at a time)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const pages = ["a", "bb", "ccc", "dddd"]
 * const sizeOf = async (page: string) => {
 *   await asyncio.sleep(1)
 *   return page.length
 * }
 *
 * await asyncio.run(() => asyncio.mapTasks(pages, sizeOf, { concurrency: 3 })) // => [1, 2, 3, 4]
 * ```
 *
 * @category structure
 * @stability unstable
 * @since 0.1.0
 */
export const mapTasks = <T, A, const O extends asyncio.MapTasksOptions>(
  items: Iterable<T> | AsyncIterable<T>,
  f: (item: T, index: number) => PromiseLike<A> | A,
  options: O
): Promise<MapTasksResults<A, O>> =>
  inScope("mapTasks()", (scope) => {
    lowlevel.checkFunction(f, "mapTasks()", "mapTasks(items, async (item) => ..., { concurrency: 5 })")
    const begin = beginner(scope, f)
    const results = scope.run(
      asyncio.mapTasks(toItems(scope, items) as Iterable<T>, begin, options as asyncio.MapTasksOptions)
    )
    const settled = options?.returnExceptions === true ? withoutUnhandledRejection(toSettled(results)) : results
    return settled as Promise<MapTasksResults<A, O>>
  })

const toSettled = async (exits: Promise<unknown>): Promise<unknown> =>
  ((await exits) as ReadonlyArray<Exit.Exit<unknown, unknown>>).map(toSettledResult)

/** Begins the task of an item. */
const beginner = <T, A>(
  scope: PromiseScope,
  f: (item: T, index: number) => PromiseLike<A> | A
): ((item: T, index: number) => Effect.Effect<A, unknown>) => {
  const { context, loop } = scope
  const createdAt = callSite(loop, mapTasks)
  return (item, index) =>
    lowlevel.createCoroutineTaskUnsafe(loop, new ItemCoroutine(f, createdAt, item, index), { context })
}

/** The function that is called for each item, with one of them. */
class ItemCoroutine<T, A> extends PromiseCoroutine<A> {
  declare protected readonly body: (item: T, index: number) => PromiseLike<A> | A
  readonly #item: T
  readonly #index: number

  constructor(
    f: (item: T, index: number) => PromiseLike<A> | A,
    createdAt: string | undefined,
    item: T,
    index: number
  ) {
    super(f, createdAt)
    this.#item = item
    this.#index = index
  }

  protected override call(): PromiseLike<A> | A {
    // Not as a method: `this` is none of its business.
    const { body } = this
    return body(this.#item, this.#index)
  }
}
