/**
 * Catching a cancellation and nothing else.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { endedQuietly, raised } from "./internal/arrival.ts"
import { isDeep, nested } from "./internal/promiseScope.ts"
import { inScopeAsync } from "./internal/scopes.ts"

/**
 * Runs `body`; if it ends cancelled, calls `handler` and goes on with what that gives.
 *
 * **Details**
 *
 * The same as `try` and `catch` with a check for {@link CancelledError}, also for what hosts and libraries
 * make of a cancellation: see {@link isCancelled}. Every other error passes. Where a library that was given the signal has ended
 * quietly, as the streams of some SDKs do, the result is dropped, and `handler` is called.
 *
 * **Cancellation**
 *
 * Catches it. Say so with `task.uncancel()` if the task is to go on for long: timeouts and groups around it look at the
 * count.
 *
 * **asyncio**
 *
 * Same as [`except asyncio.CancelledError`](https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.CancelledError).
 *
 * **Example** (A default)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const task = asyncio.createTask(() =>
 *     asyncio.catchCancelled(
 *       () => asyncio.sleep("1 hour", "done"),
 *       (error) => `stopped: ${error.reason}`
 *     )
 *   )
 *   await asyncio.sleep(0)
 *   task.cancel("enough")
 *   return await task
 * }) // => "stopped: enough"
 * ```
 *
 * @category cancellation
 * @since 0.1.0
 */
export const catchCancelled = <A, B>(
  body: () => PromiseLike<A> | A,
  handler: (error: asyncio.CancelledError) => PromiseLike<B> | B
): Promise<A | B> =>
  inScopeAsync("catchCancelled()", async (scope) => {
    const example = "catchCancelled(async () => ..., async (error) => ...)"
    lowlevel.checkFunction(body, "catchCancelled()", example)
    lowlevel.checkFunction(handler, "catchCancelled()", example)
    let value: A
    try {
      if (isDeep()) await Promise.resolve()
      value = await nested(body)
    } catch (error) {
      const ended = raised(scope, error)
      if (lowlevel.isCancelledError(ended)) return await handler(ended)
      throw ended
    }
    const unseen = endedQuietly(scope)
    return unseen === undefined ? value : await handler(unseen)
  })
