/**
 * The first to end.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { CancelledError } from "./errors.ts"
import type { AwaitableError, AwaitableServices, AwaitableSuccess } from "./internal/combine/awaitables.ts"
import type { Made, MadeServices } from "./internal/model/bodies.ts"
import { allAtOnce, compete } from "./internal/combine/competitors.ts"

/**
 * Options of {@link race}, `anyOf` and `staggered`.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface RaceOptions<in A = never, out M extends Made = Effect.Effect<unknown, unknown>> {
  /**
   * Is given every value that no code receives, so that it can be handed back, a connection, say: of a loser that had a value in the
   * same moment or in spite of its cancellation, and of the winner when the task that waits is cancelled. What it gives is waited for,
   * and not cancelled. Of a promise that was given up it is the value that it brings later, if the loop is still open, and no task waits for that.
   */
  readonly discard?: ((value: A) => M) | undefined
}

/**
 * Runs awaitables beside each other and ends as the first one that ends: with its result, or as it fails. The others are cancelled,
 * and waited for.
 *
 * **When to use**
 *
 * When any end will do: a reply or a stop, work or what makes it needless. For the first that succeeds use `anyOf`; for a
 * time limit `timeout` or `moveOn`; to know which one it was map the results, `Effect.map(task, (value) => ["task", value])`.
 *
 * **Details**
 *
 * Effects are started as tasks, in order; futures and tasks are taken as they are, and cancelled like the others. Put a
 * `shield` around what is to go on. Of several that end in one iteration of the loop the first in the list wins. A failure of a loser,
 * in its cleanup, is reported as one that no code has retrieved. A Ctrl-C in one of them ends all. An empty list is a defect, ValueError.
 *
 * **Cancellation**
 *
 * Cancels all of them, and waits for them; a second cancellation is passed on to those that are still cleaning up. A winner that there
 * was already is then dropped: see `discard`.
 *
 * **asyncio**
 *
 * Python has [`asyncio.wait(..., return_when=FIRST_COMPLETED)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.wait),
 * behind which one cancels the rest by hand. It is `Effect.raceFirst` of tasks, and `select` of Kotlin.
 *
 * **Example** (The loser has cleaned up when it is over)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const lines: Array<string> = []
 * const slow = Effect.ensuring(asyncio.sleep("1 hour", "slow"), Effect.sync(() => lines.push("cleaned up")))
 *
 * const main = asyncio.race([slow, asyncio.sleep(1, "quick")])
 *
 * await asyncio.run(main) // => "quick"
 * lines // => ["cleaned up"]
 * ```
 *
 * **Example** (A connection that came too late is closed)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 *
 * const lines: Array<string> = []
 * const connect = (name: string) => Effect.as(asyncio.sleep(1), name)
 * const close = (connection: string) => Effect.sync(() => lines.push(`closed ${connection}`))
 *
 * const main = asyncio.race([connect("a"), connect("b")], { discard: close })
 *
 * await asyncio.run(main) // => "a"
 * lines // => ["closed b"]
 * ```
 *
 * @category waiting
 * @stability unstable
 * @since 0.1.0
 */
export const race = <T, M extends Made = Effect.Effect<unknown, unknown>>(
  awaitables: Iterable<T>,
  options?: RaceOptions<AwaitableSuccess<T>, M>
): Effect.Effect<AwaitableSuccess<T>, AwaitableError<T> | CancelledError, AwaitableServices<T> | MadeServices<M>> =>
  compete(
    "race()",
    options,
    () => true,
    () => allAtOnce(awaitables, "race()")
  )
