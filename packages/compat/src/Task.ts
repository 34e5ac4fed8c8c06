/**
 * Tasks of promise code: async functions that the loop runs beside each other, with a name, and that can be cancelled.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { ContextVars } from "./ContextVar.ts"
import { wrapperOf, Future } from "./Future.ts"
import { callSite } from "./internal/callSite.ts"
import { checkBody } from "./internal/checkBody.ts"
import { takesArguments } from "./internal/callWith.ts"
import { knownToAll } from "./internal/copies.ts"
import { isEffect } from "./internal/isEffect.ts"
import { PromiseCoroutine } from "./internal/promiseCoroutine.ts"
import { contextOf, requireCurrent, runIn, runNow, type Current, current } from "./internal/current.ts"
import { signalOfEffect } from "./internal/signalOfEffect.ts"
import { tie } from "./internal/signalTie.ts"

/**
 * The body of a task: gets the task, for hosts where {@link currentTask} does not know it. A function that declares no
 * parameter, or only some with defaults, is called without.
 *
 * @category models
 * @since 0.1.0
 */
// Not Task<A>: the result would be inferred from the parameter, as unknown, and waitFor gives the task that waits.
export type AsyncFunction<A> = (task: Task<unknown>) => PromiseLike<A> | A

/**
 * An async function on the loop. `await task` waits for its result.
 *
 * **Details**
 *
 * A task can be awaited, and stand wherever a promise is expected; see {@link Future}. Because of that an async
 * function that returns a task returns the task's result; put it into an array or object to hand over the task itself.
 * A failure that is never retrieved is reported through the loop's exception handler, never as an unhandled rejection.
 *
 * **Cancellation**
 *
 * `cancel` asks; the task may clean up first, or refuse. The request arrives as a {@link CancelledError} at the compat
 * await the task hangs on, or at its next one; every await in flight is cancelled. Where the task hangs on a plain
 * promise, its `signal` aborts. `try / catch / finally` then work as in Python.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Task).
 *
 * **Example** (Cancelling, and who asked)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const task = asyncio.createTask(() => asyncio.sleep("1 hour"), { name: "sleeper" })
 *   await asyncio.sleep(0)
 *   task.cancel("enough")
 *   const error = await task.catch((error: unknown) => error as asyncio.CancelledError)
 *   return [task.getName(), task.cancelled(), error?.reason, error?.requestedBy?.name]
 * }) // => ["sleeper", true, "enough", "Task-1"]
 * ```
 *
 * **Example** (What a task knows of itself)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 *
 * await asyncio.run(async () => {
 *   const task = asyncio.createTask(() => asyncio.sleep(1), { name: "import", labels: { job: 17 }, detached: true })
 *   const { createdAt, createdBy, detached, id, labels } = task
 *   const main = asyncio.currentTask()
 *   return [labels, detached, String(createdBy), createdBy?.id === main?.id, id > (main?.id ?? 0), typeof createdAt]
 * }) // => [{ job: 17 }, true, "Task-1", true, true, "number"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Task<out A> extends Future<A> {
  declare readonly core: asyncio.Task<unknown, unknown>

  /** The wrapper of a task of core. The same task always has the same wrapper. */
  static override of<A>(core: asyncio.Task<A, unknown>): Task<A> {
    return wrapperOf(core, () => new Task<A>(core))
  }

  /** @internal */
  override get kind(): "Task" {
    return "Task"
  }

  protected override noteAwait(): void {
    if (!this.core.done() && current()?.scope?.task === this.core) lowlevel.noteSelfAwaitUnsafe(this.core)
  }

  /** Withdraws one request and returns how many are left; at zero, a request that was not yet delivered is forgotten. */
  uncancel(): number {
    return this.core.uncancelUnsafe()
  }

  /** How many cancellations were asked for and not withdrawn. */
  cancelling(): number {
    return this.core.cancelling()
  }

  /** The task's number, the same for as long as it lives, and no other task's in this thread. Tasks made later have higher ones. */
  get id(): number {
    return this.core.id
  }

  /** The task that created it, as that is called now or was called last; undefined where none did: in a callback, in plain code. */
  get createdBy(): asyncio.TaskRef | undefined {
    return this.core.createdBy
  }

  /**
   * When the task was created, in milliseconds on the loop's clock. On the host's clock the loop gives all tasks that it makes before it
   * goes back to the host the same time, except in debug mode and while it keeps ended tasks: then it reads the clock for each task.
   */
  get createdAt(): number {
    return this.core.createdAt
  }

  /** What it was labelled with, frozen. */
  get labels(): asyncio.Labels {
    return this.core.labels
  }

  /** Whether it stays out of the tree of the task that has created it, see {@link CreateTaskOptions}. */
  get detached(): boolean {
    return this.core.detached
  }

  /** The name, `Task-N` unless it was given one. */
  getName(): string {
    return this.core.getName()
  }

  /** Renames the task; any value is turned into a string. */
  setName(name: unknown): void {
    this.core.setNameUnsafe(name)
  }

  /** Its number and its name, for code that remembers the task and must not keep it. */
  toRef(): asyncio.TaskRef {
    return this.core.toRef()
  }

  /** What the task runs, as core knows it. */
  getCoro(): unknown {
    return this.core.getCoro()
  }

  /** The Effect services and references the task started with. */
  getContext(): Context.Context<never> {
    return this.core.getContext()
  }

  /** The coroutines on the task's stack, the oldest first: of promise code, one. Of a task that is done, nothing. */
  getStack(options?: { readonly limit?: number | undefined }): ReadonlyArray<asyncio.StackEntry> {
    return this.core.getStack(options)
  }

  /** {@link getStack} as text, in Python's format. */
  formatStack(options?: { readonly limit?: number | undefined }): string {
    return this.core.formatStack(options)
  }

  /** Prints {@link formatStack} to stderr. */
  printStack(options?: { readonly limit?: number | undefined }): void {
    Effect.runSync(this.core.printStack(options))
  }

  /** What the task is doing, as plain data. */
  snapshot(): asyncio.TaskSnapshot {
    return this.core.snapshot()
  }

  /**
   * Aborts when the task is cancelled, with the {@link CancelledError} as its reason: for `fetch`, `node:timers/promises`,
   * `events.once` and everything else that takes an AbortSignal. Ask for it where you need it: after a cancellation that
   * was caught it is a fresh one, and in the body of a timeout or a task group it is the body's own. To read its reason
   * changes nothing: the cancellation is due until code of the task has seen it, see {@link isCancelled}. The signal of a task that runs
   * an Effect aborts later: when the task has ended cancelled, with a CancelledError that has no message.
   */
  get signal(): AbortSignal {
    const scope = current()?.scope
    if (scope?.task === this.core) return scope.signal
    const coroutine = this.core.getCoro()
    if (!(coroutine instanceof PromiseCoroutine)) return signalOfEffect(this.core)
    return this.cancelled() ? coroutine.abortedSignal : coroutine.signal
  }

  /**
   * Calls `f` in this task, from wherever it is called: awaits that `f` begins are the task's. For hosts without
   * `AsyncLocalStorage`, where an async function has to say in which task it goes on after an await: `await task.run(() => asyncio.sleep(1))`.
   * Throws a RuntimeError for a task that has not started, that is done, or that runs an Effect.
   */
  run<B>(f: () => B): B {
    lowlevel.checkFunction(f, "run()", "task.run(() => asyncio.sleep(1))")
    const coroutine = this.core.getCoro()
    const scope = coroutine instanceof PromiseCoroutine ? coroutine.scope : undefined
    if (scope === undefined || this.done()) {
      // When: `task.run` of a task that has not started, is done, or runs an Effect.
      throw lowlevel.withHint(
        new asyncio.RuntimeError(`nothing can run in ${this}: it is not an async function under way`),
        "Call it inside of the task's own function, which is given the task."
      )
    }
    return runIn(scope, f)
  }
}

knownToAll(Task, "Task")

/** An async function as a coroutine of core. @internal */
export const toCoroutine = <A>(
  body: AsyncFunction<A>,
  createdAt?: string,
  owner?: AbortSignal
): PromiseCoroutine<A> => {
  checkBody(body)
  return new FunctionCoroutine<A>(body, createdAt, owner)
}

class FunctionCoroutine<A> extends PromiseCoroutine<A> {
  declare protected readonly body: AsyncFunction<A>
  // Cancels the task: the signal of the code that waits for it on another loop.
  readonly #owner: AbortSignal | undefined

  constructor(body: AsyncFunction<A>, createdAt: string | undefined, owner: AbortSignal | undefined) {
    super(body, createdAt)
    this.#owner = owner
  }

  protected override call(task: asyncio.Task<A, unknown>): PromiseLike<A> | A {
    // Not as a method of ours: `this` would show, and a stack would name it so.
    const { body } = this
    if (this.#owner !== undefined) tie(task, this.#owner)
    return takesArguments(body) ? body(Task.of(task)) : (body as () => PromiseLike<A> | A)()
  }
}

/**
 * Options of {@link createTask}.
 *
 * @category models
 * @since 0.1.0
 */
export interface CreateTaskOptions extends Omit<asyncio.CreateTaskOptions, "variables"> {
  /** The context variables the task uses and sets, from `copyContext`; a copy of the creator's by default. */
  readonly variables?: ContextVars | undefined
  /** Cancels the task when it aborts, with the message of its reason. One that is aborted already cancels it at once. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Starts an async function as a task of the running loop.
 *
 * **Details**
 *
 * It takes the function and not the promise of a call, because a JavaScript async function starts when it is called and
 * a task starts on the loop's next iteration. Give arguments with an arrow: `createTask(() => work(1))`. `createTask` also takes an
 * Effect, which becomes a task of core with the services of the current task, and throws a TypeError for anything else. Outside of any
 * run the task belongs to a loop that all such code shares. The program need not start that loop, and only the task itself, `cancel` and
 * the option `signal` end the task.
 *
 * With `signal` the task belongs to the owner of the signal: it is cancelled when the signal aborts.
 *
 * **asyncio**
 *
 * Same as [`asyncio.create_task(coro, name=)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task).
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
export const createTask: {
  <A, E, R>(effect: Effect.Effect<A, E, R>, options?: CreateTaskOptions): Task<A>
  // When none fits, the compiler speaks of the last one: a caller that gave the promise of a call is told of functions.
  <A>(body: AsyncFunction<A>, options?: CreateTaskOptions): Task<A>
} = <A>(body: AsyncFunction<A> | Effect.Effect<A, unknown, unknown>, options?: CreateTaskOptions): Task<A> =>
  startTask(body, options, createTask)

/** {@link createTask} for the function `entry` of ours that the program called. @internal */
export const startTask = <A>(
  body: AsyncFunction<A> | Effect.Effect<A, unknown, unknown>,
  options: CreateTaskOptions | undefined,
  entry: unknown,
  here?: Current
): Task<A> => {
  lowlevel.checkOptions(options, "createTask()", '{ name: "worker" }')
  const signal = options?.signal
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    // When: the option `signal` of `createTask` is none.
    throw lowlevel.unexpectedValue(
      "an AbortSignal was expected",
      signal,
      "Give it `controller.signal`, not the controller."
    )
  }
  // A signal that has aborted already keeps even an eager first step from running.
  const eager = signal?.aborted === true ? { ...options, eagerStart: false } : options
  const given = forCore(eager)
  const core: asyncio.Task<A, unknown> = isEffect(body)
    ? runNow(asyncio.createTask(body as Effect.Effect<A, unknown>, given), here)
    : makeTask(body, given, entry, here)
  if (signal !== undefined) tie(core, signal)
  return Task.of(core)
}

/** The options as core has them; it refuses variables that are none. */
const forCore = (options: CreateTaskOptions | undefined): asyncio.CreateTaskOptions | undefined => {
  const variables = (options?.variables as Partial<ContextVars> | null | undefined)?.core
  return variables === undefined ? (options as asyncio.CreateTaskOptions | undefined) : { ...options, variables }
}

const makeTask = <A>(
  body: AsyncFunction<A>,
  options: asyncio.CreateTaskOptions | undefined,
  entry: unknown,
  given: Current | undefined
): asyncio.Task<A, unknown> => {
  checkBody(body)
  const here = given ?? requireCurrent()
  const coroutine = toCoroutine(body, callSite(here.loop, entry))
  const made = { createdBy: here.task, context: contextOf(here) }
  return lowlevel.createCoroutineTaskUnsafe(
    here.loop,
    coroutine,
    options === undefined ? made : withOptions(options, made)
  )
}

const withOptions = (
  { detached, eagerStart, labels, name, variables }: asyncio.CreateTaskOptions,
  made: lowlevel.CoroutineTaskOptions
): lowlevel.CoroutineTaskOptions => ({ ...made, name, eagerStart, variables, labels, detached })

/**
 * The task that this code runs in; `undefined` in a callback of the loop, and in code that is in no run.
 *
 * **Details**
 *
 * The answer is correct after any number of awaits, in nested async functions, and in host timers and event handlers that the task set
 * up. Code that goes on after the end of its run is in no task.
 *
 * **asyncio**
 *
 * Same as [`asyncio.current_task()`](https://docs.python.org/3/library/asyncio-task.html#asyncio.current_task), which fails where
 * no loop runs.
 *
 * **Example** (Known after an await, and in the functions below)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const whoAmI = async () => {
 *   await Promise.resolve()
 *   return asyncio.currentTask()?.getName()
 * }
 *
 * await asyncio.run(async () => [await whoAmI(), await asyncio.createTask(whoAmI, { name: "worker" })])
 * // => ["Task-1", "worker"]
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const currentTask = (): Task<unknown> | undefined => {
  const { task } = requireCurrent()
  return task === undefined ? undefined : Task.of(task)
}

/**
 * The tasks that are not done, of the loop that the code runs in, in the order they were made. A task that started eagerly takes its
 * place when its first step ends.
 *
 * **asyncio**
 *
 * Same as [`asyncio.all_tasks()`](https://docs.python.org/3/library/asyncio-task.html#asyncio.all_tasks), whose set has no order.
 *
 * **Example** (Everything that runs)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   asyncio.createTask(() => asyncio.sleep("1 hour"), { name: "sleeper" })
 *   return Array.from(asyncio.allTasks(), (task) => task.getName())
 * }) // => ["Task-1", "sleeper"]
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const allTasks = (): ReadonlySet<Task<unknown>> =>
  new Set(
    requireCurrent()
      .loop.allTasksUnsafe()
      .map((task) => Task.of(task))
  )

/**
 * Whether a value is a task.
 *
 * **asyncio**
 *
 * `isinstance(value, asyncio.Task)`, see [`asyncio.Task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Task).
 *
 * **Example** (A future is none)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => [
 *   asyncio.isTask(asyncio.currentTask()),
 *   asyncio.isTask(asyncio.getRunningLoop().createFuture())
 * ]) // => [true, false]
 * ```
 *
 * @category guards
 * @since 0.1.0
 */
export const isTask = (value: unknown): value is Task<unknown> => value instanceof Task
