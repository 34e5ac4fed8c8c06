/**
 * Tasks: coroutines that the loop runs beside each other, with a name, and that can be cancelled.
 *
 * @since 0.1.0
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { hasProperty } from "effect/Predicate"
import type * as Scope from "effect/Scope"
import type { ContextVars } from "./ContextVar.ts"
import type { CancelledError } from "./errors.ts"
import { loopOf } from "./internal/make/loops.ts"
import { adopt, endWithScope, spawn } from "./internal/make/tasks.ts"
import { taskOf } from "./internal/task/wait.ts"
import type { Future } from "./Future.ts"

/**
 * Marks tasks at run time.
 *
 * **Example** (A mark that needs no import)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.map(asyncio.currentTask, (task) => "~@effect-asyncio/core/Task" in task)
 *
 * await asyncio.run(main) // => true
 * ```
 *
 * @category symbols
 * @since 0.1.0
 */
export const TaskTypeId = "~@effect-asyncio/core/Task" as const

/**
 * A coroutine on the loop. A task *is* an Effect: `yield* task` waits for its result.
 *
 * **Details**
 *
 * A task runs atomically between two awaits. Its result is its coroutine's; a failure nobody looks at is reported
 * through the loop's exception handler.
 *
 * **Cancellation**
 *
 * `cancel` asks; the task may clean up first, or refuse. The request reaches the task at its current or next await, as
 * an interrupt that carries a {@link CancelledError}. Requests are counted (`cancelling`) and can be withdrawn
 * (`uncancel`). A task that is cancelled while it waits for another passes the request on to that one.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Task). Methods that change something return
 * an Effect and have a twin that ends in `Unsafe` for callers outside of Effect.
 *
 * @category models
 * @since 0.1.0
 */
export interface Task<out A, out E = never> extends Future<A, E> {
  readonly [TaskTypeId]: typeof TaskTypeId
  /** Asks the task to cancel itself, with a message for whoever sees the CancelledError. False when it is done. */
  cancel(message?: string): Effect.Effect<boolean>
  /** Withdraws one request and returns how many are left; at zero, one that was not yet delivered is forgotten. */
  uncancel(): Effect.Effect<number>
  /** {@link uncancel} for callers outside of Effect. */
  uncancelUnsafe(): number
  /** How many cancellations were asked for and not withdrawn. */
  cancelling(): number
  /** The name, `Task-N` unless it was given one. */
  getName(): string
  /** Renames the task; any value is turned into a string. */
  setName(name: unknown): Effect.Effect<void>
  /** {@link setName} for callers outside of Effect. */
  setNameUnsafe(name: unknown): void
  /**
   * Says that the task is about to await itself, while the line at which it does can still be seen. For coroutines of
   * other kinds; `yield* task` does it by itself.
   */
  noteSelfAwaitUnsafe(): void
  /** What the task runs: the Effect it was created with. */
  getCoro(): unknown
  /** The services and references the task started with. */
  getContext(): Context.Context<never>
  /**
   * The coroutines on the task's stack, the oldest first, as far as `Effect.fn` tells. Of a task that is done, nothing.
   * A positive `limit` keeps the newest.
   */
  getStack(options?: { readonly limit?: number | undefined }): ReadonlyArray<StackEntry>
  /** {@link getStack} as text, in Python's format: `Stack for <Task ...> (most recent call last):`. */
  formatStack(options?: { readonly limit?: number | undefined }): string
  /** Prints {@link formatStack} to stderr. */
  printStack(options?: { readonly limit?: number | undefined }): Effect.Effect<void>
  /** What the task is doing, as plain data. */
  snapshot(): TaskSnapshot
}

/**
 * One coroutine on a task's stack. Places are `FILE:LINE`, and undefined where nothing tells.
 *
 * @category models
 * @since 0.1.0
 */
export interface StackEntry {
  readonly name: string
  /** Where the coroutine stands. */
  readonly line: string | undefined
  readonly definedAt: string | undefined
}

/**
 * A task as plain JSON.
 *
 * @category models
 * @since 0.1.0
 */
export interface TaskSnapshot {
  readonly name: string
  readonly state: "pending" | "cancelling" | "cancelled" | "finished"
  /** How many cancellations were asked for and not withdrawn. */
  readonly cancelling: number
  /** `NAME() running at FILE:LINE`. */
  readonly coroutine: string
  /** What it waits for: the name of a task, or how a future prints. */
  readonly waitingFor: string | undefined
  /** The names of the tasks that wait for it. */
  readonly awaitedBy: ReadonlyArray<string>
  readonly stack: ReadonlyArray<StackEntry>
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
  /** Runs the first step inside the call. A coroutine that does not await is then done when the call returns. */
  readonly eagerStart?: boolean | undefined
  /** The context variables the task uses and sets, from `copyContext`; a copy of the creator's by default. */
  readonly variables?: ContextVars | undefined
  /** Runs the coroutine in a tracing span: with the task's name for true, or with the given one. */
  readonly withSpan?: boolean | string | undefined
}

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
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   return [asyncio.isTask(yield* asyncio.currentTask), asyncio.isTask(yield* loop.createFuture<string>())]
 * })
 *
 * await asyncio.run(main) // => [true, false]
 * ```
 *
 * @category guards
 * @since 0.1.0
 */
export const isTask = (value: unknown): value is Task<unknown, unknown> => hasProperty(value, TaskTypeId)

/**
 * Starts `coroutine` as a task of the running loop.
 *
 * **Details**
 *
 * The first step runs on the next turn of the loop, never inside the call (but see `eagerStart`). The task inherits the
 * services and references that the caller has now; what either changes later, the other does not see. It does not end
 * with the fiber that made it: it ends by itself, by `cancel`, or when `run` ends.
 *
 * What is not an Effect is a defect: `TypeError: a coroutine was expected, got 123`.
 *
 * **Cancellation**
 *
 * Creating a task is no cancellation point. A task that is cancelled before its first step never runs its body.
 *
 * **asyncio**
 *
 * Same as [`asyncio.create_task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task). The loop holds the
 * task until it is done, so nobody has to keep a reference.
 *
 * **Example** (Two tasks beside each other)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const double = Effect.fn("double")(function*(n: number) {
 *   yield* asyncio.sleep("1 milli")
 *   return 2 * n
 * })
 *
 * const main = Effect.gen(function*() {
 *   const one = yield* asyncio.createTask(double(1), { name: "one" })
 *   const two = yield* asyncio.createTask(double(2))
 *   return [one.getName(), yield* one, two.getName(), yield* two]
 * })
 *
 * await asyncio.run(main) // => ["one", 2, "Task-2", 4]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const createTask = <A, E, R>(
  coroutine: Effect.Effect<A, E, R>,
  options?: CreateTaskOptions
): Effect.Effect<Task<A, Exclude<E, CancelledError>>, never, R> =>
  Effect.withFiberSucceed((fiber) =>
    spawn(loopOf(fiber), fiber.context, coroutine as Effect.Effect<A, Exclude<E, CancelledError>>, options)
  )

/**
 * {@link createTask} for a task that ends with the scope it is made in: when the scope closes, the task is cancelled and its end
 * awaited, before what was acquired ahead of it is released.
 *
 * **When to use**
 *
 * Use it in a layer, for a service that does something in the background. A task of `createTask` ends with its loop, and that is
 * closed after the services that the task uses; or never, where the service is built beside `layer()` and not on top of it.
 *
 * **Cancellation**
 *
 * The task may clean up, and use the services that it was made with. One that takes no notice of its cancellation keeps the scope
 * from closing.
 *
 * **asyncio**
 *
 * Python has no scopes that are not blocks; there it would be a
 * [`asyncio.TaskGroup`](https://docs.python.org/3/library/asyncio-task.html#asyncio.TaskGroup) in a
 * [`contextlib.AsyncExitStack`](https://docs.python.org/3/library/contextlib.html#contextlib.AsyncExitStack).
 *
 * **Example** (A service with a worker)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const lines: Array<string> = []
 * const note = (line: string) => Effect.sync(() => void lines.push(line))
 *
 * const service = Effect.gen(function*() {
 *   yield* Effect.acquireRelease(note("connected"), () => note("disconnected"))
 *   yield* asyncio.createTaskScoped(Effect.ensuring(asyncio.sleep("1 hour"), note("worker has cleaned up")))
 *   yield* asyncio.sleep(0)
 * })
 *
 * await asyncio.run(Effect.scoped(service))
 * lines // => ["connected", "worker has cleaned up", "disconnected"]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const createTaskScoped = <A, E, R>(
  coroutine: Effect.Effect<A, E, R>,
  options?: CreateTaskOptions
): Effect.Effect<Task<A, Exclude<E, CancelledError>>, never, R | Scope.Scope> =>
  Effect.acquireRelease(createTask(coroutine, options), endWithScope)

/**
 * The task that this code runs in.
 *
 * **Details**
 *
 * Right in the task's own fiber and in every plain fiber forked from it, such as a branch of `Effect.all`, until the task is
 * done. A fiber that is in no task, such as an HTTP handler, is given one of its own, `Task-N`, which ends with the fiber; it
 * may well have the services of a task, as `Effect.runForkWith` gives them.
 *
 * **asyncio**
 *
 * Same as [`asyncio.current_task()`](https://docs.python.org/3/library/asyncio-task.html#asyncio.current_task), which gives None
 * where we adopt the fiber.
 *
 * **Example** (A coroutine that knows its task)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const whoAmI = Effect.map(asyncio.currentTask, (task) => task.getName())
 *
 * const main = Effect.gen(function*() {
 *   const worker = yield* asyncio.createTask(whoAmI, { name: "worker" })
 *   return [yield* whoAmI, yield* worker]
 * })
 *
 * await asyncio.run(main) // => ["Task-1", "worker"]
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const currentTask: Effect.Effect<Task<unknown, unknown>> = Effect.withFiberSucceed(
  (fiber) => taskOf(fiber) ?? adopt(fiber)
)

/**
 * The tasks of the running loop that are not done, in the order they were made.
 *
 * **asyncio**
 *
 * Same as [`asyncio.all_tasks()`](https://docs.python.org/3/library/asyncio-task.html#asyncio.all_tasks); a set there, in order
 * here.
 *
 * **Example** (Everything that runs)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "sleeper" })
 *   return Array.from(yield* asyncio.allTasks, (task) => task.getName())
 * })
 *
 * await asyncio.run(main) // => ["Task-1", "sleeper"]
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const allTasks: Effect.Effect<ReadonlySet<Task<unknown, unknown>>> = Effect.withFiberSucceed(
  (fiber) => new Set<Task<unknown, unknown>>(loopOf(fiber).allTasksUnsafe())
)
