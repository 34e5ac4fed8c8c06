/**
 * Cancellations in code that knows nothing of tasks: signals, and what libraries make of them.
 *
 * @since 0.1.0
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { seesCancellation } from "./internal/arrival.ts"
import { current } from "./internal/current.ts"
import { addWord } from "./internal/words.ts"
import { Task } from "./Task.ts"

/**
 * Whether an error is a cancellation: a {@link CancelledError}, or what a host or a library has made of the cancellation of
 * this task when its signal aborted. Never throws, whatever it is given.
 *
 * **When to use**
 *
 * In every `catch` that must tell a cancellation from a failure, around code that takes a signal.
 *
 * **Details**
 *
 * The words of libraries are `AbortError`, `ABORT_ERR`, axios' `CanceledError`, the `APIUserAbortError` of the SDKs of OpenAI
 * and Anthropic, PostgreSQL's 57014 and a few others, {@link recognizeCancellation} adds more. Such a word counts only where the task
 * was cancelled and its signal has been given out; an AbortError of a controller of your own is an error like others before that.
 *
 * **Cancellation**
 *
 * The code that asks has seen the cancellation: it is not delivered again. Rethrow the error, or go on after `task.uncancel()`.
 *
 * **asyncio**
 *
 * Same as `isinstance(error, asyncio.CancelledError)`, see
 * [`asyncio.CancelledError`](https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.CancelledError); so is `error
 * instanceof CancelledError`.
 *
 * **Example** (A cancellation is no failure)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import { setTimeout } from "node:timers/promises"
 *
 * const lines: Array<string> = []
 * const worker = async () => {
 *   try {
 *     await setTimeout(3_600_000, undefined, { signal: asyncio.currentSignal() })
 *   } catch (error) {
 *     lines.push(`${(error as Error).name}, a cancellation: ${asyncio.isCancelled(error)}`)
 *     await asyncio.sleep(1)
 *     lines.push("cleaned up")
 *     throw error
 *   }
 * }
 *
 * await asyncio.run(async () => {
 *   const task = asyncio.createTask(worker)
 *   await asyncio.sleep(0)
 *   task.cancel()
 *   await asyncio.wait([task])
 *   lines.push(`cancelled: ${task.cancelled()}`)
 * })
 * lines // => ["AbortError, a cancellation: true", "cleaned up", "cancelled: true"]
 * ```
 *
 * @category cancellation
 * @since 0.1.0
 */
export const isCancelled = (error: unknown): boolean => seesCancellation(error)

/**
 * The signal of the task that this code runs in, as `currentTask()?.signal`. Outside of any task it never aborts.
 *
 * **When to use**
 *
 * In code that is called inside and outside of tasks, and for everything that takes an AbortSignal. Ask for it where you
 * need it: after a cancellation that was caught it is a fresh one, and in the body of a timeout or a group it is the body's own.
 *
 * **Cancellation**
 *
 * Aborts with the {@link CancelledError} as its reason. To read the reason changes nothing: the cancellation arrives when an await
 * or a scope of this package, the end of the task, or {@link isCancelled} sees it.
 *
 * **asyncio**
 *
 * No such thing: Python's calls end with the task that awaits them, see
 * [Task Cancellation](https://docs.python.org/3/library/asyncio-task.html#task-cancellation).
 *
 * **Example** (Inside and outside)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const cancelled = () => asyncio.currentSignal().aborted
 *
 * const outside = cancelled()
 * const inside = await asyncio.run(async () => {
 *   asyncio.currentTask()?.cancel()
 *   const seen = cancelled()
 *   asyncio.currentTask()?.uncancel()
 *   return seen
 * })
 * const seen = [outside, inside]
 * seen // => [false, true]
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const currentSignal = (): AbortSignal => {
  const here = current()
  if (here?.task === undefined || here.loop.isClosed()) return new AbortController().signal
  return Task.of(here.task).signal
}

/**
 * Teaches {@link isCancelled}, and all that ends tasks and scopes, a library's word for a cancellation. Gives a function that
 * takes it back.
 *
 * **Details**
 *
 * `predicate` is asked about an error, and about its causes, while a cancellation is due whose signal was given out: what it says
 * accepts is that cancellation, and becomes its `cause`. A predicate that throws rejects the error.
 *
 * **Example** (A driver with an error code of its own)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * class DriverError extends Error {
 *   readonly code = "E_STOPPED"
 * }
 * const query = (signal: AbortSignal) =>
 *   new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(new DriverError("stopped"))))
 *
 * const forget = asyncio.recognizeCancellation((error) => error instanceof DriverError)
 *
 * const seen = await asyncio.run(async () => {
 *   const task = asyncio.createTask(() => query(asyncio.currentSignal()))
 *   await asyncio.sleep(0)
 *   task.cancel("enough")
 *   const error = await task.catch((error: unknown) => error as asyncio.CancelledError)
 *   return [task.cancelled(), error.reason, error.cause instanceof DriverError]
 * })
 * forget()
 * seen // => [true, "enough", true]
 * ```
 *
 * @category cancellation
 * @since 0.1.0
 */
export const recognizeCancellation = (predicate: (error: unknown) => boolean): (() => void) => {
  lowlevel.checkFunction(predicate, "recognizeCancellation()", "recognizeCancellation((error) => ...)")
  return addWord(predicate)
}
