/**
 * What became of tasks that were asked to cancel themselves.
 */
import type { Labels, Task } from "./Task.ts"

/**
 * What became of the tasks that {@link cancelAndWait} has asked, each in one of the lists.
 *
 * @category models
 * @since 0.1.0
 */
export interface CancelReport<out T = Task<unknown, unknown>> {
  /** They have ended cancelled. */
  readonly cancelled: ReadonlyArray<T>
  /** They have a result: they were done before, or have caught the cancellation. */
  readonly finished: ReadonlyArray<T>
  /** They have failed, before or in their cleanup. It does not count as looking at the failure that a task is in this list. */
  readonly failed: ReadonlyArray<T>
  /** They were not done when the time was up. */
  readonly ignoring: ReadonlyArray<IgnoringTask<T>>
  /** The names, ids and labels that no task had. A function that gave true for none is no mistake, and not among them. */
  readonly notFound: ReadonlyArray<string | number | Labels>
}

/**
 * A task that was asked to cancel itself, and was not done when the time was up.
 *
 * @category models
 * @since 0.1.0
 */
export interface IgnoringTask<out T = Task<unknown, unknown>> {
  readonly task: T
  readonly id: number
  readonly name: string
  /** What it runs: `NAME() running at FILE:LINE`. */
  readonly coroutine: string
  /**
   * What it waits for, and what that waits for in turn: the names of tasks, and how the future prints that is at the end. Of several
   * the oldest. Empty where a task waits for what the loop knows nothing of: a promise, a foreign effect.
   */
  readonly waitingFor: ReadonlyArray<string>
}
