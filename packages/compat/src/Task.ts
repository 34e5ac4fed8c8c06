/**
 * Tasks of promise code: async functions that the loop runs beside each other, with a name, and that can be cancelled.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import { callSite } from "./internal/callSite.ts"
import { type AsyncFunction, PromiseCoroutine } from "./internal/promiseCoroutine.ts"
import { requireScope, scope } from "./internal/scope.ts"

// Every task of core has one face here, so that `currentTask() === task` holds.
const faces = new WeakMap<object, Task<unknown>>()

/**
 * An async function on the loop. `await task` waits for its result.
 *
 * **Details**
 *
 * A task is a thenable: it can be awaited, and given to `Promise.all` and `Promise.resolve`. Because of that an async
 * function that returns a task returns the task's result; put it into an array or object to hand over the task itself.
 * A failure nobody looks at is reported through the loop's exception handler, never as an unhandled rejection.
 *
 * **Cancellation**
 *
 * `cancel` asks; the task may clean up first, or refuse. The request arrives as a {@link CancelledError} at the compat
 * await the task hangs on, or at its next one; every await in flight is cancelled. Where the task hangs on a plain
 * promise, its `signal` aborts. `try / catch / finally` then work as in Python.
 *
 * **asyncio**
 *
 * Same as `asyncio.Task`.
 *
 * @category models
 * @since 0.1.0
 */
export class Task<out A> implements PromiseLike<A> {
  /** The same task as core knows it: what Effect programs await, with `yield* task.core`. */
  readonly core: asyncio.Task<A, unknown>

  private constructor(core: asyncio.Task<A, unknown>) {
    this.core = core
  }

  /** The face of a task of core. The same task always has the same face. */
  static of<A>(core: asyncio.Task<A, unknown>): Task<A> {
    let face = faces.get(core)
    if (face === undefined) {
      face = new Task<unknown>(core)
      faces.set(core, face)
    }
    return face as Task<A>
  }

  /**
   * Waits for the result. Cancelling the task that awaits cancels the awaited one. A task that awaits itself gets
   * `RuntimeError: Task cannot await on itself: <Task ...>`.
   */
  // `await task` reads this while the function still stands at that line, and calls it a microtask later: a getter, so
  // that the error of a task that awaits itself can say where.
  // oxlint-disable-next-line unicorn/no-thenable -- a task that can be awaited is the point
  get then(): PromiseLike<A>["then"] {
    if (scope()?.coroutine?.task === this.core) this.core.noteSelfAwaitUnsafe()
    // oxlint-disable-next-line typescript/unbound-method -- whoever reads it calls it on the task
    return this.#then
  }

  #then<B = A, C = never>(
    onFulfilled?: ((value: A) => B | PromiseLike<B>) | null,
    onRejected?: ((reason: unknown) => C | PromiseLike<C>) | null
  ): Promise<B | C> {
    return this.#wait().then(onFulfilled, onRejected)
  }

  #wait(): Promise<A> {
    const coroutine = scope()?.coroutine
    if (coroutine !== undefined) return coroutine.await(this.core)
    // Outside of any task: nothing that could be cancelled waits, the promise simply follows the task.
    return new Promise((resolve, reject) => {
      const follow = () => {
        const exit = this.core.exitUnsafe()!
        this.core.loop.settleMicrotasksUnsafe()
        if (Exit.isSuccess(exit)) resolve(exit.value)
        else reject(Cause.squash(exit.cause))
      }
      if (this.core.done()) follow()
      else this.core.addDoneCallbackUnsafe(follow)
    })
  }

  /**
   * Asks the task to cancel itself, with a message for whoever sees the {@link CancelledError}. False when it is done.
   */
  cancel(message?: string): boolean {
    return this.core.cancelUnsafe(message, scope()?.coroutine?.taskName)
  }

  /** Withdraws one request and returns how many are left; at zero, one that was not yet delivered is forgotten. */
  uncancel(): number {
    return this.core.uncancelUnsafe()
  }

  /** How many cancellations were asked for and not withdrawn. */
  cancelling(): number {
    return this.core.cancelling()
  }

  /** Whether it has ended, in any way. */
  done(): boolean {
    return this.core.done()
  }

  /** Whether it ended cancelled. */
  cancelled(): boolean {
    return this.core.cancelled()
  }

  /**
   * The result of a task that is done. Throws what the task failed with, {@link CancelledError} when it was cancelled,
   * and {@link InvalidStateError}, `Result is not set.`, when it is not done.
   */
  result(): A {
    const exit = this.core.exitUnsafe()
    if (exit === undefined) throw new asyncio.InvalidStateError("Result is not set.")
    if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
    return exit.value
  }

  /**
   * What a task that is done failed with, `undefined` when it succeeded. Throws {@link CancelledError} when it was
   * cancelled, and {@link InvalidStateError}, `Exception is not set.`, when it is not done.
   */
  exception(): unknown {
    const exit = this.core.exitUnsafe()
    if (exit === undefined) throw new asyncio.InvalidStateError("Exception is not set.")
    if (Exit.isSuccess(exit)) return undefined
    const error = Cause.squash(exit.cause)
    if (this.cancelled()) throw error
    return error
  }

  /** Calls `callback` on the loop when the task is done, or on the next turn if it is. */
  addDoneCallback(callback: (task: Task<A>) => void): void {
    if (typeof callback !== "function") {
      throw new TypeError(`a callable object was expected by addDoneCallback(), got ${String(callback)}`)
    }
    // What the loop calls is ours, and keeps the callback's name for the task's repr.
    const registered = Object.defineProperty(() => callback(this), "name", { value: callback.name })
    this.#registered ??= new Map()
    this.#registered.set(callback, [...(this.#registered.get(callback) ?? []), registered])
    this.core.addDoneCallbackUnsafe(registered)
  }

  #registered: Map<unknown, ReadonlyArray<() => void>> | undefined = undefined

  /** Withdraws every registration of `callback` and says how many there were. */
  removeDoneCallback(callback: (task: Task<A>) => void): number {
    const registered = this.#registered?.get(callback) ?? []
    this.#registered?.delete(callback)
    return registered.reduce((count, entry) => count + this.core.removeDoneCallbackUnsafe(entry), 0)
  }

  /** The name, `Task-N` unless it was given one. */
  getName(): string {
    return this.core.getName()
  }

  /** Renames the task; any value is turned into a string. */
  setName(name: unknown): void {
    this.core.setNameUnsafe(name)
  }

  /**
   * Aborts when the task is cancelled, with the {@link CancelledError} as its reason: for `fetch`, `node:timers/promises`,
   * `events.once` and everything else that takes an AbortSignal. Ask for it where you need it: after a cancellation that
   * was caught, it is a fresh one.
   */
  get signal(): AbortSignal {
    const coroutine = this.core.getCoro()
    if (!(coroutine instanceof PromiseCoroutine)) return signalOf(this.core)
    return this.cancelled() ? coroutine.abortedSignal : coroutine.signal
  }

  toString(): string {
    return String(this.core)
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString()
  }
}

/** The signal of a task that runs an Effect: aborts when the task ends cancelled. */
const signalOf = (core: asyncio.Task<unknown, unknown>): AbortSignal => {
  const controller = new AbortController()
  const follow = () => {
    // Not the error of the exit: to look at it counts as retrieving it.
    if (core.cancelled()) controller.abort(new asyncio.CancelledError())
  }
  if (core.done()) follow()
  else core.addDoneCallbackUnsafe(follow)
  return controller.signal
}

/**
 * Options of {@link createTask}.
 *
 * @category models
 * @since 0.1.0
 */
export interface CreateTaskOptions {
  /** The task's name; `Task-N` by default. */
  readonly name?: string | undefined
  /** Runs the function up to its first await inside the call. */
  readonly eagerStart?: boolean | undefined
}

/**
 * Starts an async function as a task of the running loop.
 *
 * **Details**
 *
 * It takes the function and not the promise of a call, because a JavaScript async function starts when it is called and
 * a task starts on the loop's next turn. Give arguments with an arrow: `createTask(() => work(1))`. Anything but a function
 * throws a TypeError; without a running loop it throws `RuntimeError: no running event loop`.
 *
 * **asyncio**
 *
 * Same as `asyncio.create_task(coro, name=)`.
 *
 * **Example** (Two tasks beside each other)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const double = async (n: number) => {
 *   await asyncio.sleep("1 milli")
 *   return 2 * n
 * }
 *
 * const main = async () => {
 *   const one = asyncio.createTask(() => double(1), { name: "one" })
 *   const two = asyncio.createTask(() => double(2))
 *   return [one.getName(), await one, two.getName(), await two]
 * }
 *
 * await asyncio.run(main) // => ["one", 2, "Task-2", 4]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const createTask = <A>(body: AsyncFunction<A>, options?: CreateTaskOptions): Task<A> => {
  checkBody(body)
  const { coroutine: creator, loop } = requireScope()
  const coroutine = new PromiseCoroutine<A>(loop, body, callSite(loop))
  const context = creator?.task.getContext()
  return Task.of(asyncio.createCoroutineTaskUnsafe(loop, coroutine, { ...options, context }))
}

/** @internal */
export const checkBody = (body: unknown): void => {
  if (typeof body === "function") return
  const hint =
    typeof (body as PromiseLike<unknown> | null)?.then === "function"
      ? "; pass the async function itself, not the promise of a call"
      : ""
  throw new TypeError(`a coroutine function was expected, got ${String(body)}${hint}`)
}

/**
 * The task that this code runs in; `undefined` in a callback of the loop.
 *
 * **Details**
 *
 * Right after any number of awaits, in nested async functions, in host timers and event handlers that the task set up.
 * Outside of any loop it throws `RuntimeError: no running event loop`.
 *
 * **asyncio**
 *
 * Same as `asyncio.current_task()`.
 *
 * @category getters
 * @since 0.1.0
 */
export const currentTask = (): Task<unknown> | undefined => {
  const { coroutine } = requireScope()
  return coroutine === undefined ? undefined : Task.of(coroutine.task)
}

/**
 * The tasks of the running loop that are not done, in the order they were made.
 *
 * **asyncio**
 *
 * Same as `asyncio.all_tasks()`.
 *
 * @category getters
 * @since 0.1.0
 */
export const allTasks = (): ReadonlySet<Task<unknown>> =>
  new Set(
    requireScope()
      .loop.allTasksUnsafe()
      .map((task) => Task.of(task))
  )

export type { AsyncFunction }
