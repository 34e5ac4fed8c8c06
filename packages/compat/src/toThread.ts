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
 * a free one, in order; {@link threadPool} has threads of its own. A thread is kept for the next call, for ten seconds at most. What a function leaves under way, a timer
 * for one, ends with it. A call that has to start a thread, as the first one and the first after a cancellation, takes some 50 ms, twice
 * that under `tsx`; one that finds a thread free, a fraction of one.
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
export const toThread: ToThread = (run: unknown, ...args: ReadonlyArray<unknown>): Promise<never> =>
  inScope("toThread()", (scope) => scope.run(asyncio.toThread<never>(run as asyncio.ModuleFunction, ...args)))

/**
 * Runs a function on a worker thread and waits for its result, as {@link toThread} does.
 *
 * @category models
 * @since 0.1.0
 */
export interface ToThread {
  <Args extends ReadonlyArray<unknown>, A>(run: (...args: Args) => A, ...args: Args): Promise<Awaited<A>>
  <A = unknown>(run: asyncio.ModuleFunction, ...args: ReadonlyArray<unknown>): Promise<A>
}

/**
 * Makes a {@link toThread} with threads of its own, beside those of the loop.
 *
 * **When to use**
 *
 * Where long work of one kind would keep short work waiting, or should have few threads: previews that are computed for minutes,
 * beside passwords that are hashed. Where the same threads will do, and only few are to work at one kind, use a semaphore around `toThread`.
 *
 * **Details**
 *
 * Make it once, where the program begins: each call makes another pool. A loop that uses it has `maxThreads` threads of the pool at most;
 * they are made when they are needed, and end with the loop, as its own do.
 *
 * Throws a ValueError for no thread at all, and a TypeError for what is no number.
 *
 * **Cancellation**
 *
 * As of {@link toThread}: it ends the thread, and a call that waits for one leaves the queue.
 *
 * **asyncio**
 *
 * Same purpose as the executor in
 * [`loop.run_in_executor(executor, func, *args)`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.run_in_executor),
 * with `ThreadPoolExecutor(max_workers=...)`.
 *
 * **Example** (Two threads for what takes long)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const toSlowThread = asyncio.threadPool({ maxThreads: 2 })
 *
 * const square = (n: number) => n * n
 *
 * await asyncio.run(() => Promise.all([1, 2, 3].map((n) => toSlowThread(square, n)))) // => [1, 4, 9]
 * ```
 *
 * @category elsewhere
 * @since 0.1.0
 */
export const threadPool = (options: asyncio.ThreadPoolOptions): ToThread => {
  const toThreadOfPool = asyncio.threadPool(options)
  return (run: unknown, ...args: ReadonlyArray<unknown>): Promise<never> =>
    inScope("toThread()", (scope) => scope.run(toThreadOfPool<never>(run as asyncio.ModuleFunction, ...args)))
}
