/**
 * Work that outlives its request.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/compat"
import { waitForAtShutdown } from "./internal/taskWork.ts"

/**
 * Starts a task that outlives the request that it is called in: to write a log, to send a mail, to warm a cache.
 *
 * **Details**
 *
 * Takes what `createTask` takes. The task is out of the request's tree: neither the client's disconnect nor the deadline reaches it. At a
 * shutdown it is waited for as requests are. The loop reports a failure that no code retrieves.
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
 * import * as asyncio from "@effect-asyncio/compat"
 * import { detach } from "@effect-asyncio/server"
 *
 * const lines: Array<string> = []
 * await asyncio.run(async () => {
 *   const handle = async () => {
 *     detach(async () => {
 *       await asyncio.sleep(1)
 *       lines.push("audited")
 *     })
 *     return "answer"
 *   }
 *   lines.push(await asyncio.createTask(handle))
 *   await asyncio.sleep(50)
 * })
 * lines // => ["answer", "audited"]
 * ```
 *
 * @category requests
 * @stability unstable
 * @since 0.1.0
 */
export const detach = <A>(
  body: asyncio.AsyncFunction<A>,
  options?: Omit<asyncio.CreateTaskOptions, "detached">
): asyncio.Task<A> => {
  const task = asyncio.createTask(body, { ...options, detached: true })
  waitForAtShutdown(task.core)
  return task
}
