/**
 * Seeing the tasks of a cluster, and steering them, from anywhere.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import { type Cluster, theCluster } from "./Cluster.ts"
import { DatabaseError } from "./errors.ts"
import { checkName, checkQuery } from "./internal/checks.ts"
import type { ClusterImpl } from "./internal/cluster.ts"
import * as queries from "./internal/queries.ts"
import type { Store } from "./internal/store.ts"
import { toWire } from "./internal/wire.ts"
import type { DefinitionCounts, TaskInfo, TaskPage, TaskQuery, TaskState } from "./TaskInfo.ts"

/**
 * A page of the tasks that fit, the oldest first: those that wait, that run, and those that have ended and are kept.
 *
 * **Details**
 *
 * It is right also when a process has just died: what that ran is `"waiting"`, as soon as nothing was heard of it for five seconds. Fails with a
 * {@link DatabaseError} where there is no answer.
 *
 * **asyncio**
 *
 * [`asyncio.all_tasks`](https://docs.python.org/3/library/asyncio-task.html#asyncio.all_tasks), of all processes.
 *
 * **Example** (By a label)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect, Schema } from "effect"
 *
 * const send = cluster.task("send", { payload: Schema.String })
 *
 * const main = Effect.gen(function*() {
 *   for (const user of [1, 2]) yield* cluster.submit(send, "hello", { name: `mail ${user}`, labels: { user } })
 *   const { tasks } = yield* cluster.allTasks({ labels: { user: 2 }, state: "waiting" })
 *   return tasks.map(({ name }) => name)
 * })
 *
 * await asyncio.run(Effect.provide(main, cluster.embedded())) // => ["mail 2"]
 * ```
 *
 * @category introspection
 * @stability unstable
 * @since 0.1.0
 */
export const allTasks = (query: TaskQuery = {}): Effect.Effect<TaskPage, DatabaseError, Cluster> =>
  asking("allTasks()", (store) => {
    checkQuery(query)
    return queries.page(store, query)
  })

/**
 * The task of this name; undefined where there is none, or none any more.
 *
 * **Example** (Whether a worker serves it)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const send = cluster.task("send")
 *
 * const main = Effect.gen(function*() {
 *   yield* cluster.submit(send, undefined, { name: "mail 1" })
 *   const found = yield* cluster.findTask("mail 1")
 *   return [found?.state, found?.served, yield* cluster.findTask("mail 2")]
 * })
 *
 * await asyncio.run(Effect.provide(main, cluster.embedded())) // => ["waiting", false, undefined]
 * ```
 *
 * @category introspection
 * @stability unstable
 * @since 0.1.0
 */
export const findTask = (name: string): Effect.Effect<TaskInfo | undefined, DatabaseError, Cluster> =>
  asking("findTask()", (store) => {
    checkName(name, "findTask()")
    return Effect.map(queries.look(store, [name]), ([found]) => found?.info)
  })

/**
 * How many tasks there are of each definition and state, and which workers serve it.
 *
 * **Example** (One that waits)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const send = cluster.task("send")
 *
 * const main = Effect.gen(function*() {
 *   yield* cluster.submit(send, undefined)
 *   return (yield* cluster.counts).map(({ definition, waiting, workers }) => [definition, waiting, workers.length])
 * })
 *
 * await asyncio.run(Effect.provide(main, cluster.embedded())) // => [["send", 1, 0]]
 * ```
 *
 * @category introspection
 * @stability unstable
 * @since 0.1.0
 */
export const counts: Effect.Effect<ReadonlyArray<DefinitionCounts>, DatabaseError, Cluster> = /*#__PURE__*/ asking(
  "counts",
  queries.counts
)

/**
 * Asks the task of this name to cancel itself, wherever it runs, and does not wait. False where there is no such task, or it has ended.
 *
 * **Cancellation**
 *
 * The task gets a cancellation as by `task.cancel`, in the name of the task that asks. One that waits for a worker has ended when this returns.
 *
 * **Example** (By name)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const send = cluster.task("send")
 *
 * const main = Effect.gen(function*() {
 *   yield* cluster.submit(send, undefined, { name: "mail 1" })
 *   const asked = [yield* cluster.cancel("mail 1", "unsubscribed"), yield* cluster.cancel("mail 2")]
 *   return [...asked, (yield* cluster.findTask("mail 1"))?.cancellation?.reason]
 * })
 *
 * await asyncio.run(Effect.provide(main, cluster.embedded())) // => [true, false, "unsubscribed"]
 * ```
 *
 * @see {@link cancelAndWait} to be told when it has stopped
 * @category cancellation
 * @stability unstable
 * @since 0.1.0
 */
export const cancel = (
  name: string,
  reason?: string,
  options?: asyncio.CancelOptions
): Effect.Effect<boolean, never, Cluster> =>
  Effect.gen(function* () {
    const cluster = yield* theCluster("cancel()")
    checkName(name, "cancel()")
    return yield* request(cluster, name, reason, options, (yield* asyncio.currentTask).toRef())
  })

/**
 * {@link cancel}, and waits until the task has ended: gives how. Undefined where there is no such task.
 *
 * **Cancellation**
 *
 * Interrupted it stops waiting; the request has been made.
 *
 * **Example** (Until it has stopped)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const build = cluster.task("build")
 * const worker = build.worker(() => Effect.asVoid(asyncio.sleep("1 hour")))
 *
 * const main = Effect.gen(function*() {
 *   yield* cluster.submit(build, undefined, { name: "build 7" })
 *   return yield* cluster.cancelAndWait("build 7", "superseded by build 8")
 * })
 *
 * await asyncio.run(Effect.provide(main, cluster.embedded({ workers: [worker] }))) // => "cancelled"
 * ```
 *
 * @category cancellation
 * @stability unstable
 * @since 0.1.0
 */
export const cancelAndWait = (
  name: string,
  reason?: string,
  options?: asyncio.CancelOptions
): Effect.Effect<TaskState | undefined, never, Cluster> =>
  Effect.gen(function* () {
    const cluster = yield* theCluster("cancelAndWait()")
    checkName(name, "cancelAndWait()")
    yield* request(cluster, name, reason, options, (yield* asyncio.currentTask).toRef())
    let pause = 5
    while (true) {
      const info = yield* cluster.info(name)
      if (info === undefined || info.endedAt !== undefined) return info?.state
      yield* Effect.sleep(pause)
      pause = Math.min(2 * pause, 200)
    }
  })

/**
 * Asks the task of this name to cancel itself, and all that it has created in the cluster, in any depth. Gives the names of those that were asked.
 *
 * **Details**
 *
 * What a task has created by `createTask` is cancelled with it in any case, when it ends. This also reaches what it has submitted, and what is left of
 * a task whose worker has died.
 *
 * **asyncio**
 *
 * [`Task.cancel`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Task.cancel) asks one task; see `cancelTree` of
 * `@effect-asyncio/core`.
 *
 * **Example** (With what it has submitted)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const part = cluster.task("part")
 * const whole = cluster.task("whole")
 * const worker = whole.worker(Effect.fn("whole")(function*() {
 *   yield* Effect.orDie(cluster.submit(part, undefined, { name: "part 1" }))
 *   yield* asyncio.sleep("1 hour")
 * }))
 *
 * const main = Effect.gen(function*() {
 *   yield* cluster.submit(whole, undefined, { name: "whole" })
 *   while ((yield* cluster.findTask("part 1")) === undefined) yield* asyncio.sleep(5)
 *   return yield* cluster.cancelTree("whole", "all of it")
 * })
 *
 * await asyncio.run(Effect.provide(main, cluster.embedded({ workers: [worker], drain: 0 }))) // => ["whole", "part 1"]
 * ```
 *
 * @category cancellation
 * @stability unstable
 * @since 0.1.0
 */
export const cancelTree = (
  name: string,
  reason?: string,
  options?: asyncio.CancelOptions
): Effect.Effect<ReadonlyArray<string>, DatabaseError, Cluster> =>
  Effect.gen(function* () {
    const cluster = yield* theCluster("cancelTree()")
    checkName(name, "cancelTree()")
    const asker = (yield* asyncio.currentTask).toRef()
    const names = [name, ...(yield* asking("cancelTree()", (store) => queries.below(store, name)))]
    return yield* Effect.filter(names, (each) => request(cluster, each, reason, options, asker))
  })

/** @internal */
export const request = (
  cluster: ClusterImpl,
  name: string,
  reason: string | undefined,
  options: asyncio.CancelOptions | undefined,
  asker: asyncio.TaskRef | string
): Effect.Effect<boolean> => {
  const error = new asyncio.CancelledError(reason, { kind: options?.kind, requestedBy: asker })
  return Effect.map(cluster.cancel(name, toWire(error, cluster.runner)), (found) => found !== undefined)
}

function asking<A>(
  operation: string,
  ask: (store: Store) => Effect.Effect<A, unknown>
): Effect.Effect<A, DatabaseError, Cluster> {
  return Effect.flatMap(theCluster(operation), ({ store }) =>
    Effect.mapError(ask(store), (cause) => new DatabaseError({ cause }))
  )
}
