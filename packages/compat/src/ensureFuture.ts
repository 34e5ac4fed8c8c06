/**
 * Anything that can be awaited, as a future.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import { Future } from "./Future.ts"
import type { Awaitable } from "./awaitables.ts"
import { toCore } from "./given/awaitables.ts"
import { Task } from "./Task.ts"

/**
 * A future or a task as it is, anything else that can be awaited as a new task. A TypeError for what cannot be awaited.
 *
 * **asyncio**
 *
 * Same as [`asyncio.ensure_future(aw)`](https://docs.python.org/3/library/asyncio-future.html#asyncio.ensure_future).
 *
 * **Example** (A promise gets a task that waits for it)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const task = asyncio.ensureFuture(Promise.resolve(1))
 *   return [asyncio.ensureFuture(task) === task, await task]
 * }) // => [true, 1]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const ensureFuture: {
  <A, F extends Future<A>>(future: F): F
  <A>(awaitable: Awaitable<A>): Task<A>
} = (awaitable: Awaitable<unknown>): never =>
  (awaitable instanceof Future ? awaitable : Task.of(toCore(awaitable) as asyncio.Task<unknown, unknown>)) as never
