/**
 * Work that outlives its request.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { waitForAtShutdown } from "../internal/taskWork.ts"

/**
 * Starts a task that outlives the request that it is begun in: to write a log, to send a mail, to warm a cache.
 *
 * **Details**
 *
 * Takes what `createTask` takes. The task is out of the request's tree: neither the client's disconnect nor the deadline reaches it. It has a
 * scope of its own, because that of the request closes with the answer. At a shutdown it is waited for as requests are. The loop reports a
 * failure that no code retrieves.
 *
 * **Cancellation**
 *
 * By `task.cancel`, and after the grace of {@link serve} with the kind `"shutdown"`.
 *
 * **asyncio**
 *
 * Same as [`asyncio.create_task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task), whose tasks are in no tree.
 *
 * **Example** (What goes on behind the answer)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { detach } from "@effect-asyncio/server/effect"
 * import { Effect } from "effect"
 *
 * const lines: Array<string> = []
 * const audit = Effect.andThen(asyncio.sleep(1), Effect.sync(() => lines.push("audited")))
 * const handle = Effect.as(detach(audit, { name: "audit" }), "answer")
 * const main = Effect.gen(function*() {
 *   lines.push(yield* yield* asyncio.createTask(handle))
 *   yield* asyncio.sleep(50)
 * })
 *
 * await asyncio.run(main)
 * lines // => ["answer", "audited"]
 * ```
 *
 * @category requests
 * @stability unstable
 * @since 0.1.0
 */
export const detach = <A, E, R>(
  body: Effect.Effect<A, E, R>,
  options?: Omit<asyncio.CreateTaskOptions, "detached">
): Effect.Effect<asyncio.Task<A, E>, never, Exclude<R, Scope.Scope>> =>
  Effect.tap(asyncio.createTask(Effect.scoped(body), { ...options, detached: true }), (task) =>
    Effect.sync(() => waitForAtShutdown(task))
  )
