/**
 * Groups of tasks that end together.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { throwUnheard } from "./internal/arrival.ts"
import { callWith } from "./internal/callWith.ts"
import { PromiseScope } from "./internal/promiseScope.ts"
import { inScope, lacksBody, requireScope } from "./internal/scopes.ts"
import { liveCurrent, runIn, type Current } from "./internal/current.ts"
import { type AsyncFunction, type CreateTaskOptions, startTask, Task } from "./Task.ts"

/**
 * A group of tasks that end together: given to the body of {@link taskGroup}, or entered with `await using`.
 *
 * **Details**
 *
 * With `await using`, JavaScript does not tell the group how the block ended. A block that fails by itself is therefore
 * not seen: the group waits for the tasks, and does not cancel them. And where a task fails, and a cancellation cuts the block short,
 * the group's own or one from outside, the block ends with a `SuppressedError` whose `error` is the {@link ExceptionGroup}. The groups and
 * timeouts around the block, and the task, take it for that group. {@link taskGroup} has neither of these limits.
 *
 * **asyncio**
 *
 * Same as [`asyncio.TaskGroup`](https://docs.python.org/3/library/asyncio-task.html#asyncio.TaskGroup); `cancel` is Python 3.15's,
 * gh-108951.
 *
 * **Example** (With await using)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const lines: Array<string> = []
 * await asyncio.run(async () => {
 *   {
 *     await using group = new asyncio.TaskGroup()
 *     group.createTask(async () => lines.push(await asyncio.sleep(1, "child")))
 *   }
 *   lines.push("after the group")
 * })
 * lines // => ["child", "after the group"]
 * ```
 *
 * @category structure
 * @since 0.1.0
 */
export class TaskGroup implements AsyncDisposable {
  readonly #core: lowlevel.OpenTaskGroup
  readonly #scope: PromiseScope
  readonly #cancelling: number

  /** Opens a group in the current function. `RuntimeError` outside of a task. */
  constructor()
  /** @internal */
  constructor(scope: PromiseScope, options?: lowlevel.OpenTaskGroupOptions)
  constructor(
    scope: PromiseScope = requireScope("TaskGroup()", "taskGroup(async (group) => ...)"),
    options?: lowlevel.OpenTaskGroupOptions
  ) {
    if (!(scope instanceof PromiseScope)) {
      // When: `new TaskGroup()` got an argument, such as the body of `taskGroup`.
      throw lowlevel.unexpectedValue(
        "no argument was expected by TaskGroup()",
        scope,
        "Write `await using group = new TaskGroup()`, or `taskGroup(async (group) => ...)`."
      )
    }
    this.#scope = scope
    this.#cancelling = scope.core.cancelling()
    this.#core = lowlevel.openTaskGroupUnsafe(scope.core, options)
  }

  /**
   * Starts a task of the group. Throws `RuntimeError: TaskGroup <...> is finished` or `is shutting down` when the group
   * takes no more; while the body is over and tasks are still running, they may add others. Code that is in no task, such as a
   * handler of a socket, may add tasks too: they belong to the group's loop. Throws the {@link CancelledError} that is due where the code
   * hung on a plain promise while the group was being cancelled; code that has called `cancel` itself gets the `RuntimeError`.
   */
  createTask<A, E, R>(effect: Effect.Effect<A, E, R>, options?: CreateTaskOptions): Task<A>
  createTask<A>(body: AsyncFunction<A>, options?: CreateTaskOptions): Task<A>
  createTask<A>(body: AsyncFunction<A> | Effect.Effect<A, unknown, unknown>, options?: CreateTaskOptions): Task<A> {
    if (this.#core.isShuttingDown()) this.#throwUnheard()
    // oxlint-disable-next-line typescript/unbound-method -- only to know it on the stack
    const make = () => startTask(body, options, this.createTask, this.#here()).core as asyncio.Task<A, unknown>
    return Task.of(this.#core.addTaskUnsafe(make))
  }

  /**
   * Starts a task of the group and waits until it says that it is ready: resolves with what it has called `started` with. Until then its
   * failure is the failure of `start` and not of the group, and its end without a word is `RuntimeError: Task-2 has ended without
   * calling started()`. From then on it is a task of the group like any other. To call `started` twice is a RuntimeError.
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
  start<V = void>(body: (started: (value: V) => void) => unknown, options?: CreateTaskOptions): Promise<V> {
    return inScope("start()", (scope) => {
      lowlevel.checkFunction(body, "start()", "group.start(async (started) => ...)")
      if (this.#core.isShuttingDown()) this.#throwUnheard()
      const ready = this.#core.startTaskUnsafe<V>((started) => {
        const begin = () => body(started)
        // Its name is the program's function's.
        Object.defineProperty(begin, "name", { value: lowlevel.nameOf(body) })
        // oxlint-disable-next-line typescript/unbound-method -- only to know it on the stack
        return startTask(begin, options, this.start, this.#here()).core
      })
      return scope.await(ready)
    })
  }

  /** The tasks of the group that are not done, in the order they were made. */
  *[Symbol.iterator](): Generator<Task<unknown>, void> {
    for (const core of this.#core) yield Task.of(core)
  }

  /**
   * The group is shutting down: throws the cancellation that ends it to code that does not know of it, because an error of ours would
   * replace it. Code that has just called `cancel` does know.
   */
  #throwUnheard(): void {
    if (!cancelledJustNow.has(this)) throwUnheard()
  }

  /** Where a task of the group is made: code of the group's loop makes it where it runs, a handler in no run in the group's scope. */
  #here(): Current {
    const here = liveCurrent()
    return here?.loop === this.#scope.loop ? here : this.#scope
  }

  /**
   * Cancels the body and every task of the group, and ends the group without an error: the way to stop early. What the
   * tasks raise on the way is still reported by the group, and a cancellation from outside that comes meanwhile goes on.
   */
  cancel(): void {
    this.#core.cancelUnsafe()
    cancelledJustNow.add(this)
    void Promise.resolve().then(() => cancelledJustNow.delete(this))
  }

  /** Waits for the tasks, and calls `closed` with how the group ends. @internal */
  closeWith<A>(exit: Exit.Exit<A, unknown>, closed: (exit: Exit.Exit<A, unknown>) => void): void {
    const { core, loop } = this.#scope
    core.run(this.#core.close(exit), (ended) => {
      lowlevel.settleMicrotasksUnsafe(loop, core.task)
      closed(ended)
    })
  }

  /** Waits for the tasks of a group that was entered with `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    // A cancellation that the code has seen is what unwinds the block, as far as one can tell.
    const { core } = this.#scope
    const cancelled = core.cancelling() > this.#cancelling && core.pendingCancellation() === undefined
    const exit = cancelled ? Exit.fail(new asyncio.CancelledError()) : Exit.void
    // In the scope that opened the group, wherever the code that disposes of it runs.
    const closing = runIn(this.#scope, () => this.#scope.runAtEnd(this.#core.close<void, unknown>(exit)))
    try {
      await closing
    } catch (error) {
      if (!cancelled || !lowlevel.isCancelledError(error)) throw error
    }
  }

  toString(): string {
    return this.#core.toString()
  }

  /** @internal */
  [lowlevel.inspect](): string {
    return this.toString()
  }
}

// The groups whose `cancel` was called by code that has not awaited anything since. Not a field, which every group would pay for.
const cancelledJustNow = new WeakSet<TaskGroup>()

type Opening = [scope: PromiseScope, options: lowlevel.OpenTaskGroupOptions | undefined]

/**
 * Options of {@link taskGroup}.
 *
 * @category models
 * @since 0.1.0
 */
export interface TaskGroupOptions {
  /**
   * What becomes of the group when one of its tasks fails.
   *
   * - `"cancel"`, the default: the rest is cancelled, and the group fails.
   * - `"collect"`: the rest goes on. When all are done the group fails with all failures.
   * - A function: it is called with each failure, in a task of the group. When that ends well the failure is dealt with, and the rest
   *   goes on; when it throws the rest is cancelled, and the group fails with that.
   *
   * A body that throws cancels the tasks in any case, and so does Ctrl-C. Failures of tasks that are being cancelled are collected.
   */
  readonly onFailure?: "cancel" | "collect" | ((error: unknown, task: Task<unknown>) => unknown) | undefined
  /** Whether tasks may leave the group, and go on in the background, by {@link promote}. */
  readonly promotable?: boolean | undefined
}

/** As core takes them: handlers are tasks that run where the group is. */
const toCoreOptions = (
  scope: PromiseScope,
  options: TaskGroupOptions | undefined
): lowlevel.OpenTaskGroupOptions | undefined => {
  lowlevel.checkOptions(options, "taskGroup()", '{ onFailure: "collect" }')
  if (options === undefined) return undefined
  const { onFailure, promotable } = options
  if (typeof onFailure !== "function") return { onFailure, promotable }
  lowlevel.checkFunction(onFailure, "taskGroup()", "{ onFailure: (error) => ... }")
  return {
    promotable,
    onFailure: (error, core) => {
      const handler = () => onFailure(error, Task.of(core))
      return startTask(handler, undefined, taskGroup, scope).core
    }
  }
}

/**
 * Runs `body` with a group of tasks, and ends when all of them are done.
 *
 * **Details**
 *
 * When a task or the body fails, the rest of the group is cancelled and waited for, and the group rejects with an
 * {@link ExceptionGroup} of all failures, `unhandled errors in a TaskGroup`. Cancelled tasks do not count as failures.
 *
 * With `onFailure` the tasks of a group may fail. The group itself can be gone through: `for (const task of group)` gives those that are
 * not done. {@link restart} begins one anew that has failed. With `promotable: true` a task may leave the group, by {@link promote}.
 *
 * **Cancellation**
 *
 * A cancellation cancels every task of the group, and the group waits for them. If no task has failed, the cancellation then goes on. If
 * one has failed, the group rejects with the {@link ExceptionGroup}, and the next await delivers the cancellation.
 *
 * **asyncio**
 *
 * Same as [`async with asyncio.TaskGroup() as group`](https://docs.python.org/3/library/asyncio-task.html#asyncio.TaskGroup). A
 * failure cancels the body's awaits, and not those that the function around the group has begun. After `group.cancel()` the
 * result is `undefined` if the body was cut short.
 *
 * **Example** (One fails, the other is cancelled)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const lines: Array<string> = []
 * await asyncio.run(async () => {
 *   try {
 *     await asyncio.taskGroup(async (group) => {
 *       group.createTask(async () => {
 *         try {
 *           await asyncio.sleep("1 hour")
 *         } finally {
 *           lines.push("cleaned up")
 *         }
 *       })
 *       group.createTask(async () => {
 *         await asyncio.sleep(1)
 *         throw new Error("boom")
 *       })
 *     })
 *   } catch (error) {
 *     if (error instanceof asyncio.ExceptionGroup) lines.push(...error.errors.map(String))
 *   }
 * })
 * lines // => ["cleaned up", "Error: boom"]
 * ```
 *
 * **Example** (A worker that may fail)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const lines: Array<string> = []
 * const onFailure = (error: unknown, task: asyncio.Task<unknown>) => lines.push(`${task.getName()}: ${error}`)
 *
 * await asyncio.run(() =>
 *   asyncio.taskGroup((group) => {
 *     group.createTask(() => Promise.reject("boom"), { name: "worker" })
 *     group.createTask(async () => lines.push(await asyncio.sleep(1, "goes on")))
 *   }, { onFailure })
 * )
 * lines // => ["worker: boom", "goes on"]
 * ```
 *
 * @category structure
 * @since 0.1.0
 */
export const taskGroup = <A>(
  body: (group: TaskGroup) => PromiseLike<A> | A,
  options?: TaskGroupOptions
): Promise<A> => {
  if (lacksBody(body)) {
    // When: `taskGroup` has no body, as in `await using group = taskGroup()`.
    throw lowlevel.unexpectedValue(
      "a function was expected by taskGroup()",
      body,
      "Write `await taskGroup(async (group) => ...)`, or `await using group = new TaskGroup()`."
    )
  }
  return inScope("taskGroup()", (scope) => {
    lowlevel.checkFunction(body, "taskGroup()", "taskGroup(async (group) => ...)")
    return scope.openScope<A>((inner, end) => {
      const group = new (TaskGroup as new (...args: Opening) => TaskGroup)(inner, toCoreOptions(inner, options))
      inner.endOf(
        () => callWith(body, () => group),
        (ended, unseen) => {
          const exit = unseen === undefined ? ended : Exit.fail(unseen)
          // Not when the body has succeeded: the group's tasks may await what it has begun.
          if (Exit.isFailure(exit)) inner.core.cancelInFlight()
          group.closeWith(exit, (left) => end(left, Exit.isFailure(exit) || Exit.isFailure(left)))
        }
      )
    })
  })
}
