/**
 * Handlers that the host calls in no task.
 *
 * @since 0.1.0
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { liveCurrent, runIn } from "./internal/current.ts"

/**
 * A function that calls `handler` in the task that `bind` was called in, from wherever it is called.
 *
 * **When to use**
 *
 * For handlers that the host calls in no task, or in another one: the events of a socket of a `net` server, of an
 * HTTP/2 stream, of a connection that a pool has made for another task; in a browser, every handler.
 *
 * **Details**
 *
 * `currentTask` in `handler` is the task of the code that called `bind`, awaits that it begins are the task's, and tasks that it
 * makes are of the task's loop. So are the stores of `AsyncLocalStorage`. Once the task is done, what the handler begins
 * goes on by itself until the end of the run; behind the end of the run it is in none.
 *
 * **Cancellation**
 *
 * A cancellation of the task reaches what `handler` waits for.
 *
 * **asyncio**
 *
 * Callbacks of asyncio [run in no task](https://docs.python.org/3/library/asyncio-eventloop.html#scheduling-callbacks). What comes
 * nearest is [`contextvars.copy_context().run`](https://docs.python.org/3/library/contextvars.html#contextvars.Context.run).
 *
 * **Example** (The events of an emitter that another task fires)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * let handler = () => ""
 * await asyncio.run(async () => {
 *   const whoAmI = () => asyncio.currentTask()?.getName() ?? "nobody"
 *   await asyncio.createTask(async () => void (handler = asyncio.bind(whoAmI)), { name: "owner" })
 *   return [whoAmI(), handler()]
 * }) // => ["Task-1", "owner"]
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const bind = <This, Args extends Array<unknown>, A>(
  handler: (this: This, ...args: Args) => A
): ((this: This, ...args: Args) => A) => {
  lowlevel.checkFunction(handler, "bind()", "bind((data) => ...)")
  const here = liveCurrent()
  const stores = lowlevel.captureAsyncContext()
  return function (this: This, ...args: Args): A {
    const call = (): A => handler.apply(this, args)
    return lowlevel.runInAsyncContext(stores, () => (here === undefined ? call() : runIn(here, call)), undefined)
  }
}
