/**
 * The tasks of an object that is started and stopped.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Effect from "effect/Effect"
import { cancelAndWait } from "./cancelAndWait.ts"
import { inScope } from "./internal/scopes.ts"
import { withoutUnhandledRejection } from "./internal/unhandled.ts"
import { inCallbackOf, liveCurrent, type Current, current } from "./internal/current.ts"
import { type AsyncFunction, type CreateTaskOptions, startTask, Task } from "./Task.ts"

/**
 * Options of {@link BackgroundTasks}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface BackgroundTasksOptions {
  /** Gets the failure of a task, as soon as it has failed. By default the exception handler of its loop does. */
  readonly onError?: ((error: unknown, task: Task<unknown>) => void) | undefined
}

/**
 * The tasks of an object that is started and stopped: a consumer, a scheduler, a connection that keeps itself alive.
 *
 * **When to use**
 *
 * A {@link taskGroup} is a block of code: it ends with its body. This is for a class whose `start` returns while its tasks go on.
 * Where the tasks can be a block, prefer the group, which cannot be left running by mistake.
 *
 * **Details**
 *
 * A task belongs to the loop of the code that makes it: that of the run around, or the one that code in no run shares. Code that is
 * in no task, such as a handler of a socket, makes tasks on the loop of the tasks that are there. A task that fails is reported at
 * once and stops no other. The object can be used again when it was stopped. `onIdle` waits until nothing runs any more.
 *
 * **Cancellation**
 *
 * `stop` cancels the tasks and waits for their cleanup; when `stop` itself is cancelled, it waits no longer. The end of a run
 * cancels those that are on its loop.
 *
 * **asyncio**
 *
 * Not in asyncio. Programs there write what the documentation of
 * [`asyncio.create_task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task) shows: a set of tasks, and a
 * done callback that discards; and a loop that cancels and gathers.
 *
 * **Example** (A class with start and stop)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * class Heart {
 *   beats = 0
 *   readonly #tasks = new asyncio.BackgroundTasks()
 *
 *   start() {
 *     this.#tasks.createTask(() => this.#beat(), { name: "heart" })
 *   }
 *
 *   async stop() {
 *     await this.#tasks.stop()
 *   }
 *
 *   async #beat() {
 *     for (;;) {
 *       this.beats++
 *       await asyncio.sleep(1)
 *     }
 *   }
 * }
 *
 * const heart = new Heart()
 * heart.start()
 * await asyncio.sleep(20)
 * await heart.stop()
 * heart.beats > 1 // => true
 * ```
 *
 * @category structure
 * @stability unstable
 * @since 0.1.0
 */
export class BackgroundTasks implements AsyncDisposable {
  readonly #onError: BackgroundTasksOptions["onError"]
  // The tasks that are not done, in the order they were made.
  readonly #tasks = new Set<Task<unknown>>()
  // How many calls of `stop` are waiting.
  #stopping = 0
  // Those that `onIdle` waits with: set when a task ends.
  readonly #waiting = new Set<asyncio.Future<void, unknown>>()

  constructor(options?: BackgroundTasksOptions) {
    lowlevel.checkOptions(options, "BackgroundTasks()", "{ onError: (error) => ... }")
    const onError = options?.onError
    if (onError !== undefined) lowlevel.checkFunction(onError, "BackgroundTasks()", "{ onError: (error) => ... }")
    this.#onError = onError
  }

  /** How many tasks are not done. */
  get size(): number {
    return this.#tasks.size
  }

  /** Starts a task. Throws a RuntimeError while they are being stopped. */
  createTask<A, E, R>(effect: Effect.Effect<A, E, R>, options?: CreateTaskOptions): Task<A>
  createTask<A>(body: AsyncFunction<A>, options?: CreateTaskOptions): Task<A>
  createTask<A>(body: AsyncFunction<A> | Effect.Effect<A, unknown, unknown>, options?: CreateTaskOptions): Task<A> {
    if (this.#stopping > 0) {
      // When: a task is added while `stop` is waiting for the others.
      throw lowlevel.withHint(
        new asyncio.RuntimeError(`${this} take no task while they are being stopped`),
        "Await `stop` before you start them again."
      )
    }
    // oxlint-disable-next-line typescript/unbound-method -- only to know it on the stack
    const task = startTask<A>(body, options, this.createTask, this.#here())
    this.#tasks.add(task)
    task.core.addDoneCallbackUnsafe(() => this.#taskDone(task))
    return task
  }

  /** The loop for a new task. Code that is in no task makes it beside the tasks that are there. */
  #here(): Current | undefined {
    const [first] = this.#tasks
    if (first === undefined || liveCurrent() !== undefined) return undefined
    const { loop } = first.core
    return loop.isClosed() ? undefined : inCallbackOf(loop)
  }

  #taskDone(task: Task<unknown>): void {
    this.#tasks.delete(task)
    for (const future of this.#waiting) if (!future.done() && !future.loop.isClosed()) future.setResultUnsafe()
    if (task.cancelled()) return
    const error = task.exception()
    if (error === undefined) return
    if (this.#onError !== undefined) return this.#onError(error, task)
    task.core.loop.callExceptionHandlerUnsafe({
      // When: a task of a BackgroundTasks has failed, and there is no `onError`.
      message: "a background task has failed",
      hint: "Give `new BackgroundTasks({ onError })` a function that knows what to do, or catch it in the task.",
      exception: error,
      task: String(task)
    })
  }

  /**
   * Cancels the tasks and waits until they are done; gives those that are not when the time is up. Called in one of them,
   * it leaves that one alone. Stopping what is stopped does nothing.
   */
  async stop(options?: asyncio.CancelAndWaitOptions): Promise<ReadonlyArray<Task<unknown>>> {
    const own = current()?.task
    this.#stopping++
    try {
      const others = Array.from(this.#tasks).filter((task) => task.core !== own)
      const { ignoring } = await cancelAndWait(others, options)
      return ignoring.map(({ task }) => task)
    } finally {
      this.#stopping--
    }
  }

  /**
   * Resolves when no task is left, at once if there is none: for what is to end by itself, where {@link stop} would cancel it. Failures are
   * not its: they go to `onError`. Called in one of the tasks, it does not wait for that one.
   *
   * **Cancellation**
   *
   * Ends the waiting and nothing else.
   */
  onIdle(): Promise<void> {
    return withoutUnhandledRejection(this.#untilIdle(current()?.task))
  }

  async #untilIdle(own: asyncio.Task<unknown, unknown> | undefined): Promise<void> {
    // A task may have begun another one meanwhile.
    while (Array.from(this.#tasks).some((task) => task.core !== own)) {
      await inScope("onIdle()", (scope) => {
        const future = scope.loop.createFutureUnsafe<void, unknown>()
        this.#waiting.add(future)
        future.addDoneCallbackUnsafe(() => this.#waiting.delete(future))
        return scope.await(future)
      })
    }
  }

  /** {@link stop}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** How it prints. */
  toString(): string {
    return `<BackgroundTasks ${this.#tasks.size}>`
  }

  /** @internal */
  [lowlevel.inspect](): string {
    return this.toString()
  }
}
