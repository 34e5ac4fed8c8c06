/**
 * Sleeping.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import { inScope } from "./internal/scopes.ts"

/**
 * Suspends the task for a time.
 *
 * **Details**
 *
 * A bare number is milliseconds; any of Effect's duration inputs (`"1 second"`) will do. Zero or less gives every other
 * task that is ready one step. `Infinity` sleeps until it is cancelled. Rejects with `ValueError: Invalid delay: NaN
 * (not a number)` for what is not a number, and with a RuntimeError outside of a task.
 *
 * **Cancellation**
 *
 * Rejects with {@link CancelledError} at once and removes the timer.
 *
 * **asyncio**
 *
 * Same as [`asyncio.sleep(delay, result)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.sleep), whose delay is in
 * seconds. The time runs from the call, not from the await.
 *
 * **Example** (Letting others go first)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const lines: Array<string> = []
 * const count = async (name: string) => {
 *   for (const n of [1, 2]) {
 *     lines.push(`${name} ${n}`)
 *     await asyncio.sleep(0)
 *   }
 * }
 *
 * await asyncio.run(async () => {
 *   const other = asyncio.createTask(() => count("task"))
 *   await count("main")
 *   await other
 * })
 * lines // => ["main 1", "task 1", "main 2", "task 2"]
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const sleep: {
  (delay: Duration.Input): Promise<void>
  <A>(delay: Duration.Input, result: A): Promise<A>
} = <A>(delay: Duration.Input, result?: A): Promise<A | undefined> =>
  inScope("sleep()", (scope) => scope.sleep(delay, result))
