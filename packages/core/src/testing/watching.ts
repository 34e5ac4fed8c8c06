/**
 * Watching a loop: what its tasks do, step by step.
 *
 * @since 0.1.0
 */
import { cancellationIn } from "../internal/task/cancellation.ts"
import type { Observer, TaskLoop } from "../internal/task/taskLoop.ts"
import type { FutureImpl } from "../internal/task/future.ts"
import type { Runnable } from "../internal/data/readyQueue.ts"
import { SleepFuture } from "../internal/task/sleepFuture.ts"
import { TaskImpl } from "../internal/task/task.ts"
import type * as Exit from "effect/Exit"
import type { CancelledError } from "../errors.ts"
import type { Task } from "../Task.ts"

/**
 * What a task does between two of its steps.
 *
 * **Details**
 *
 * - `iteration`: it only lets others go first, as after `sleep(0)`.
 * - `sleep`: until `until`, in milliseconds on the loop's clock.
 * - `tasks`: it waits for other tasks, `tasks`: one that it awaits, or all of a gather, a `wait` or a group.
 * - `object`: it waits in the queue of a lock, an event or the like, which prints as `object`.
 * - `future`: it waits for a future that other code has to set.
 * - `elsewhere`: it is in a foreign effect, or in plain fibers of its own, which the loop knows nothing about.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export type TaskWait =
  | { readonly kind: "iteration" | "future" | "elsewhere" }
  | { readonly kind: "sleep"; readonly until: number }
  | { readonly kind: "tasks"; readonly tasks: ReadonlyArray<Task<unknown, unknown>> }
  | { readonly kind: "object"; readonly object: string }

/**
 * Something that happened on a loop on virtual time.
 *
 * **Details**
 *
 * - `created`: `by` is the task that made it, if one did.
 * - `stepStarted`: a task goes on. `cancellation` is what its await ends with, where that is a cancellation: its own, or
 *   that of a task it waited for.
 * - `stepEnded`: it has come to its next await, or to its end, and then `waitingFor` is undefined.
 * - `cancelRequested`: a task is asked to cancel itself. A task that passes a request on to the task it waits for passes on
 *   the same `error`; `by` is the task in whose step it was made, if it was made in one.
 * - `done`: a task has ended. To look at `exit` does not count as retrieving a failure.
 *
 * A task that comes back from a foreign effect does so without a `stepStarted`; what it waits for next is told all the same,
 * by a `stepEnded`. So is an async function's: what stands behind an `await` runs in microtasks, after the step.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export type LoopEvent =
  | { readonly type: "created"; readonly task: Task<unknown, unknown>; readonly by: Task<unknown, unknown> | undefined }
  | {
      readonly type: "stepStarted"
      readonly task: Task<unknown, unknown>
      readonly cancellation: CancelledError | undefined
    }
  | {
      readonly type: "stepEnded"
      readonly task: Task<unknown, unknown>
      readonly waitingFor: TaskWait | undefined
    }
  | {
      readonly type: "cancelRequested"
      readonly task: Task<unknown, unknown>
      readonly by: Task<unknown, unknown> | undefined
      readonly error: CancelledError
    }
  | { readonly type: "done"; readonly task: Task<unknown, unknown>; readonly exit: Exit.Exit<unknown, unknown> }

/** Iterations what the loop does into events. @internal */
export class Watch implements Observer {
  readonly #loop: TaskLoop
  #onEvent: (event: LoopEvent) => void
  readonly #known = new WeakSet<TaskImpl>()
  // Tasks that have their outcome at the next look.
  readonly #ending: Array<TaskImpl> = []
  // Tasks that only let others go first.
  readonly #yielding = new WeakSet<TaskImpl>()
  // Tasks in foreign effects: they go on without a step, so that they have to be looked at.
  readonly #elsewhere = new Set<TaskImpl>()
  readonly #objects = new WeakMap<object, { toString(): string }>()

  constructor(loop: TaskLoop, onEvent: (event: LoopEvent) => void, onFailure: (error: unknown) => void) {
    this.#loop = loop
    this.#onEvent = (event) => {
      try {
        onEvent(event)
      } catch (error) {
        // Not again: what it has to tell is that it failed.
        this.#onEvent = () => {}
        onFailure(error)
      }
    }
  }

  registered(task: TaskImpl): void {
    if (this.#known.has(task)) return
    this.#known.add(task)
    this.look()
    const by = this.#loop.currentTaskUnsafe()
    this.#onEvent({ type: "created", task, by: by === task ? undefined : by })
  }

  ending(task: TaskImpl): void {
    this.#ending.push(task)
  }

  queued(item: Runnable): void {
    // A wait that is put on the queue by the very task whose it is waits for nothing else.
    const { running } = this.#loop
    if (running !== undefined && item.task === running && this.#known.has(running)) this.#yielding.add(running)
    this.look()
  }

  // What these tell, the ends of steps and the looks tell as well.
  waits(): void {}
  ended(): void {}

  waiterMade(waiter: FutureImpl<void, never>, owner: { toString(): string }): void {
    this.#objects.set(waiter, owner)
  }

  cancelRequested(task: TaskImpl, error: CancelledError): void {
    this.look()
    this.#onEvent({ type: "cancelRequested", task, by: this.#loop.currentTaskUnsafe(), error })
  }

  stepBegins(task: TaskImpl, exit: Exit.Exit<never>): void {
    this.look()
    this.#yielding.delete(task)
    this.#elsewhere.delete(task)
    this.#onEvent({ type: "stepStarted", task, cancellation: cancellationIn(exit) })
  }

  stepEnds(task: TaskImpl): void {
    this.look()
    this.#ended(task)
  }

  /** Tells of tasks that have ended since the last look, and of those that have come back from elsewhere to an await of ours. */
  look(): void {
    for (const task of this.#ending.splice(0)) {
      this.#elsewhere.delete(task)
      this.#onEvent({ type: "done", task, exit: task.exit! })
    }
    for (const task of this.#elsewhere) {
      if (awaitedBy(task) === undefined) continue
      this.#elsewhere.delete(task)
      this.#ended(task)
    }
  }

  #ended(task: TaskImpl): void {
    const waitingFor = task.exit === undefined ? this.#waitOf(task) : undefined
    if (waitingFor?.kind === "elsewhere") this.#elsewhere.add(task)
    this.#onEvent({ type: "stepEnded", task, waitingFor })
  }

  #waitOf(task: TaskImpl): TaskWait {
    const future = awaitedBy(task)
    if (future === undefined) return { kind: this.#yielding.has(task) ? "iteration" : "elsewhere" }
    if (future instanceof TaskImpl) return { kind: "tasks", tasks: [future] }
    if (future instanceof SleepFuture) return { kind: "sleep", until: future.due }
    const object = this.#objects.get(future)
    if (object !== undefined) return { kind: "object", object: object.toString() }
    const tasks = this.#loop.allTasksUnsafe().filter((other) => other.awaiters().includes(task))
    return tasks.length > 0 ? { kind: "tasks", tasks } : { kind: "future" }
  }
}

/** What a task's await is for. */
const awaitedBy = (task: TaskImpl): FutureImpl | undefined => task.awaited()
