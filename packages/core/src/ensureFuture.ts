/**
 * From anything that can be awaited to a future.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { hasProperty } from "effect/Predicate"
import type { CancelledError } from "./errors.ts"
import { type Future, isFuture } from "./Future.ts"
import { createTask, type Task } from "./Task.ts"

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
  (isFuture(awaitable) ? Effect.succeed(awaitable) : Effect.suspend(() => createTask(toEffect(awaitable)))) as never

const toEffect = (awaitable: unknown): Effect.Effect<unknown, unknown> => {
  if (Effect.isEffect(awaitable)) return awaitable as Effect.Effect<unknown, unknown>
  if (hasProperty(awaitable, "then") && typeof awaitable.then === "function") {
    return Effect.tryPromise({ try: () => awaitable as unknown as PromiseLike<unknown>, catch: (reason) => reason })
  }
  throw new TypeError("An asyncio.Future, a coroutine or an awaitable is required")
}
