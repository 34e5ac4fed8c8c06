/**
 * Protecting work from the cancellation of the code that waits for it.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import { Future } from "./Future.ts"
import type { Awaitable } from "./awaitables.ts"
import { toCore } from "./given/awaitables.ts"
import { runNow } from "./internal/current.ts"

/**
 * A future that follows an awaitable, and whose cancellation does not reach it.
 *
 * **Details**
 *
 * An async function becomes a task. If the awaitable fails after the shield was cancelled, and no code retrieves the failure, the loop
 * reports it to its exception handler.
 *
 * **Cancellation**
 *
 * Cancelling the future, or a task that awaits it, ends the waiting; the awaitable goes on. Keep a reference to it if you
 * want to wait for it all the same.
 *
 * **asyncio**
 *
 * Same as [`asyncio.shield(aw)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.shield).
 *
 * **Example** (The work goes on)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const work = asyncio.createTask(() => asyncio.sleep(5, "saved"))
 *   const waiter = asyncio.createTask(() => asyncio.shield(work))
 *   await asyncio.sleep(0)
 *   waiter.cancel()
 *   await asyncio.wait([waiter])
 *   return [waiter.cancelled(), await work]
 * }) // => [true, "saved"]
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const shield = <A>(awaitable: Awaitable<A>): Future<A> =>
  Future.of(runNow(asyncio.shieldFuture(toCore(awaitable) as asyncio.Future<A, unknown>)))
