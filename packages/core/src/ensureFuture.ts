/**
 * From anything that can be awaited to a future.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { CancelledError } from "./errors.ts"
import type { Future } from "./Future.ts"
import { callerOf, toFuture } from "./internal/awaitables.ts"
import type { Task } from "./Task.ts"

/**
 * Gives a future as it is, starts an Effect as a task, and follows a promise with a task.
 *
 * **Details**
 *
 * Anything else is a defect: `TypeError: An asyncio.Future, a coroutine or an awaitable is required`. A promise that
 * rejects fails the task with the reason.
 *
 * **Cancellation**
 *
 * Cancelling the task of a promise ends the waiting, not what the promise stands for.
 *
 * **asyncio**
 *
 * Same as `asyncio.ensure_future`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ensureFuture: {
  <A, E>(awaitable: Future<A, E>): Effect.Effect<Future<A, E>>
  <A, E, R>(awaitable: Effect.Effect<A, E, R>): Effect.Effect<Task<A, Exclude<E, CancelledError>>, never, R>
  <A>(awaitable: PromiseLike<A>): Effect.Effect<Task<A, unknown>>
} = (awaitable: unknown): Effect.Effect<never> =>
  Effect.withFiberSucceed((fiber) => toFuture(callerOf(fiber), awaitable) as never)
