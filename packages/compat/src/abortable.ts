/**
 * Plain promises as cancellation points.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import { Future } from "./Future.ts"
import { inLine } from "./internal/lines.ts"

/**
 * Waits for any promise, and stops waiting when the task is cancelled.
 *
 * **When to use**
 *
 * For promises that know nothing of tasks and take no AbortSignal: a database driver's, a library's. Where the operation
 * takes a signal give it `currentSignal()` instead, so that it stops.
 *
 * **Cancellation**
 *
 * Rejects with {@link CancelledError} at once. What the promise stands for goes on, because a promise cannot be
 * cancelled; how it ends is then ignored.
 *
 * **asyncio**
 *
 * Same as `await asyncio.wrap_future(...)`.
 *
 * **Example** (Giving up on something that never comes)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const never = new Promise<string>(() => {})
 *
 * await asyncio.run(() =>
 *   asyncio.timeout(5, () => asyncio.abortable(never)).catch((error: Error) => error.name)
 * ) // => "TimeoutError"
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const abortable = <A>(promise: PromiseLike<A>): Promise<A> =>
  inLine("abortable()", (line) => {
    if (typeof (promise as PromiseLike<A> | undefined)?.then !== "function") {
      // When: `abortable` got no promise, but the function that makes it, say.
      throw asyncio.unexpectedValue(
        "a promise was expected by abortable()",
        promise,
        "Write `abortable(fetchUser(3))`."
      )
    }
    // A task or a future of ours is what is awaited, in this line and in no other one's name.
    if (promise instanceof Future) return line.await(promise.core) as Promise<A>
    return line.await(asyncio.promiseFutureUnsafe(line.loop, promise))
  })
