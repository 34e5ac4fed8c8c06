/**
 * Tasks: coroutines that the loop runs beside each other, with a name, and that can be cancelled.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { CancelledError } from "./errors.ts"
import { loopOf } from "./internal/make/loops.ts"
import { adopt } from "./internal/make/adopt.ts"
import { endWithEffectScope, spawn } from "./internal/make/tasks.ts"
import { areOptions, type Made, type MadeError, type MadeServices, type MadeSuccess } from "./internal/model/bodies.ts"
import { taskOf } from "./internal/task/current.ts"
import type { CreateTaskOptions, Task } from "./internal/model/Task.ts"

export { TaskTypeId } from "./internal/model/typeIds.ts"
export {
  type CancellationSnapshot,
  type CreateTaskOptions,
  isTask,
  type Labels,
  type StackEntry,
  type Task,
  type TaskSnapshot
} from "./internal/model/Task.ts"
export type { TaskRef } from "./internal/model/TaskRef.ts"

/**
 * Starts `coroutine` as a task of the running loop.
 *
 * **Details**
 *
 * The first step runs on the next iteration of the loop, never inside the call (but see `eagerStart`). The task inherits the
 * services and references that the caller has now; what either changes later, the other does not see. It does not end
 * with the fiber that made it: it ends by itself, by `cancel`, or when `run` ends.
 *
 * A generator function serves as well, and is what `Effect.gen` makes of it. What is neither is a defect:
 * `TypeError: a coroutine was expected, got 123`.
 *
 * **Cancellation**
 *
 * Creating a task is no cancellation point. A task that is cancelled before its first step never runs its body.
 *
 * **asyncio**
 *
 * Same as [`asyncio.create_task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task). The loop holds the
 * task until it is done, so the program need not keep a reference.
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
 * **Example** (In a pipe, and of a generator)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 *
 * await asyncio.run(function*() {
 *   const one = yield* asyncio.sleep("1 milli", 1).pipe(asyncio.createTask({ name: "one" }))
 *   const two = yield* asyncio.createTask(function*() {
 *     return (yield* one) + 1
 *   })
 *   return [one.getName(), yield* two]
 * }) // => ["one", 2]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const createTask: CreateTask = ((coroutine: unknown, options?: CreateTaskOptions) =>
  options === undefined && areOptions(coroutine)
    ? createdLater(coroutine as CreateTaskOptions)
    : created(coroutine, options)) as never

// Apart: a closure in the function itself would have each of its calls allocate what the closure sees.
const createdLater =
  (options: CreateTaskOptions) =>
  (coroutine: unknown): unknown =>
    created(coroutine, options)

const created = (coroutine: unknown, options: CreateTaskOptions | undefined): Effect.Effect<Task<unknown, unknown>> =>
  Effect.withFiberSucceed((fiber) =>
    spawn(loopOf(fiber), fiber.context, coroutine as Effect.Effect<unknown, unknown>, options)
  )

/** What is given as a coroutine, `Given`, as what it makes. */
type MadeBy<Given> = Given extends () => infer M ? M : Given

/** The task of a coroutine; `R` is needed beside what the coroutine needs. */
type Created<M, R> = Effect.Effect<
  Task<MadeSuccess<M>, Exclude<MadeError<M>, CancelledError>>,
  never,
  MadeServices<M> | R
>

/**
 * {@link createTask} and {@link createTaskScoped}: given a coroutine, the Effect that makes its task; given options alone, a function for a pipe.
 *
 * @category models
 * @since 0.1.0
 */
export interface CreateTask<R = never> {
  // One signature: where it is handed to a pipe itself, TypeScript would forget the types of all but one, and of that one too.
  <Given extends Effect.Effect<any, any, any> | (() => Made) | CreateTaskOptions>(
    coroutine: Given & OnlyOptions<Given>,
    options?: CreateTaskOptions
  ): [Given] extends [Effect.Effect<any, any, any> | (() => Made)]
    ? Created<MadeBy<Given>, R>
    : <A, E, R2>(coroutine: Effect.Effect<A, E, R2>) => Created<Effect.Effect<A, E, R2>, R>
}

/** Refuses what is no option: options of their own type are not checked for names too many. */
type OnlyOptions<Given> = Given extends Effect.Effect<any, any, any> | (() => Made)
  ? unknown
  : { readonly [K in Exclude<keyof Given, keyof CreateTaskOptions>]: never }

/**
 * {@link createTask} for a task that ends with the scope it is made in: when the scope closes, the task is cancelled and its end
 * awaited, before what was acquired ahead of it is released.
 *
 * **When to use**
 *
 * Use it in a layer, for a service that does something in the background; in a pipe as {@link createTask}. A task of `createTask` ends with its loop, and that is
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
export const createTaskScoped: CreateTask<Scope.Scope> = ((coroutine: unknown, options?: CreateTaskOptions) =>
  options === undefined && areOptions(coroutine)
    ? (body: unknown) => createdScoped(body, coroutine as CreateTaskOptions)
    : createdScoped(coroutine, options)) as never

const createdScoped = (coroutine: unknown, options: CreateTaskOptions | undefined) =>
  Effect.acquireRelease(created(coroutine, options), endWithEffectScope)

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
export const currentTask: Effect.Effect<Task<unknown, unknown>> = /*#__PURE__*/ Effect.withFiberSucceed(
  (fiber) => taskOf(fiber) ?? adopt(fiber)
)

/**
 * The tasks of the running loop that are not done, in the order they were made. A task that started eagerly takes its place when its
 * first step ends.
 *
 * **asyncio**
 *
 * Same as [`asyncio.all_tasks()`](https://docs.python.org/3/library/asyncio-task.html#asyncio.all_tasks), whose set has no order.
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
export const allTasks: Effect.Effect<ReadonlySet<Task<unknown, unknown>>> = /*#__PURE__*/ Effect.withFiberSucceed(
  (fiber) => new Set<Task<unknown, unknown>>(loopOf(fiber).allTasksUnsafe())
)
