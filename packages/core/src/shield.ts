/**
 * Waiting for something without cancelling it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { CancelledError } from "./errors.ts"
import type { Future } from "./Future.ts"
import { type Awaitable, callerOf } from "./internal/combine/awaitables.ts"
import { makeShield } from "./internal/combine/shield.ts"

/**
 * Waits for an awaitable that a cancellation of the waiting task does not reach.
 *
 * **Details**
 *
 * An Effect is started as a task. If the awaitable, of whatever kind, fails after the waiting task was cancelled, and no code retrieves
 * the failure, the loop reports it to its exception handler: `ValueError exception in shielded future`.
 *
 * **Cancellation**
 *
 * The waiting task is cancelled at once; the awaitable goes on. If the awaitable itself is cancelled, the wait ends with
 * {@link CancelledError}.
 *
 * **asyncio**
 *
 * Same as [`asyncio.shield`](https://docs.python.org/3/library/asyncio-task.html#asyncio.shield). Python's is a future at once;
 * that is {@link shieldFuture}.
 *
 * **Example** (Finishing what was begun)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const save = yield* asyncio.createTask(Effect.as(asyncio.sleep(2), "saved"))
 *   const waiter = yield* asyncio.createTask(asyncio.shield(save))
 *   yield* asyncio.sleep(1)
 *   yield* waiter.cancel()
 *   return yield* save
 * })
 *
 * await asyncio.run(main) // => "saved"
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const shield = <A, E, R>(awaitable: Awaitable<A, E, R>): Effect.Effect<A, E | CancelledError, R> =>
  Effect.flatten(shieldFuture(awaitable))

/**
 * {@link shield} without the waiting: a future that follows the awaitable, and whose cancellation does not reach it.
 *
 * **asyncio**
 *
 * Same as [`asyncio.shield`](https://docs.python.org/3/library/asyncio-task.html#asyncio.shield).
 *
 * **Example** (Cancelling the shield and not the work)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const save = yield* asyncio.createTask(asyncio.sleep(1, "saved"))
 *   const shielded = yield* asyncio.shieldFuture(save)
 *   yield* shielded.cancel()
 *   return [shielded.cancelled(), yield* save]
 * })
 *
 * await asyncio.run(main) // => [true, "saved"]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const shieldFuture = <A, E, R>(
  awaitable: Awaitable<A, E, R>
): Effect.Effect<Future<A, Exclude<E, CancelledError>>, never, R> =>
  Effect.withFiberSucceed(
    (fiber) => makeShield(callerOf(fiber), awaitable) as unknown as Future<A, Exclude<E, CancelledError>>
  )
