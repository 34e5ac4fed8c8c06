/**
 * Plain promises as cancellation points.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Exit from "effect/Exit"
import { Future } from "./Future.ts"
import type { PromiseScope } from "./internal/promiseScope.ts"
import { calledIn, discardIn } from "./internal/discarding.ts"
import { inScope } from "./internal/scopes.ts"
import { withoutUnhandledRejection } from "./internal/unhandled.ts"

/**
 * Options of {@link abortable}.
 *
 * @category models
 * @since 0.1.0
 */
export interface AbortableOptions<in A = unknown> {
  /** Is given what the promise brings after the waiting was given up, so that it can be handed back: a connection, a file. */
  readonly discard?: ((value: A) => unknown) | undefined
  /** Stops the work behind the promise when the waiting is cancelled. What it gives is waited for first, if that is a promise. */
  readonly onCancel?: ((error: asyncio.CancelledError) => unknown) | undefined
}

/**
 * Waits for any promise, and stops waiting when the task is cancelled.
 *
 * **When to use**
 *
 * For promises that know nothing of tasks and take no AbortSignal: a database driver's, a library's. Where the operation
 * takes a signal give it `currentSignal()` instead, so that it stops.
 *
 * **Details**
 *
 * Give `discard` for a result that has to be handed back, a connection of a pool for one: it is called with a result that comes after the
 * waiting was given up. Work that can be stopped, but takes no signal, is stopped by `onCancel`: `abortable(query, { onCancel: () => query.cancel() })`.
 * A hook that fails is reported to the exception handler of the loop.
 *
 * **Cancellation**
 *
 * Rejects with {@link CancelledError} at once, or when `onCancel` is done. What the promise stands for goes on unless `onCancel` stops it,
 * because a promise cannot be cancelled; how it ends is then ignored, but for `discard`.
 *
 * **asyncio**
 *
 * Same as [`await asyncio.wrap_future(...)`](https://docs.python.org/3/library/asyncio-future.html#asyncio.wrap_future); `discard`
 * and `onCancel` are ours.
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
 * **Example** (A connection that comes too late goes back)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const lines: Array<string> = []
 * const connect = () => new Promise<string>((resolve) => setTimeout(resolve, 20, "connection"))
 * const release = (connection: string) => lines.push(`released the ${connection}`)
 *
 * await asyncio.run(async () => {
 *   const connecting = connect()
 *   const { timedOut } = await asyncio.moveOn(5, () => asyncio.abortable(connecting, { discard: release }))
 *   await connecting
 *   lines.push(timedOut ? "moved on" : "in time")
 * })
 * lines // => ["released the connection", "moved on"]
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const abortable = <A>(promise: PromiseLike<A>, options?: AbortableOptions<NoInfer<A>>): Promise<A> =>
  inScope("abortable()", (scope) => {
    if (typeof (promise as PromiseLike<A> | undefined)?.then !== "function") {
      // When: `abortable` got no promise, but the function that makes it, say.
      throw lowlevel.unexpectedValue(
        "a promise was expected by abortable()",
        promise,
        "Write `abortable(fetchUser(3))`."
      )
    }
    checkHooks(options)
    // A task or a future of ours is awaited as it is, by this scope.
    const future = (
      promise instanceof Future ? promise.core : lowlevel.promiseFutureUnsafe(scope.loop, promise)
    ) as asyncio.Future<A, unknown>
    const waited = scope.await(future)
    return options === undefined
      ? waited
      : withoutUnhandledRejection(withHooks(scope, waited, future, promise, options))
  })

const checkHooks = (options: AbortableOptions<never> | undefined): void => {
  const example = "{ discard: (client) => client.release() }"
  lowlevel.checkOptions(options, "abortable()", example)
  for (const hook of [options?.discard, options?.onCancel]) {
    if (hook !== undefined) lowlevel.checkFunction(hook, "abortable()", example)
  }
}

const withHooks = async <A>(
  scope: PromiseScope,
  waited: Promise<A>,
  future: asyncio.Future<A, unknown>,
  promise: PromiseLike<A>,
  { discard, onCancel }: AbortableOptions<A>
): Promise<A> => {
  try {
    return await waited
  } catch (error) {
    const exit = future.exitUnsafe()
    const failed = exit !== undefined && Exit.isFailure(exit) && !future.cancelled()
    if (failed || !lowlevel.isCancelledError(error)) throw error
    // Also a result that had come already when the cancellation replaced it.
    if (discard !== undefined) {
      Promise.resolve(promise).then(
        (value) => discardIn(scope, discard, value),
        () => {}
      )
    }
    if (onCancel !== undefined) await calledIn(scope, "onCancel", () => onCancel(error))
    throw error
  }
}
