/**
 * A time limit that is no failure.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { toMillis } from "./internal/model/arguments.ts"
import { withMoveOn } from "./internal/combine/moveOn.ts"
import { runnerOf } from "./internal/combine/scopeBody.ts"
import type { MovedOn } from "./internal/model/MovedOn.ts"
import { bodyLast, type Yielded, type YieldedError, type YieldedServices } from "./internal/model/bodies.ts"
import type { Timeout, TimeoutBody } from "./internal/model/Timeout.ts"

export type { MovedOn } from "./internal/model/MovedOn.ts"

/**
 * Runs `body` for at most `delay` and goes on without it when the time is up: `timedOut` says which of the two it was.
 *
 * **When to use**
 *
 * Where being late is no failure: a cache that may answer, a farewell that need not arrive. Where it is one, use `timeout`.
 *
 * **Details**
 *
 * A bare number is milliseconds; `undefined` and `Infinity` mean no limit. A body that catches its cancellation gives what it returns,
 * and has then not timed out. A TimeoutError of the body's own is its failure. The body can be a function that gets the
 * `Timeout`, to look at the deadline and to move it. The rest is as in `timeout`, and they nest in each other.
 *
 * **Cancellation**
 *
 * A cancellation from outside passes through. Cleanup in the body is awaited, so it can take longer than the delay.
 *
 * **asyncio**
 *
 * Python has [`asyncio.timeout`](https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout) in a `try`. This is
 * [`move_on_after`](https://anyio.readthedocs.io/en/stable/cancellation.html#timeouts) of AnyIO and Trio, and
 * `timedOut` is their `cancelled_caught`. `Effect.timeoutOption` interrupts a fiber and cannot tell whose cancellation it was.
 *
 * **Example** (Whatever the cache says in time)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const cache = (millis: number) => Effect.as(asyncio.sleep(millis), "cached")
 *
 * const main = Effect.gen(function*() {
 *   const quick = yield* asyncio.moveOn("1 minute", cache(1))
 *   const slow = yield* asyncio.moveOn(1, cache(3_600_000))
 *   return [quick.value, slow.timedOut]
 * })
 *
 * await asyncio.run(main) // => ["cached", true]
 * ```
 *
 * @category waiting
 * @stability unstable
 * @since 0.1.0
 */
export const moveOn: {
  (delay: Duration.Input | undefined): <A, E, R>(body: TimeoutBody<A, E, R>) => Effect.Effect<MovedOn<A>, E, R>
  <Eff extends Yielded, A>(
    delay: Duration.Input | undefined,
    body: (timeout: Timeout) => Generator<Eff, A, never>
  ): Effect.Effect<MovedOn<A>, YieldedError<Eff>, YieldedServices<Eff>>
  <A, E, R>(delay: Duration.Input | undefined, body: TimeoutBody<A, E, R>): Effect.Effect<MovedOn<A>, E, R>
} = /*#__PURE__*/ bodyLast((delay: Duration.Input | undefined, body: TimeoutBody<unknown, unknown, unknown>) =>
  Effect.withFiber((fiber) => {
    // First: where the two are swapped, it is the body that tells.
    const run = runnerOf("moveOn()", body)
    return withMoveOn(fiber, delay === undefined ? undefined : toMillis(delay), run)
  })
) as never
