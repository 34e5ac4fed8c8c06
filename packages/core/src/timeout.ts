/**
 * Limiting how long something may take.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { TimeoutError } from "./errors.ts"
import { toMillis } from "./internal/model/arguments.ts"
import { runnerOf } from "./internal/combine/scopeBody.ts"
import { cancelTargetOf } from "./internal/combine/bodyTarget.ts"
import { withDeadline, withLimit } from "./internal/combine/timeout.ts"
import { bodyLast, type Yielded, type YieldedError, type YieldedServices } from "./internal/model/bodies.ts"
import type { Timeout, TimeoutBody } from "./internal/model/Timeout.ts"

export type { Timeout, TimeoutBody } from "./internal/model/Timeout.ts"

/**
 * Runs `body` and cancels it when `delay` has passed; it then fails with {@link TimeoutError}.
 *
 * **Details**
 *
 * A bare number is milliseconds; `undefined` and `Infinity` mean no limit. Timeouts nest: the one whose time is up turns
 * the cancellation into its TimeoutError, and only if the task was not cancelled from outside meanwhile. A body that fails
 * with an error of its own while it is cancelled keeps that error. In a branch of `Effect.all` only the branch is cancelled.
 *
 * **Cancellation**
 *
 * A cancellation from outside passes through. Cleanup in the body is awaited, so the scope can take longer than the
 * delay.
 *
 * **asyncio**
 *
 * Same as [`async with asyncio.timeout(delay)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout).
 * `Effect.timeout` interrupts a fiber and cannot tell whose cancellation it was.
 *
 * **Example** (Too slow)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = asyncio.timeout(5, asyncio.sleep("1 hour")).pipe(
 *   Effect.catchTag("TimeoutError", () => Effect.succeed("too slow"))
 * )
 *
 * await asyncio.run(main) // => "too slow"
 * ```
 *
 * **Example** (In a pipe, and around a generator)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 *
 * const quick = asyncio.sleep(1, "quick").pipe(asyncio.timeout("1 second"))
 *
 * const main = asyncio.timeout("1 minute", function*(timeout) {
 *   yield* timeout.reschedule(undefined)
 *   return yield* quick
 * })
 *
 * await asyncio.run(main) // => "quick"
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const timeout: {
  (delay: Duration.Input | undefined): <A, E, R>(body: TimeoutBody<A, E, R>) => Effect.Effect<A, E | TimeoutError, R>
  <Eff extends Yielded, A>(
    delay: Duration.Input | undefined,
    body: (timeout: Timeout) => Generator<Eff, A, never>
  ): Effect.Effect<A, YieldedError<Eff> | TimeoutError, YieldedServices<Eff>>
  <A, E, R>(delay: Duration.Input | undefined, body: TimeoutBody<A, E, R>): Effect.Effect<A, E | TimeoutError, R>
} = /*#__PURE__*/ bodyLast((delay: Duration.Input | undefined, body: TimeoutBody<unknown, unknown, unknown>) =>
  Effect.withFiber((fiber) => {
    // First: where the two are swapped, it is the body that tells.
    const run = runnerOf("timeout()", body)
    return withLimit(fiber, delay === undefined ? undefined : toMillis(delay), run)
  })
) as never

/**
 * {@link timeout} with the deadline on the loop's clock, in milliseconds: `loop.time() + 1000` is a second from now.
 *
 * **asyncio**
 *
 * Same as [`async with asyncio.timeout_at(when)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout_at).
 *
 * **Example** (One deadline for two steps)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   const deadline = loop.time() + 60_000
 *   return [
 *     yield* asyncio.timeoutAt(deadline, asyncio.sleep(1, "first")),
 *     yield* asyncio.timeoutAt(deadline, asyncio.sleep(1, "second"))
 *   ]
 * })
 *
 * await asyncio.run(main) // => ["first", "second"]
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const timeoutAt: {
  (when: number | undefined): <A, E, R>(body: TimeoutBody<A, E, R>) => Effect.Effect<A, E | TimeoutError, R>
  <Eff extends Yielded, A>(
    when: number | undefined,
    body: (timeout: Timeout) => Generator<Eff, A, never>
  ): Effect.Effect<A, YieldedError<Eff> | TimeoutError, YieldedServices<Eff>>
  <A, E, R>(when: number | undefined, body: TimeoutBody<A, E, R>): Effect.Effect<A, E | TimeoutError, R>
} = /*#__PURE__*/ bodyLast((when: number | undefined, body: TimeoutBody<unknown, unknown, unknown>) =>
  Effect.withFiber((fiber) => {
    const run = runnerOf("timeoutAt()", body)
    return withDeadline(cancelTargetOf(fiber), when, run)
  })
) as never
