/**
 * Tasks of the local loop that stand for tasks of the cluster, or look on at them.
 *
 * @stability unstable
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/compat"
import type * as core from "@effect-asyncio/core"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import {
  type CreateTaskOptions,
  plan,
  type RemoteTask as CoreTask,
  stand,
  type SubmitOptions,
  submit as submitInCore
} from "../createTask.ts"
import type { Definition } from "../Definition.ts"
import { checkName } from "../internal/checks.ts"
import { checkDefinition } from "../internal/parts.ts"
import { find, lookOn } from "../joinTask.ts"
import { currentAttempt } from "./attempt.ts"
import { asked, here } from "./here.ts"

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
