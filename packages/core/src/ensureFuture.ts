/**
 * From anything that can be awaited to a future.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { CancelledError } from "./errors.ts"
import type { Future } from "./Future.ts"
import type { EventLoop } from "./EventLoop.ts"
import { callerOf, type PromiseError, toFuture, toFutures } from "./internal/combine/awaitables.ts"
import type { EventLoopImpl } from "./internal/make/eventLoop.ts"
import type { Task } from "./Task.ts"

/**
 * Options of {@link ensureFuture}.
 *
 * @category models
 * @since 0.1.0
 */
export interface EnsureFutureOptions {
  /** The loop for a new task; a future of another one is then a defect, ValueError. The running loop by default. */
  readonly loop?: EventLoop | undefined
}

/**
 * Gives a future as it is, starts an Effect as a task, and follows a promise with a task.
 *
 * **Details**
 *
 * Anything else is a defect: `TypeError: An asyncio.Future, a coroutine or an awaitable is required`. A promise that
 * rejects fails the task with Effect's `UnknownError`, whose `cause` is the reason; a cancellation and an `ExceptionGroup` stay as they
 * are. For an error of your own write `Effect.tryPromise({ try: () => promise, catch: ... })`.
 *
 * **Cancellation**
 *
 * Cancelling the task of a promise ends the waiting, not what the promise stands for.
 *
 * **asyncio**
 *
 * Same as [`asyncio.ensure_future`](https://docs.python.org/3/library/asyncio-future.html#asyncio.ensure_future).
 *
 * **Example** (A task as it is, a promise with a task)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const task = yield* asyncio.ensureFuture(Promise.resolve(1))
 *   return [(yield* asyncio.ensureFuture(task)) === task, yield* task]
 * })
 *
 * await asyncio.run(main) // => [true, 1]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const ensureFuture: {
  <A, E>(awaitable: Future<A, E>, options?: EnsureFutureOptions): Effect.Effect<Future<A, E>>
  <A, E, R>(
    awaitable: Effect.Effect<A, E, R>,
    options?: EnsureFutureOptions
  ): Effect.Effect<Task<A, Exclude<E, CancelledError>>, never, R>
  <A>(awaitable: PromiseLike<A>, options?: EnsureFutureOptions): Effect.Effect<Task<A, PromiseError>>
} = (awaitable: unknown, options: EnsureFutureOptions = {}): Effect.Effect<never> =>
  Effect.withFiberSucceed((fiber) => {
    const caller = callerOf(fiber)
    if (options.loop === undefined) return toFuture(caller, awaitable) as never
    return toFutures({ ...caller, loop: options.loop as EventLoopImpl }, [awaitable])[0] as never
  })
