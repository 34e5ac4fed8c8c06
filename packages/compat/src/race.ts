/**
 * The first to end.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import type { AwaitableValue } from "./awaitables.ts"
import { toCompetitors, toCoreOptions } from "./given/competitors.ts"
import { inScope } from "./internal/scopes.ts"

/**
 * Options of {@link race}, {@link anyOf} and {@link staggered}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface RaceOptions<in A = never> {
  /**
   * Is given every value that no code receives, so that it can be handed back, a connection, say: of a loser that had a value in the
   * same moment or in spite of its cancellation, and of the winner when the task that waits is cancelled. What it gives is waited for,
   * and not cancelled. Of a promise that was given up it is the value that it brings later, if the loop is still open, and
   * no task waits for that.
   */
  readonly discard?: ((value: A) => unknown) | undefined
}

/**
 * Runs awaitables beside each other and ends as the first one that ends: with its result, or as it fails. The others are cancelled,
 * and waited for.
 *
 * **When to use**
 *
 * When any end will do: a reply or a stop, work or what makes it needless. For the first that succeeds use {@link anyOf}; for a
 * time limit {@link timeout} or {@link moveOn}. `Promise.race` leaves the losers running.
 *
 * **Details**
 *
 * Async functions are started as tasks, in order; tasks, futures and promises are taken as they are. Tasks and futures are cancelled like
 * the others: put a {@link shield} around what is to go on. A promise cannot be cancelled and is given up. Of several that end
 * in one iteration of the loop the first in the list wins. A failure of a loser, in its cleanup, is reported as one that no code has
 * retrieved. A Ctrl-C in one of them ends all. An empty list is a ValueError.
 *
 * **Cancellation**
 *
 * Cancels all of them, and waits for them; a second cancellation is passed on to those that are still cleaning up. A winner that there
 * was already is then dropped: see `discard`.
 *
 * **asyncio**
 *
 * Python has [`asyncio.wait(..., return_when=FIRST_COMPLETED)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.wait),
 * behind which one cancels the rest by hand. It is `select` of Kotlin, and `Promise.race` with an end.
 *
 * **Example** (The loser has cleaned up when it is over)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const lines: Array<string> = []
 * const slow = async () => {
 *   try {
 *     return await asyncio.sleep("1 hour", "slow")
 *   } finally {
 *     lines.push("cleaned up")
 *   }
 * }
 *
 * await asyncio.run(() => asyncio.race([slow, () => asyncio.sleep(1, "quick")])) // => "quick"
 * lines // => ["cleaned up"]
 * ```
 *
 * @category waiting
 * @stability unstable
 * @since 0.1.0
 */
export const race = <T>(
  awaitables: Iterable<T>,
  options?: RaceOptions<AwaitableValue<T>>
): Promise<AwaitableValue<T>> =>
  inScope("race()", (scope) => {
    const given = toCoreOptions(options, "race()")
    return scope.run(asyncio.race(toCompetitors(awaitables, "race()"), given)) as Promise<AwaitableValue<T>>
  })
