/**
 * Results in the order in which they come.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Effect from "effect/Effect"
import type { Future } from "./Future.ts"
import type { AwaitableValue } from "./awaitables.ts"
import { checkCollection, toCore, wrapperFor } from "./given/awaitables.ts"
import { inScope, inScopeAsync } from "./internal/scopes.ts"
import { runNow } from "./internal/current.ts"
import type { Task } from "./Task.ts"

/**
 * What {@link asCompleted} gives.
 *
 * **Details**
 *
 * `for await` gives the futures themselves as they are done: those that were passed in, and new tasks for functions.
 * `for` gives promises of the results; each is to be awaited before the next is asked for.
 *
 * @category models
 * @since 0.1.0
 */
export interface AsCompleted<A, F = Future<A>> extends Iterable<Promise<A>> {
  /** For `for await`. */
  // No AsyncIterable: TypeScript takes it for granted that one has awaited what it gives.
  [Symbol.asyncIterator](): CompletedFutures<F>
}

/**
 * The futures of {@link asCompleted}, as they are done.
 *
 * @category models
 * @since 0.1.0
 */
export interface CompletedFutures<F> {
  /** The next one that is done; waits for it. */
  next(): Promise<IteratorResult<F, undefined>>
}

/**
 * What `for await` over {@link asCompleted} gives for an awaitable: a future as it is, and the task of anything else.
 *
 * @category models
 * @since 0.1.0
 */
export type FutureOf<T> = T extends Future<unknown> ? T : Task<AwaitableValue<T>>

/**
 * Starts async functions as tasks and gives the results in the order in which they come.
 *
 * **Details**
 *
 * When `timeout` (milliseconds, or a duration) is up before all are done, the next one rejects with {@link TimeoutError};
 * the tasks go on.
 *
 * **Cancellation**
 *
 * Ends the waiting. The tasks go on.
 *
 * **asyncio**
 *
 * Same as [`asyncio.as_completed(aws, timeout=)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.as_completed), with
 * both ways of iterating.
 *
 * **Example** (The fast one first)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const lines: Array<string> = []
 * await asyncio.run(async () => {
 *   const jobs = [() => asyncio.sleep(20, "slow"), () => asyncio.sleep(1, "fast")]
 *   for await (const task of asyncio.asCompleted(jobs)) lines.push(task.result())
 * })
 * lines // => ["fast", "slow"]
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const asCompleted = <T>(
  awaitables: Iterable<T>,
  options?: asyncio.AsCompletedOptions
): AsCompleted<AwaitableValue<T>, FutureOf<T>> => {
  lowlevel.checkOptions(options, "asCompleted()", '{ timeout: "1 second" }')
  if (options?.timeout !== undefined) lowlevel.toMillis(options.timeout)
  const cores = Array.from(checkCollection(awaitables, "expects an iterable of awaitables"), toCore)
  return new Completions<AwaitableValue<T>, FutureOf<T>>(runNow(asyncio.asCompleted(cores, options)))
}

class Completions<A, F> implements AsCompleted<A, F> {
  readonly #core: asyncio.AsCompleted<unknown, unknown>

  constructor(core: asyncio.AsCompleted<unknown, unknown>) {
    this.#core = core
  }

  toString(): string {
    return (this.#core as { toString(): string }).toString()
  }

  [lowlevel.inspect](): string {
    return this.toString()
  }

  *[Symbol.iterator](): Generator<Promise<A>, void> {
    for (const next of this.#core) {
      yield inScope("asCompleted()", (scope) => scope.run(next as Effect.Effect<A, unknown>))
    }
  }

  // Not an async generator: one awaits what it yields, and would give the results.
  [Symbol.asyncIterator](): CompletedFutures<F> {
    return {
      next: () =>
        inScopeAsync("asCompleted()", async (scope) => {
          const core = await scope.run(this.#core.next)
          return core === undefined ? { done: true, value: undefined } : { done: false, value: wrapperFor(core) as F }
        })
    }
  }
}
