/**
 * Results in the order they come.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { CancelledError } from "./errors.ts"
import { checkOptions, toMillis } from "./internal/model/arguments.ts"
import {
  type AwaitableError,
  type AwaitableServices,
  type AwaitableSuccess,
  callerOf,
  checkIterable
} from "./internal/combine/awaitables.ts"
import { Completions } from "./internal/combine/completions.ts"
import type { FutureImpl } from "./internal/task/future.ts"
import { Queue } from "./Queue.ts"
import type { AsCompleted } from "./internal/model/AsCompleted.ts"

export type { AsCompleted } from "./internal/model/AsCompleted.ts"

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
 * Same as [`asyncio.as_completed`](https://docs.python.org/3/library/asyncio-task.html#asyncio.as_completed); `async for` is
 * `next`, or `stream`.
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
    const done = Effect.runSync(Queue.make<FutureImpl | undefined>())
    return new Completions(callerOf(fiber), members, timeout, done) as never
  })
