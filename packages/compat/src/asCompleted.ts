/**
 * Results in the order in which they come.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import type * as Effect from "effect/Effect"
import { Future } from "./Future.ts"
import { type AwaitableValue, checkCollection, toCore } from "./internal/awaitables.ts"
import { inLine, runNow } from "./internal/scope.ts"
import { Task } from "./Task.ts"

/**
 * One that is done: what was passed in to {@link asCompleted}, or the task that was made of it. In an object, because
 * JavaScript awaits whatever can be awaited on its way through `for await`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Completed<A> {
  readonly future: Future<A>
}

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
export interface AsCompleted<A> extends Iterable<Promise<A>>, AsyncIterable<Completed<A>> {}

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
 * Same as `asyncio.as_completed(aws, timeout=)`, with both ways of iterating; `async for` gives the future itself.
 *
 * **Example** (The fast one first)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const lines: Array<string> = []
 * await asyncio.run(async () => {
 *   const jobs = [() => asyncio.sleep(20, "slow"), () => asyncio.sleep(1, "fast")]
 *   for await (const { future } of asyncio.asCompleted(jobs)) lines.push(future.result())
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
): AsCompleted<AwaitableValue<T>> => {
  const cores = Array.from(checkCollection(awaitables, "expects an iterable of awaitables"), toCore)
  return new Completions(runNow(asyncio.asCompleted(cores, options)))
}

class Completions<A> implements AsCompleted<A> {
  readonly #core: asyncio.AsCompleted<unknown, unknown>

  constructor(core: asyncio.AsCompleted<unknown, unknown>) {
    this.#core = core
  }

  *[Symbol.iterator](): Generator<Promise<A>, void> {
    for (const next of this.#core) {
      yield inLine("asCompleted()", (line) => line.run(next as Effect.Effect<A, unknown>))
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Completed<A>, undefined> {
    return {
      next: () =>
        inLine("asCompleted()", async (line) => {
          const core = await line.run(this.#core.next)
          return core === undefined
            ? { done: true, value: undefined }
            : { done: false, value: { future: faceFor<A>(core) } }
        })
    }
  }
}

const faceFor = <A>(core: asyncio.Future<unknown, unknown>): Future<A> =>
  asyncio.isTask(core) ? Task.of(core as asyncio.Task<A, unknown>) : Future.of(core as asyncio.Future<A, unknown>)
