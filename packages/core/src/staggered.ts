/**
 * One after the other until one succeeds, without waiting for each to fail.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { CancelledError } from "./errors.ts"
import type { ExceptionGroup } from "./ExceptionGroup.ts"
import {
  type AwaitableError,
  type AwaitableServices,
  type AwaitableSuccess,
  checkIterable
} from "./internal/combine/awaitables.ts"
import { compete } from "./internal/combine/competitors.ts"
import { OneByOne } from "./internal/combine/staggered.ts"
import { toMillis } from "./internal/model/arguments.ts"
import type { Made, MadeServices, YieldedError, YieldedServices } from "./internal/model/bodies.ts"
import type { RaceOptions } from "./race.ts"

type Begun<T> = T extends () => Generator<infer Eff, infer A, never>
  ? Effect.Effect<A, YieldedError<Eff>, YieldedServices<Eff>>
  : T extends () => infer U
    ? U
    : T

/**
 * Begins one coroutine after the other until one succeeds, and gives its result: the next begins when the last one has failed, or
 * `delay` after it has begun. The others are cancelled, and waited for. Fails with an {@link ExceptionGroup} when none succeeds.
 *
 * **When to use**
 *
 * For the same thing from several places, of which the first is the best, and each costs something: the addresses of a host ("Happy
 * Eyeballs"), a second try of a request that takes long. `anyOf` begins all at once.
 *
 * **Details**
 *
 * A bare number is milliseconds; without a delay, `undefined`, the next begins only when the last one has failed. The coroutines are
 * Effects, or functions that are called when they are to begin; the list may be endless, and is read no further than it is needed. The
 * failures are in the order in which the coroutines began; what else is said of failures at `anyOf` holds here. An empty list
 * is a defect, ValueError; so is something that has begun already, a task, TypeError.
 *
 * **Cancellation**
 *
 * Cancels those that have begun, and waits for them; no other one begins. A second cancellation is passed on to those that are still
 * cleaning up. A winner that there was already is then dropped: see `discard`.
 *
 * **asyncio**
 *
 * What `asyncio.staggered.staggered_race` of CPython does for
 * [`loop.create_connection(happy_eyeballs_delay=)`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.create_connection),
 * which gives no failures. Source: RFC 8305.
 *
 * **Example** (A second server when the first takes long)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
 * import { Effect } from "effect"
 *
 * const lines: Array<string> = []
 * const ask = (server: string, millis: number) =>
 *   Effect.andThen(Effect.sync(() => lines.push(`asks ${server}`)), asyncio.sleep(millis, server))
 *
 * const main = asyncio.staggered("250 millis", [ask("a", 1000), ask("b", 300), ask("c", 1)])
 *
 * await asyncio.run(main, { loopFactory: makeVirtualTimeLoop }) // => "c"
 * lines // => ["asks a", "asks b", "asks c"]
 * ```
 *
 * @category waiting
 * @stability unstable
 * @since 0.1.0
 */
export const staggered = <
  T extends Effect.Effect<unknown, unknown, unknown> | (() => unknown),
  M extends Made = Effect.Effect<unknown, unknown>
>(
  delay: Duration.Input | undefined,
  coroutines: Iterable<T>,
  options?: RaceOptions<AwaitableSuccess<Begun<T>>, M>
): Effect.Effect<
  AwaitableSuccess<Begun<T>>,
  ExceptionGroup<AwaitableError<Begun<T>> | CancelledError>,
  AwaitableServices<Begun<T>> | MadeServices<M>
> =>
  compete("staggered()", options, Exit.isSuccess, () => {
    const members = checkIterable(coroutines, "staggered() expects a list of coroutines")
    return new OneByOne(members, delay === undefined ? undefined : toMillis(delay))
  })
