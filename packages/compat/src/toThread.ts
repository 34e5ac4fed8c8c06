/**
 * Work on another thread.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import { inScope } from "./internal/scopes.ts"

/**
 * Runs a function on a worker thread and waits for its result.
 *
 * **Details**
 *
 * The function is sent as source text: it sees its arguments and what is global, and nothing around it. Or give the place
 * of an exported function, `{ module: new URL("./work.js", import.meta.url), name: "work" }`. Arguments and results are
 * copied as `structuredClone` does. Rejects with what the function throws, with a TypeError for what has no source
 * (`JSON.parse`, a bound function), and with a RuntimeError where the host has no threads.
 *
 * A run has `min(32, processors + 4)` threads at most, or as many as its option `maxThreads` says; further calls wait for
 * their turn, in order. A thread is kept for the next call, for ten seconds at most. What a function leaves under way, a timer
 * for one, ends with it.
 *
 * **Cancellation**
 *
 * Ends the thread. A call that still waits for a thread leaves the queue.
 *
 * **asyncio**
 *
 * Same as [`asyncio.to_thread(func, *args)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread), and the same
 * number of threads; there they share memory and cannot be ended.
 *
 * **Example** (A long computation)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const sum = (n: number) => {
 *   let total = 0
 *   for (let i = 1; i <= n; i++) total += i
 *   return total
 * }
 *
 * await asyncio.run(() => asyncio.toThread(sum, 1000)) // => 500500
 * ```
 *
 * @category elsewhere
 * @since 0.1.0
 */
export const toThread: {
  <Args extends ReadonlyArray<unknown>, A>(run: (...args: Args) => A, ...args: Args): Promise<Awaited<A>>
  <A = unknown>(run: asyncio.ModuleFunction, ...args: ReadonlyArray<unknown>): Promise<A>
} = (run: unknown, ...args: ReadonlyArray<unknown>): Promise<never> =>
  inScope("toThread()", (scope) => scope.run(asyncio.toThread<never>(run as asyncio.ModuleFunction, ...args)))
