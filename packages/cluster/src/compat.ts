/**
 * Tasks that run in other processes and on other machines, for async functions.
 *
 * @stability unstable
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { type Attempt, CurrentAttempt, outsideOfAttempt } from "./attempt.ts"
import { Cluster, openService } from "./Cluster.ts"
import {
  type CreateTaskOptions,
  plan,
  type RemoteTask as CoreTask,
  stand,
  type SubmitOptions,
  submit as submitInCore
} from "./createTask.ts"
import { Definition, type DefinitionOptions, type Worker, type WorkerOptions } from "./Definition.ts"
import { type Trouble, troubles as troublesInCore } from "./health.ts"
import { checkName } from "./internal/checks.ts"
import { checkDefinition } from "./internal/parts.ts"
import { find, lookOn } from "./joinTask.ts"
import * as queries from "./queries.ts"
import type { DefinitionCounts, TaskInfo, TaskPage, TaskQuery, TaskState } from "./TaskInfo.ts"

export type { Attempt } from "./attempt.ts"
export type { ClusterOptions } from "./ClusterOptions.ts"
export type { CreateTaskOptions, SubmitOptions } from "./createTask.ts"
export type { Definition, DefinitionOptions, Shared, Worker, WorkerOptions } from "./Definition.ts"
export * from "./embedded.ts"
export * from "./errors.ts"
export type { Trouble } from "./health.ts"
export type * from "./TaskInfo.ts"

const clusterHere = /*#__PURE__*/ asyncio.ContextVar.make<Cluster["Service"] | undefined>("cluster", {
  defaultValue: undefined
})

/**
 * A {@link Definition} whose workers are async functions.
 *
 * **Example** (A worker that throws a typed error)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster/compat"
 * import * as asyncio from "@effect-asyncio/compat"
 * import { Schema } from "effect"
 *
 * class TooLarge extends Schema.TaggedError<TooLarge>()("TooLarge", { size: Schema.Number }) {}
 *
 * const store = cluster.task("store", { payload: Schema.Number, error: TooLarge })
 * const worker = store.worker(async (size) => {
 *   if (size > 100) throw new TooLarge({ size })
 * })
 *
 * const main = () =>
 *   cluster.open(cluster.embedded({ workers: [worker] }), async () => {
 *     const error: unknown = await cluster.createTask(store, 101).catch((error: unknown) => error)
 *     return error instanceof TooLarge && error.size
 *   })
 *
 * await asyncio.run(main) // => 101
 * ```
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export class TaskDefinition<P, A, E, G> extends Definition<P, A, E, G> {
  /**
   * The worker that runs tasks with `program`, an async function.
   *
   * **Details**
   *
   * Inside of it all is as in any task: `currentTask()` is the task, of the name and with the labels that the client has given, and groups,
   * timeouts and signals work. When it has ended, tasks that it has left behind are cancelled, as `run` does it. What it throws arrives by the
   * schema of the definition's `error`, and what does not fit that as text. `currentAttempt()` says which attempt it is.
   *
   * **Cancellation**
   *
   * A cancellation arrives as any other, with a kind, a reason and the name of what asked, with its process. The function may clean up, and
   * the task that asked is told when it has ended.
   */
  worker(program: (payload: P) => PromiseLike<A> | A, options?: WorkerOptions): Worker {
    lowlevel.checkFunction(program, "worker()", "worker(async (payload) => ...)")
    const effect = (payload: P) =>
      Effect.flatMap(Cluster, (service) =>
        asyncio.toEffect({
          try: () => {
            clusterHere.set(service)
            return program(payload)
          },
          catch: (error) => error
        })
      )
    // The layer provides the cluster to what runs in it.
    return this.workerOf(effect, options) as Worker
  }
}

/**
 * Defines what tasks of one name are given and what they give. Clients and workers import the same definition.
 *
 * **Example** (What client and worker share)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster/compat"
 * import * as asyncio from "@effect-asyncio/compat"
 * import { Schema } from "effect"
 *
 * const greet = cluster.task("greet", { payload: Schema.Struct({ name: Schema.String }), success: Schema.String })
 * const worker = greet.worker(async ({ name }) => `hello ${name}`)
 *
 * const main = () =>
 *   cluster.open(cluster.embedded({ workers: [worker] }), () => cluster.createTask(greet, { name: "you" }))
 *
 * await asyncio.run(main) // => "hello you"
 * ```
 *
 * @category constructors
 * @stability unstable
 * @since 0.1.0
 */
export const task = <P = void, A = void, E = never, G = never>(
  name: string,
  options?: DefinitionOptions<P, A, E, G>
): TaskDefinition<P, A, E, G> => new TaskDefinition(name, options)

/**
 * Runs an async function as a part of the current task, in a cluster: what a layer provides, for as long as the function takes.
 *
 * **Details**
 *
 * A process that is a worker and nothing else waits in it until it is told to stop. Rejects as the function does, and with the layer's error where
 * the cluster cannot be opened.
 *
 * **Cancellation**
 *
 * The function is cancelled with the task. Then the layer is closed, which is waited for.
 *
 * **Example** (A worker in the same process)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster/compat"
 * import * as asyncio from "@effect-asyncio/compat"
 * import { Schema } from "effect"
 *
 * const double = cluster.task("double", { payload: Schema.Number, success: Schema.Number })
 * const worker = double.worker(async (n) => {
 *   await asyncio.sleep("1 milli")
 *   return 2 * n
 * })
 *
 * const main = () =>
 *   cluster.open(cluster.embedded({ workers: [worker] }), () =>
 *     asyncio.gather([1, 2, 3].map((n) => cluster.createTask(double, n)))
 *   )
 *
 * await asyncio.run(main) // => [2, 4, 6]
 * ```
 *
 * @category running
 * @stability unstable
 * @since 0.1.0
 */
export const open = <A, E>(layer: Layer.Layer<Cluster, E>, body: () => PromiseLike<A> | A): Promise<A> => {
  if (!Layer.isLayer(layer)) {
    // When: `open` got something else than a layer, the function `embedded` say.
    throw lowlevel.unexpectedValue(
      "a layer was expected by open()",
      layer,
      "Call the function: `open(embedded(), ...)`."
    )
  }
  lowlevel.checkFunction(body, "open()", "open(layer, async () => ...)")
  const inside = Effect.flatMap(Cluster, (service) =>
    asyncio.toEffect({
      try: async () => {
        const token = clusterHere.set(service)
        try {
          return await body()
        } finally {
          clusterHere.reset(token)
        }
      },
      catch: (error) => error
    })
  )
  return asyncio.runEffect(Effect.provide(inside, layer))
}

/**
 * A task of the local loop that looks on at one of the cluster.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface JoinedTask<out A, out G = never> extends asyncio.Task<A> {
  /** What the task reports, from the last report on until it has ended. */
  readonly progress: AsyncIterable<G>
}

/**
 * A task of the local loop that stands for one of the cluster.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface RemoteTask<out A, out G = never> extends JoinedTask<A, G> {
  /**
   * Settles when the task is written down, and then runs also when this process ends; rejects where it could not be. The program need not
   * look at it: the task rejects with the same error.
   */
  readonly submitted: Promise<void>
}

/**
 * Creates a task that a worker runs, here or on another machine, and gives a task of this loop that stands for it.
 *
 * **Details**
 *
 * The task given is one like all others: it is awaited, gathered, shielded, put into groups and under timeouts, listed and cancelled. It has
 * its place in the tree of the task that creates it. The other is written down on the way: see `submitted`.
 *
 * The `name` is its key: with the name of a task that exists, also of one that has ended and is kept, it stands for that one.
 *
 * Throws a {@link PayloadError} for a payload that does not fit, and a ValueError for a name that cannot be one. The task rejects with what the
 * definition says; with a {@link TaskExistsError} or a {@link DatabaseError} where it could not be created; with a PayloadError or a {@link ResultError}
 * where client and worker do not agree; and with a {@link RemoteDefect} for everything else.
 *
 * **Cancellation**
 *
 * Cancelling the task cancels the one it stands for, wherever that runs, with the kind, the reason and who asked. It ends when that has ended:
 * cancelled, or otherwise if it did not let itself be cancelled. One that waits for a worker ends at once and never begins. At the end of
 * {@link open} it is cancelled, unless it is `detached`.
 *
 * **asyncio**
 *
 * [`asyncio.create_task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task), for work in another process.
 *
 * **Example** (A group whose tasks are elsewhere)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster/compat"
 * import * as asyncio from "@effect-asyncio/compat"
 * import { Schema } from "effect"
 *
 * const double = cluster.task("double", { payload: Schema.Number, success: Schema.Number })
 * const worker = double.worker(async (n) => 2 * n)
 *
 * const main = () =>
 *   cluster.open(cluster.embedded({ workers: [worker] }), async () => {
 *     const task = cluster.createTask(double, 21, { name: "double 21" })
 *     await task.submitted
 *     return [task.getName(), await asyncio.waitFor(task, "1 minute")]
 *   })
 *
 * await asyncio.run(main) // => ["double 21", 42]
 * ```
 *
 * @category constructors
 * @stability unstable
 * @since 0.1.0
 */
export const createTask = <P, A, E, G>(
  definition: Definition<P, A, E, G>,
  payload: P,
  options: CreateTaskOptions = {}
): RemoteTask<A, G> => {
  const { impl } = here("createTask()")
  const attempt = currentAttempt()
  const loop = asyncio.getRunningLoop().core
  const planned = Effect.runSyncExit(plan(impl, definition, payload, options, attempt))
  if (Exit.isFailure(planned)) throw Cause.squash(planned.cause)
  const { create, name } = planned.value
  let tell: (exit: Exit.Exit<unknown, unknown>) => void
  const submitted = new Promise<void>((resolve, reject) => {
    tell = (exit) => (Exit.isSuccess(exit) ? resolve() : reject(Cause.squash(exit.cause)))
  })
  submitted.catch(() => {})
  const made = stand(impl, loop, definition, name, options, {
    creator: asyncio.currentTask()?.core,
    attempt,
    create: Effect.onExit(create, (exit) => Effect.sync(() => tell(exit))),
    ends: (exit) => tell(exit)
  })
  return Object.assign(iterable<A, G>(made), { submitted })
}

/**
 * A task of this loop that looks on at one of the cluster, which is there already: it ends as that does, or as that has.
 *
 * **When to use**
 *
 * For a result, or the wait for it, in another process than the one that has created the task: a request for what another request began.
 *
 * **Details**
 *
 * Rejects with a {@link NoSuchTaskError} where there is no task of this name and definition, or none any more, with a {@link DatabaseError} where there
 * is no answer, and else as a task of {@link createTask}. A failure that no code retrieves is not reported: it is kept with the other.
 *
 * **Cancellation**
 *
 * Cancelling it ends the look, at once, and nothing else: the other task goes on. `cancel` with its name cancels that.
 *
 * **asyncio**
 *
 * No such thing: [tasks of asyncio](https://docs.python.org/3/library/asyncio-task.html#task-object) are not found by a key.
 *
 * **Example** (The result of what was submitted)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster/compat"
 * import * as asyncio from "@effect-asyncio/compat"
 * import { Schema } from "effect"
 *
 * const double = cluster.task("double", { payload: Schema.Number, success: Schema.Number })
 * const worker = double.worker(async (n) => {
 *   await asyncio.sleep("1 milli")
 *   return 2 * n
 * })
 *
 * const main = () =>
 *   cluster.open(cluster.embedded({ workers: [worker] }), async () => {
 *     await cluster.submit(double, 21, { name: "the answer" })
 *     return await cluster.joinTask(double, "the answer")
 *   })
 *
 * await asyncio.run(main) // => 42
 * ```
 *
 * @category constructors
 * @stability unstable
 * @since 0.1.0
 */
export const joinTask = <P, A, E, G>(definition: Definition<P, A, E, G>, name: string): JoinedTask<A, G> => {
  const { impl } = here("joinTask()")
  checkDefinition(definition, "by joinTask()")
  checkName(name, "joinTask()")
  const made = { creator: asyncio.currentTask()?.core, attempt: currentAttempt(), create: find(impl, definition, name) }
  return iterable(lookOn(impl, asyncio.getRunningLoop().core, definition, name, made))
}

/** A task of core for async functions. */
const iterable = <A, G>(made: CoreTask<unknown, unknown, unknown>): JoinedTask<A, G> =>
  Object.assign(asyncio.Task.of(made as core.Task<A, unknown>), {
    progress: Stream.toAsyncIterable(made.progress) as AsyncIterable<G>
  })

/**
 * Creates a task that a worker runs, and does not wait for it: gives its name when it is written down. Rejects as {@link createTask} does.
 *
 * **Example** (Written down, and waiting for a worker)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster/compat"
 * import * as asyncio from "@effect-asyncio/compat"
 * const send = cluster.task("send")
 *
 * const main = () =>
 *   cluster.open(cluster.embedded(), async () => {
 *     const name = await cluster.submit(send, undefined, { name: "mail 1" })
 *     return [name, (await cluster.findTask(name))?.state]
 *   })
 *
 * await asyncio.run(main) // => ["mail 1", "waiting"]
 * ```
 *
 * @category constructors
 * @stability unstable
 * @since 0.1.0
 */
export const submit = <P, A, E, G>(
  definition: Definition<P, A, E, G>,
  payload: P,
  options?: SubmitOptions
): Promise<string> => asked("submit()", submitInCore(definition, payload, options))

/**
 * The attempt that this code is a part of; undefined in code that no worker runs.
 *
 * **Example** (The first attempt)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster/compat"
 * import * as asyncio from "@effect-asyncio/compat"
 * import { Schema } from "effect"
 *
 * const charge = cluster.task("charge", { success: Schema.Number })
 * const worker = charge.worker(async () => cluster.currentAttempt()!.attempt)
 *
 * const main = () =>
 *   cluster.open(cluster.embedded({ workers: [worker] }), () => cluster.createTask(charge, undefined))
 *
 * await asyncio.run(main) // => 1
 * ```
 *
 * @category getters
 * @stability unstable
 * @since 0.1.0
 */
export const currentAttempt = (): Attempt | undefined => {
  const task = asyncio.currentTask()
  return task === undefined ? undefined : Context.get(task.getContext(), CurrentAttempt)
}

/**
 * Says how far the task of this code is, for all who watch it. The last report counts. Rejects with a RuntimeError in code that no worker runs, and
 * with a {@link ResultError} where the value does not fit the definition's `progress`.
 *
 * **Example** (Half of it)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster/compat"
 * import * as asyncio from "@effect-asyncio/compat"
 * import { Schema } from "effect"
 *
 * const copy = cluster.task("copy", { progress: Schema.Number })
 * const worker = copy.worker(() => cluster.reportProgress(0.5))
 *
 * const main = () =>
 *   cluster.open(cluster.embedded({ workers: [worker] }), async () => {
 *     await cluster.createTask(copy, undefined, { name: "copy a" })
 *     return (await cluster.findTask("copy a"))?.progress
 *   })
 *
 * await asyncio.run(main) // => 0.5
 * ```
 *
 * @category getters
 * @stability unstable
 * @since 0.1.0
 */
export const reportProgress = (value: unknown): Promise<void> =>
  asyncio.runEffect(currentAttempt()?.report(value) ?? Effect.die(outsideOfAttempt()))

/**
 * A page of the tasks that fit, the oldest first: those that wait, that run, and those that have ended and are kept.
 *
 * **Example** (By a label)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster/compat"
 * import * as asyncio from "@effect-asyncio/compat"
 * import { Schema } from "effect"
 *
 * const send = cluster.task("send", { payload: Schema.String })
 *
 * const main = () =>
 *   cluster.open(cluster.embedded(), async () => {
 *     for (const user of [1, 2]) await cluster.submit(send, "hello", { name: `mail ${user}`, labels: { user } })
 *     const { tasks } = await cluster.allTasks({ labels: { user: 2 }, state: "waiting" })
 *     return tasks.map(({ name }) => name)
 *   })
 *
 * await asyncio.run(main) // => ["mail 2"]
 * ```
 *
 * @category introspection
 * @stability unstable
 * @since 0.1.0
 */
export const allTasks = (query?: TaskQuery): Promise<TaskPage> => asked("allTasks()", queries.allTasks(query))

/**
 * The task of this name; undefined where there is none, or none any more.
 *
 * **Example** (Whether a worker serves it)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster/compat"
 * import * as asyncio from "@effect-asyncio/compat"
 * const send = cluster.task("send")
 *
 * const main = () =>
 *   cluster.open(cluster.embedded(), async () => {
 *     await cluster.submit(send, undefined, { name: "mail 1" })
 *     const found = await cluster.findTask("mail 1")
 *     return [found?.state, found?.served, await cluster.findTask("mail 2")]
 *   })
 *
 * await asyncio.run(main) // => ["waiting", false, undefined]
 * ```
 *
 * @category introspection
 * @stability unstable
 * @since 0.1.0
 */
export const findTask = (name: string): Promise<TaskInfo | undefined> => asked("findTask()", queries.findTask(name))

/**
 * How many tasks there are of each definition and state, and which workers serve it.
 *
 * **Example** (One that waits)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster/compat"
 * import * as asyncio from "@effect-asyncio/compat"
 * const send = cluster.task("send")
 *
 * const main = () =>
 *   cluster.open(cluster.embedded(), async () => {
 *     await cluster.submit(send, undefined)
 *     return (await cluster.counts()).map(({ definition, waiting, workers }) => [definition, waiting, workers.length])
 *   })
 *
 * await asyncio.run(main) // => [["send", 1, 0]]
 * ```
 *
 * @category introspection
 * @stability unstable
 * @since 0.1.0
 */
export const counts = (): Promise<ReadonlyArray<DefinitionCounts>> => asked("counts()", queries.counts)

/**
 * What keeps tasks from being done, as this process sees the whole cluster: nothing, where all is well.
 *
 * **Example** (All is well)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster/compat"
 * import * as asyncio from "@effect-asyncio/compat"
 * await asyncio.run(() => cluster.open(cluster.embedded(), () => cluster.troubles())) // => []
 * ```
 *
 * @category introspection
 * @stability unstable
 * @since 0.1.0
 */
export const troubles = (): Promise<ReadonlyArray<Trouble>> => asked("troubles()", troublesInCore)

/**
 * Asks the task of this name to cancel itself, wherever it runs, and does not wait. False where there is no such task, or it has ended.
 *
 * **Example** (By name)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster/compat"
 * import * as asyncio from "@effect-asyncio/compat"
 * const send = cluster.task("send")
 *
 * const main = () =>
 *   cluster.open(cluster.embedded(), async () => {
 *     await cluster.submit(send, undefined, { name: "mail 1" })
 *     const asked = [await cluster.cancel("mail 1", "unsubscribed"), await cluster.cancel("mail 2")]
 *     return [...asked, (await cluster.findTask("mail 1"))?.cancellation?.reason]
 *   })
 *
 * await asyncio.run(main) // => [true, false, "unsubscribed"]
 * ```
 *
 * @category cancellation
 * @stability unstable
 * @since 0.1.0
 */
export const cancel = (name: string, reason?: string, options?: core.CancelOptions): Promise<boolean> =>
  asked("cancel()", queries.cancel(name, reason, options))

/**
 * {@link cancel}, and waits until the task has ended: gives how. Undefined where there is no such task.
 *
 * **Example** (Until it has stopped)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster/compat"
 * import * as asyncio from "@effect-asyncio/compat"
 * const build = cluster.task("build")
 * const worker = build.worker(async () => {
 *   await asyncio.sleep("1 hour")
 * })
 *
 * const main = () =>
 *   cluster.open(cluster.embedded({ workers: [worker] }), async () => {
 *     await cluster.submit(build, undefined, { name: "build 7" })
 *     return cluster.cancelAndWait("build 7", "superseded by build 8")
 *   })
 *
 * await asyncio.run(main) // => "cancelled"
 * ```
 *
 * @category cancellation
 * @stability unstable
 * @since 0.1.0
 */
export const cancelAndWait = (
  name: string,
  reason?: string,
  options?: core.CancelOptions
): Promise<TaskState | undefined> => asked("cancelAndWait()", queries.cancelAndWait(name, reason, options))

/**
 * Asks the task of this name to cancel itself, and all that it has created in the cluster, in any depth. Gives the names of those that were asked.
 *
 * **Example** (With what it has submitted)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster/compat"
 * import * as asyncio from "@effect-asyncio/compat"
 * const part = cluster.task("part")
 * const whole = cluster.task("whole")
 * const worker = whole.worker(async () => {
 *   await cluster.submit(part, undefined, { name: "part 1" })
 *   await asyncio.sleep("1 hour")
 * })
 *
 * const main = () =>
 *   cluster.open(cluster.embedded({ workers: [worker], drain: 0 }), async () => {
 *     await cluster.submit(whole, undefined, { name: "whole" })
 *     while ((await cluster.findTask("part 1")) === undefined) await asyncio.sleep(5)
 *     return cluster.cancelTree("whole", "all of it")
 *   })
 *
 * await asyncio.run(main) // => ["whole", "part 1"]
 * ```
 *
 * @category cancellation
 * @stability unstable
 * @since 0.1.0
 */
export const cancelTree = (
  name: string,
  reason?: string,
  options?: core.CancelOptions
): Promise<ReadonlyArray<string>> => asked("cancelTree()", queries.cancelTree(name, reason, options))

const here = (operation: string): Cluster["Service"] => openService(operation, clusterHere.get())

const asked = <A, E>(operation: string, effect: Effect.Effect<A, E, Cluster>): Promise<A> => {
  const service = here(operation)
  const attempt = currentAttempt()
  return asyncio.runEffect(
    effect.pipe(Effect.provideService(Cluster, service), Effect.provideService(CurrentAttempt, attempt))
  )
}
