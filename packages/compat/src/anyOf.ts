/**
 * The first to succeed.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import type { AwaitableValue } from "./awaitables.ts"
import { toCompetitors, toCoreOptions } from "./given/competitors.ts"
import { inScope } from "./internal/scopes.ts"
import type { RaceOptions } from "./race.ts"

/**
 * Runs awaitables beside each other and gives the result of the first one that succeeds. The others are cancelled, and waited for.
 * Rejects with an {@link ExceptionGroup} of all failures when none does.
 *
 * **When to use**
 *
 * For the same thing from several places: mirrors, caches, models. {@link staggered} asks the next one only when the one before takes
 * long or fails. {@link race} ends with the first failure, too. `Promise.any` leaves the losers running.
 *
 * **Details**
 *
 * Async functions are started as tasks, in order; tasks, futures and promises are taken as they are. Tasks and futures are cancelled like
 * the others, promises are given up. One that other code cancels counts as failed, with its CancelledError. The failures are in the
 * order of what was given; those before the first success are dropped. Failures of losers in their cleanup are reported. An
 * empty list is a ValueError.
 *
 * **Cancellation**
 *
 * Cancels all of them, and waits for them; a second cancellation is passed on to those that are still cleaning up. A winner that there
 * was already is then dropped: see `discard`.
 *
 * **asyncio**
 *
 * Beyond asyncio: `Promise.any` with tasks. Python programs loop over
 * [`asyncio.as_completed`](https://docs.python.org/3/library/asyncio-task.html#asyncio.as_completed) and cancel the rest by hand.
 *
 * **Example** (The mirror that answers)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const mirrors = [
 *   () => Promise.reject(new Error("down")),
 *   () => asyncio.sleep(2, "from the second"),
 *   () => asyncio.sleep("1 hour", "from the third")
 * ]
 *
 * await asyncio.run(() => asyncio.anyOf(mirrors)) // => "from the second"
 * ```
 *
 * @category waiting
 * @stability unstable
 * @since 0.1.0
 */
export const anyOf = <T>(
  awaitables: Iterable<T>,
  options?: RaceOptions<AwaitableValue<T>>
): Promise<AwaitableValue<T>> =>
  inScope("anyOf()", (scope) => {
    const given = toCoreOptions(options, "anyOf()")
    return scope.run(asyncio.anyOf(toCompetitors(awaitables, "anyOf()"), given)) as Promise<AwaitableValue<T>>
  })
