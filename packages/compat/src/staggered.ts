/**
 * One after the other until one succeeds, without waiting for each to fail.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type { AwaitableValue } from "./awaitables.ts"
import { checkCollection } from "./given/awaitables.ts"
import { toBeginners, toCoreOptions } from "./given/competitors.ts"
import { readIn } from "./internal/readingIn.ts"
import { inScope } from "./internal/scopes.ts"
import type { RaceOptions } from "./race.ts"
import type { AsyncFunction } from "./Task.ts"

/**
 * Begins one async function after the other until one succeeds, and gives its result: the next begins when the last one has failed, or
 * `delay` after it has begun. The others are cancelled, and waited for. Rejects with an {@link ExceptionGroup} when none succeeds.
 *
 * **When to use**
 *
 * For the same thing from several places, of which the first is the best, and each costs something: the addresses of a host ("Happy
 * Eyeballs"), a second try of a request that takes long. {@link anyOf} begins all at once.
 *
 * **Details**
 *
 * A bare number is milliseconds; without a delay, `undefined`, the next begins only when the last one has failed. Each is a task of its
 * own. The list may be endless, and is read no further than it is needed. The failures are in the order in which the functions
 * began; what else is said of failures at {@link anyOf} holds here. An empty list is a ValueError; what has begun
 * already, a task or a promise, is a TypeError.
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
 * import * as asyncio from "@effect-asyncio/compat"
 * import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"
 *
 * const lines: Array<string> = []
 * const ask = (server: string, millis: number) => async () => {
 *   lines.push(`asks ${server}`)
 *   return await asyncio.sleep(millis, server)
 * }
 *
 * const main = () => asyncio.staggered("250 millis", [ask("a", 1000), ask("b", 300), ask("c", 1)])
 *
 * await asyncio.run(main, { loopFactory: makeVirtualTimeLoop }) // => "c"
 * lines // => ["asks a", "asks b", "asks c"]
 * ```
 *
 * @category waiting
 * @stability unstable
 * @since 0.1.0
 */
export const staggered = <T extends AsyncFunction<unknown> | Effect.Effect<unknown, unknown, unknown>>(
  delay: Duration.Input | undefined,
  coroutines: Iterable<T>,
  options?: RaceOptions<AwaitableValue<T>>
): Promise<AwaitableValue<T>> =>
  inScope("staggered()", (scope) => {
    const list = checkCollection(coroutines, "staggered() expects a list of coroutine functions")
    if (delay !== undefined) lowlevel.toMillis(delay)
    const given = toCoreOptions(options, "staggered()")
    return scope.run(asyncio.staggered(delay, toBeginners(readIn(scope, list)), given)) as Promise<AwaitableValue<T>>
  })
