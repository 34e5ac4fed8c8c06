/**
 * Waiting for one thing, for a time.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Duration from "effect/Duration"
import type { Awaitable } from "./awaitables.ts"
import { toCore } from "./given/awaitables.ts"
import { callWith } from "./internal/callWith.ts"
import { inScope } from "./internal/scopes.ts"
import { abortable } from "./abortable.ts"
import { Future } from "./Future.ts"
import { checkTimeoutOptions, type TimeoutOptions } from "./internal/lateBody.ts"
import { Task } from "./Task.ts"
import { checkBody } from "./internal/checkBody.ts"
import { timeout as withTimeout } from "./timeout.ts"

/**
 * Waits for an awaitable, and when `timeout` has passed cancels it and rejects with {@link TimeoutError}.
 *
 * **Details**
 *
 * A bare number is milliseconds; `undefined` waits without limit. An async function runs in the current task. An awaitable
 * that does not let itself be cancelled gives its result, however late; a promise cannot be cancelled, and is left to
 * itself; the option `discard` is given its late result. A function that hangs on a plain promise is given up after a while, see
 * `timeout`; with the option `grace` so is whatever else does not end when it is cancelled. With a timeout of zero or less, a function
 * does not start and a future must be done already.
 *
 * **Cancellation**
 *
 * Cancels the awaitable and waits for it.
 *
 * **asyncio**
 *
 * Same as [`asyncio.wait_for(aw, timeout)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.wait_for).
 *
 * **Example** (A task that is too slow is cancelled)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const slow = asyncio.createTask(() => asyncio.sleep("1 hour"))
 *   try {
 *     await asyncio.waitFor(slow, 5)
 *   } catch (error) {
 *     return [error instanceof asyncio.TimeoutError, slow.cancelled()]
 *   }
 *   return "in time"
 * }) // => [true, true]
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const waitFor = <A>(
  awaitable: Awaitable<A>,
  timeout: Duration.Input | undefined,
  options?: TimeoutOptions<NoInfer<A>>
): Promise<A> =>
  inScope("waitFor()", (scope) => {
    checkTimeoutOptions(options, "waitFor()")
    if (typeof awaitable === "function" && hasTime(timeout)) {
      checkBody(awaitable)
      return withTimeout(timeout, () => callWith(awaitable, () => Task.of(scope.task)), options)
    }
    if (options === undefined || !hasTime(timeout)) {
      return scope.run(asyncio.waitFor(toCore(awaitable) as asyncio.Future<A, unknown>, timeout))
    }
    // A promise is waited for as it is: a task around it would lose a late result.
    const awaited = isPlain(awaitable) ? awaitable : (Future.of(toCore(awaitable)) as Future<A>)
    return withTimeout(timeout, () => abortable(awaited, { discard: options.discard }), options)
  })

const isPlain = <A>(awaitable: Awaitable<A>): awaitable is PromiseLike<A> =>
  !(awaitable instanceof Future) && typeof (awaitable as Partial<PromiseLike<A>>).then === "function"

const hasTime = (timeout: Duration.Input | undefined): boolean =>
  timeout === undefined || lowlevel.toMillis(timeout) > 0
