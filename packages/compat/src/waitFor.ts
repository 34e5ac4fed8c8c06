/**
 * Waiting for one thing, for a time.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import type * as Duration from "effect/Duration"
import { type Awaitable, toCore } from "./internal/awaitables.ts"
import { callWith } from "./internal/callWith.ts"
import { inLine } from "./internal/lines.ts"
import { checkBody, Task } from "./Task.ts"
import { timeout as withTimeout } from "./timeout.ts"

/**
 * Waits for an awaitable, and when `timeout` has passed cancels it and rejects with {@link TimeoutError}.
 *
 * **Details**
 *
 * A bare number is milliseconds; `undefined` waits without limit. An async function runs in the current task. An awaitable
 * that does not let itself be cancelled gives its result, however late; a promise cannot be cancelled, and is left to
 * itself. With a timeout of zero or less, a function does not start and a future must be done already.
 *
 * **Cancellation**
 *
 * Cancels the awaitable and waits for it.
 *
 * **asyncio**
 *
 * Same as `asyncio.wait_for(aw, timeout)`.
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
export const waitFor = <A>(awaitable: Awaitable<A>, timeout: Duration.Input | undefined): Promise<A> =>
  inLine("waitFor()", (line) => {
    const runsHere = typeof awaitable === "function" && hasTime(timeout)
    if (runsHere) checkBody(awaitable)
    if (runsHere) return withTimeout(timeout, () => callWith(awaitable, () => Task.of(line.task)))
    return line.run(asyncio.waitFor(toCore(awaitable) as asyncio.Future<A, unknown>, timeout))
  })

const hasTime = (timeout: Duration.Input | undefined): boolean => timeout === undefined || asyncio.toMillis(timeout) > 0
