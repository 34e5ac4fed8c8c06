/**
 * Results in the order they come.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { CancelledError, TimeoutError } from "./errors.ts"
import type { Future } from "./Future.ts"
import { checkOptions, toMillis } from "./internal/arguments.ts"
import {
  type AwaitableError,
  type AwaitableServices,
  type AwaitableSuccess,
  type Caller,
  callerOf,
  checkIterable,
  toFutures
} from "./internal/awaitables.ts"
import { timeIsUp } from "./internal/cancellation.ts"
import type { Feeding, FutureImpl } from "./internal/future.ts"
import { Queue } from "./Queue.ts"

/**
 * Options of {@link asCompleted}.
 *
 * @category models
 * @since 0.1.0
 */
export interface AsCompletedOptions {
  /** How long all of it may take; no limit by default. A bare number is milliseconds. */
  readonly timeout?: Duration.Input | undefined
}

/**
 * Futures in the order they are done. The styles can be mixed: each takes the next one.
 *
 * @category models
 * @since 0.1.0
 */
export interface AsCompleted<A, E> extends Iterable<Effect.Effect<A, E | CancelledError | TimeoutError>> {
  /**
   * The next future that is done, `undefined` when there is none left: Python's `async for`. Gives the futures that
   * were passed in, and new tasks for coroutines. Fails with {@link TimeoutError} when the time is up.
   */
  readonly next: Effect.Effect<Future<A, E> | undefined, TimeoutError>
  /** The futures that are done, as a stream. */
  readonly stream: Stream.Stream<Future<A, E>, TimeoutError>
}

/**
 * Runs awaitables beside each other and gives their results in the order they come.
 *
 * **Details**
 *
 * Iterating gives as many Effects as there are awaitables; each waits for the next one to be done and gives its result
 * or its failure. When the time is up, what is left fails with {@link TimeoutError}; the futures themselves go on. The
 * same future twice counts once; the same Effect twice runs twice. A single future is a defect, `TypeError: expects an iterable of awaitables, not Task`.
 *
 * **Cancellation**
 *
 * Ends the waiting for the next one. The futures go on.
 *
 * **asyncio**
 *
 * Same as `asyncio.as_completed`; `async for` is `next`, or `stream`.
 *
 * **Example** (The fastest first)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const after = (millis: number) => Effect.as(asyncio.sleep(millis), millis)
 *
 * const main = Effect.gen(function*() {
 *   const results: Array<number> = []
 *   for (const next of yield* asyncio.asCompleted([after(20), after(1)])) results.push(yield* next)
 *   return results
 * })
 *
 * await asyncio.run(main) // => [1, 20]
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const asCompleted = <T>(
  awaitables: Iterable<T>,
  options: AsCompletedOptions = {}
): Effect.Effect<
  AsCompleted<AwaitableSuccess<T>, Exclude<AwaitableError<T>, CancelledError>>,
  never,
  AwaitableServices<T>
> =>
  Effect.withFiberSucceed((fiber) => {
    checkOptions(options, "asCompleted()", '{ timeout: "1 second" }')
    const members = checkIterable(awaitables, "expects an iterable of awaitables")
    // A wrong timeout is refused before any task is made.
    const timeout = options.timeout === undefined ? undefined : toMillis(options.timeout)
    return new Completions(callerOf(fiber), members, timeout) as never
  })

class Completions implements AsCompleted<unknown, unknown> {
  // Done futures in order; undefined stands for one that the time was not enough for.
  readonly #done = Effect.runSync(Queue.make<FutureImpl | undefined>())
  readonly #todo: Set<FutureImpl>
  #left: number

  constructor(caller: Caller, awaitables: Iterable<unknown>, timeout: Duration.Input | undefined) {
    this.#todo = new Set(toFutures(caller, awaitables))
    this.#left = this.#todo.size
    const completed = (future: FutureImpl) => {
      // The timeout was here first.
      if (this.#todo.size === 0) return
      this.#todo.delete(future)
      this.#done.putUnsafe(future)
      if (this.#todo.size === 0) timer?.cancelUnsafe()
    }
    const name = "_AsCompletedIterator._handle_completion"
    for (const future of this.#todo) future.addFeeding(completed, name, this.#done as unknown as Feeding)
    const timedOut = () => {
      for (const future of this.#todo) {
        future.removeDoneCallbackUnsafe(completed)
        this.#done.putUnsafe(undefined)
      }
      this.#todo.clear()
    }
    const timer = timeout === undefined || this.#left === 0 ? undefined : caller.loop.callLaterUnsafe(timeout, timedOut)
  }

  readonly #waitForOne: Effect.Effect<FutureImpl, TimeoutError> = Effect.suspend(() =>
    Effect.flatMap(Effect.orDie(this.#done.get), (future) =>
      future === undefined ? Effect.fail(timeIsUp()) : Effect.succeed(future)
    )
  )

  readonly next: Effect.Effect<Future<unknown, unknown> | undefined, TimeoutError> = Effect.suspend(() => {
    if (this.#left === 0) return Effect.succeed(undefined)
    this.#left--
    return this.#waitForOne
  })

  get stream(): Stream.Stream<Future<unknown, unknown>, TimeoutError> {
    return Stream.unfold(undefined, () =>
      Effect.map(this.next, (future) => (future === undefined ? undefined : ([future, undefined] as const)))
    )
  }

  *[Symbol.iterator](): Generator<Effect.Effect<unknown, unknown>, void> {
    while (this.#left > 0) {
      this.#left--
      yield Effect.flatMap(this.#waitForOne, (future) => future.result())
    }
  }
}
