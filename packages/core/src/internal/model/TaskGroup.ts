/**
 * What a task group is to its body, and to a coroutine of another kind.
 */
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { Made, Yielded, YieldedError, YieldedServices } from "./bodies.ts"
import type { CancelledError } from "./CancelledError.ts"
import type { Future } from "./Future.ts"
import type { CreateTaskOptions, Task } from "./Task.ts"

/** What the compiler says of a task that may fail with something that its group does not name. */
interface GroupDoesNotName<E> {
  readonly "Name all that the tasks of the group may fail with: taskGroup((group: TaskGroup<A | B>) => ...)": E
}

/**
 * The group that a {@link taskGroup} body starts its tasks in.
 *
 * **Example** (A server that is there before its client)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 *
 * const server = (started: asyncio.Started<number>) =>
 *   Effect.gen(function*() {
 *     yield* asyncio.sleep(1)
 *     yield* started(8080)
 *     yield* asyncio.sleep("1 hour")
 *   })
 *
 * const main = asyncio.taskGroup((group) =>
 *   Effect.gen(function*() {
 *     const port = yield* group.start(server, { name: "server" })
 *     const running = Array.from(group, (task) => task.getName())
 *     yield* group.cancel
 *     return [port, running]
 *   })
 * )
 *
 * await asyncio.run(main) // => [8080, ["server"]]
 * ```
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
  /** The same for a generator function, as `Effect.gen` takes it. */
  createTask<Eff extends Yielded<E | CancelledError>, A>(
    coroutine: () => Generator<Eff, A, never>,
    options?: CreateTaskOptions
  ): Effect.Effect<Task<A, Exclude<YieldedError<Eff>, CancelledError>>, never, YieldedServices<Eff>>
  // When none fits, the compiler speaks of the last one, and so says what to write.
  /** Refused by the compiler: the group does not name all that its tasks may fail with. */
  createTask<A, E2, R>(
    coroutine: Effect.Effect<A, E2, R> & GroupDoesNotName<Exclude<E2, E | CancelledError>>,
    options?: CreateTaskOptions
  ): Effect.Effect<Task<A, Exclude<E2, CancelledError>>, never, R>
  /**
   * Cancels the body and every task of the group, and ends the group without an error: the way to stop early. What the
   * tasks raise on the way is still reported by the group, and a cancellation that others ask for meanwhile goes on.
   */
  readonly cancel: Effect.Effect<void>
  /**
   * Starts a task of the group and waits until it says that it is ready: gives what it has called `started` with. Until then its
   * failure is the failure of `start` and not of the group, and its end without a word a defect, `RuntimeError: Task-2 has ended without
   * calling started()`. From then on it is a task of the group like any other.
   *
   * **Cancellation**
   *
   * Cancels the task if it has not said so yet, and waits for its end.
   *
   * **asyncio**
   *
   * Beyond [`asyncio.TaskGroup`](https://docs.python.org/3/library/asyncio-task.html#asyncio.TaskGroup):
   * [`nursery.start`](https://trio.readthedocs.io/en/stable/reference-core.html#trio.Nursery.start) of Trio and AnyIO,
   * whose `task_status.started` is `started`.
   */
  start<V, Eff extends Yielded<E | CancelledError>, A>(
    coroutine: (started: Started<V>) => Generator<Eff, A, never>,
    options?: CreateTaskOptions
  ): Effect.Effect<V, YieldedError<Eff> | CancelledError, YieldedServices<Eff>>
  /** The same for a function that makes an Effect. */
  start<V, A, E2 extends E | CancelledError, R>(
    coroutine: (started: Started<V>) => Effect.Effect<A, E2, R>,
    options?: CreateTaskOptions
  ): Effect.Effect<V, E2 | CancelledError, R>
  /** The tasks of the group that are not done, in the order they were made. */
  [Symbol.iterator](): Iterator<Task<unknown, unknown>>
  /** `<TaskGroup tasks=2 errors=1 cancelling>`. */
  toString(): string
}

/**
 * Says that a task is ready, with something for the code that waits for that: an address, a connection. To be called once;
 * twice is a defect, RuntimeError.
 *
 * @category models
 * @since 0.1.0
 */
export type Started<in V = void> = (value: V) => Effect.Effect<void>

/**
 * Options of {@link taskGroup}.
 *
 * @category models
 * @since 0.1.0
 */
export interface TaskGroupOptions<in E = unknown, out M extends Made = Made> {
  /**
   * What becomes of the group when one of its tasks fails.
   *
   * - `"cancel"`, the default: the rest is cancelled, and the group fails.
   * - `"collect"`: the rest goes on. When all are done the group fails with all failures.
   * - A function: it is called with each failure, in a task of the group. When that succeeds the failure is dealt with, and the rest
   *   goes on; when it fails the rest is cancelled, and the group fails with that. It is not called for a defect, which cancels the rest.
   *
   * A body that fails cancels the tasks in any case, and so does Ctrl-C. Failures of tasks that are being cancelled are collected.
   */
  readonly onFailure?: "cancel" | "collect" | ((error: E, task: Task<unknown, unknown>) => M) | undefined
  /** Whether tasks may leave the group, and go on in the background, by {@link promote}. */
  readonly promotable?: boolean | undefined
}

/**
 * Options of {@link openTaskGroupUnsafe}.
 *
 * @category models
 * @since 0.1.0
 */
export interface OpenTaskGroupOptions {
  /**
   * As {@link TaskGroupOptions} has it; a function makes the task that deals with the failure, or gives `undefined` where none does: then
   * the rest is cancelled, and the group fails with it.
   */
  readonly onFailure?:
    | "cancel"
    | "collect"
    | ((error: unknown, task: Task<unknown, unknown>) => Task<unknown, unknown> | undefined)
    | undefined
  /** Whether tasks may leave the group, as {@link TaskGroupOptions} has it. */
  readonly promotable?: boolean | undefined
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
  /**
   * Adds the task that `make` makes, which is given what it is to call when it is ready; the future is done then. Cancelling that
   * cancels a task which has not called it yet. Throws where {@link TaskGroup.start} is a defect.
   */
  startTaskUnsafe<V>(make: (started: (value: V) => void) => Task<unknown, unknown>): Future<V, unknown>
  /** Whether it is being cancelled, and takes no more tasks because of that. */
  isShuttingDown(): boolean
  /** {@link TaskGroup.cancel} for callers outside of Effect. */
  cancelUnsafe(): void
  /** Ends the scope, given how its body ended: waits for the tasks. Run it in the scope that the group was opened for. */
  close<A, E2>(exit: Exit.Exit<A, E2>): Effect.Effect<A, unknown>
}
