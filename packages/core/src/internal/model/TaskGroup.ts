/**
 * What a task group is to its body, and to a coroutine of another kind.
 */
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { CancelledError } from "./CancelledError.ts"
import type { CreateTaskOptions, Task } from "./Task.ts"

/**
 * The group that a {@link taskGroup} body starts its tasks in.
 *
 * @category models
 * @since 0.1.0
 */
export interface TaskGroup<in E = unknown> {
  /**
   * Starts a task of the group. A defect, `RuntimeError: TaskGroup <...> is finished` or `is shutting down`, when the
   * group takes no more; while the body is over and tasks are still running, they may add others.
   */
  createTask<A, E2 extends E | CancelledError, R>(
    coroutine: Effect.Effect<A, E2, R>,
    options?: CreateTaskOptions
  ): Effect.Effect<Task<A, Exclude<E2, CancelledError>>, never, R>
  /**
   * Cancels the body and every task of the group, and ends the group without an error: the way to stop early. What the
   * tasks raise on the way is still reported by the group, and a cancellation that others ask for meanwhile goes on.
   */
  readonly cancel: Effect.Effect<void>
  /** `<TaskGroup tasks=2 errors=1 cancelling>`. */
  toString(): string
}

/**
 * A task group around a part of a coroutine that is no Effect.
 *
 * @category models
 * @since 0.1.0
 */
export interface OpenTaskGroup<in E = unknown> extends TaskGroup<E> {
  /** Adds the task that `make` makes; throws where {@link TaskGroup.createTask} is a defect. */
  addTaskUnsafe<T extends Task<unknown, unknown>>(make: () => T): T
  /** Whether it is being cancelled, and takes no more tasks because of that. */
  isShuttingDown(): boolean
  /** {@link TaskGroup.cancel} for callers outside of Effect. */
  cancelUnsafe(): void
  /** Ends the scope, given how its body ended: waits for the tasks. Run it in the scope that the group was opened for. */
  close<A, E2>(exit: Exit.Exit<A, E2>): Effect.Effect<A, unknown>
}
