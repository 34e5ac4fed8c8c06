/**
 * What a future is, and how one is known.
 */
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { CancelledError } from "./CancelledError.ts"
import type { CancelOptions } from "./cancellationKinds.ts"
import type { InvalidStateError } from "./errors.ts"
import type { EventLoop } from "./EventLoop.ts"
import type { Task } from "./Task.ts"
import { FutureTypeId } from "./typeIds.ts"

/**
 * A result that will be there later. A future *is* an Effect: `yield* future` waits for it.
 *
 * **Details**
 *
 * Callbacks never run inside the call that completes the future; each is queued on the loop, in the order added.
 * Awaiting a future that is done does not suspend.
 *
 * **Cancellation**
 *
 * Cancelling a task that awaits a future cancels the future, and with it every other task that awaits it; use a task for
 * what must survive its waiters.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Future`](https://docs.python.org/3/library/asyncio-future.html#asyncio.Future).
 *
 * **Example** (A callback API as a future)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   const future = yield* loop.createFuture<string>()
 *   yield* loop.callLater("1 milli", () => future.setResultUnsafe("ready"))
 *   return yield* future
 * })
 *
 * await asyncio.run(main) // => "ready"
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface Future<out A, out E = never> extends Effect.Effect<A, E | CancelledError> {
  /** @hidden */
  readonly [FutureTypeId]: typeof FutureTypeId
  /** The loop it belongs to. */
  readonly loop: EventLoop
  /** Whether it is finished or cancelled. */
  done(): boolean
  /** Whether it is cancelled. */
  cancelled(): boolean
  /** How it ended, `undefined` while pending. Counts as looking at a failure. */
  exitUnsafe(): Exit.Exit<A, E | CancelledError> | undefined
  /** Its result without waiting; fails with {@link InvalidStateError} (`Result is not set.`) while pending. */
  result(): Effect.Effect<A, E | CancelledError | InvalidStateError>
  /** Its error, `undefined` when it succeeded; fails with {@link InvalidStateError} (`Exception is not set.`) while pending. */
  exception(): Effect.Effect<unknown, CancelledError | InvalidStateError>
  /** Cancels it, with a message for the waiters and a kind. False when it was done already. */
  cancel(message?: string, options?: CancelOptions): Effect.Effect<boolean>
  /** {@link cancel} for callers outside of Effect, which may name what asks; the current task by default. */
  cancelUnsafe(message?: string, options?: CancelOptions, requestedBy?: Task<unknown, unknown> | string): boolean
  /** Finishes it; fails with {@link InvalidStateError} (`invalid state`) when it is done already. */
  setResult(value: NoInfer<A>): Effect.Effect<void, InvalidStateError>
  /** {@link setResult} for callers outside of Effect; throws. */
  setResultUnsafe(value: NoInfer<A>): void
  /** Finishes it with a failure; fails with {@link InvalidStateError} (`invalid state`) when it is done already. */
  setException(error: NoInfer<E>): Effect.Effect<void, InvalidStateError>
  /** {@link setException} for callers outside of Effect; throws. */
  setExceptionUnsafe(error: NoInfer<E>): void
  /** Finishes it as an Effect ended, cancels it if that was cancelled; throws {@link InvalidStateError} when it is done already. */
  setExitUnsafe(exit: Exit.Exit<NoInfer<A>, NoInfer<E>>): void
  /** Queues `callback` on the loop when the future is done, or now if it is. */
  addDoneCallback(callback: (future: Future<A, E>) => void): Effect.Effect<void>
  /** {@link addDoneCallback} for callers outside of Effect. */
  addDoneCallbackUnsafe(callback: (future: Future<A, E>) => void): void
  /** Withdraws every registration of `callback` and says how many there were. */
  removeDoneCallback(callback: (future: Future<A, E>) => void): Effect.Effect<number>
  /** {@link removeDoneCallback} for callers outside of Effect. */
  removeDoneCallbackUnsafe(callback: (future: Future<A, E>) => void): number
}

/**
 * Whether a value is a future (or a task).
 *
 * **asyncio**
 *
 * [`asyncio.isfuture(value)`](https://docs.python.org/3/library/asyncio-future.html#asyncio.isfuture).
 *
 * **Example** (A task is one, an Effect is not)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const task = yield* asyncio.createTask(Effect.succeed(1))
 *   return [asyncio.isFuture(task), asyncio.isFuture(Effect.succeed(1))]
 * })
 *
 * await asyncio.run(main) // => [true, false]
 * ```
 *
 * @category guards
 * @since 0.1.0
 */
export const isFuture = (value: unknown): value is Future<unknown, unknown> =>
  // Here and not by a function of Effect's: V8 remembers what it has found at a place with one kind of name only.
  typeof value === "object" && value !== null && FutureTypeId in value
