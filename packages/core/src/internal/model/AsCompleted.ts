/**
 * Futures in the order they are done.
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { CancelledError } from "./CancelledError.ts"
import type { TimeoutError } from "./errors.ts"
import type { Future } from "./Future.ts"

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
