/**
 * The first to succeed.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { CancelledError } from "./errors.ts"
import type { ExceptionGroup } from "./ExceptionGroup.ts"
import type { AwaitableError, AwaitableServices, AwaitableSuccess } from "./internal/combine/awaitables.ts"
import { allAtOnce, compete } from "./internal/combine/competitors.ts"
import type { Made, MadeServices } from "./internal/model/bodies.ts"
import type { RaceOptions } from "./race.ts"

/**
 * Runs awaitables beside each other and gives the result of the first one that succeeds. The others are cancelled, and waited for.
 * Fails with an {@link ExceptionGroup} of all failures when none does.
 *
 * **When to use**
 *
 * For the same thing from several places: mirrors, caches, models. `staggered` asks the next one only when the one before takes long
 * or fails. `race` ends with the first failure, too.
 *
 * **Details**
 *
 * Effects are started as tasks, in order; futures and tasks are taken as they are, and cancelled like the others. One that other code
 * cancels counts as failed, with its CancelledError. The failures are in the order of what was given. Those before the first success
 * are dropped, but defects are reported; so are failures of losers in their cleanup. Where none succeeds and one has died, it dies of
 * the group. An empty list is a defect, ValueError.
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
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const mirrors = [
 *   Effect.andThen(asyncio.sleep(1), Effect.fail("down")),
 *   asyncio.sleep(2, "from the second"),
 *   asyncio.sleep("1 hour", "from the third")
 * ]
 *
 * await asyncio.run(asyncio.anyOf(mirrors)) // => "from the second"
 * ```
 *
 * @category waiting
 * @stability unstable
 * @since 0.1.0
 */
export const anyOf = <T, M extends Made = Effect.Effect<unknown, unknown>>(
  awaitables: Iterable<T>,
  options?: RaceOptions<AwaitableSuccess<T>, M>
): Effect.Effect<
  AwaitableSuccess<T>,
  ExceptionGroup<AwaitableError<T> | CancelledError>,
  AwaitableServices<T> | MadeServices<M>
> => compete("anyOf()", options, Exit.isSuccess, () => allAtOnce(awaitables, "anyOf()"))
