/**
 * Seeing the tasks of a cluster, and steering them, from anywhere.
 *
 * @stability unstable
 * @since 0.1.0
 */
import type { CancelOptions } from "@effect-asyncio/core"
import { type Trouble, troubles as troublesInCore } from "../health.ts"
import * as queries from "../queries.ts"
import type { DefinitionCounts, TaskInfo, TaskPage, TaskQuery, TaskState } from "../TaskInfo.ts"
import { asked } from "./here.ts"

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
export const cancel = (name: string, reason?: string, options?: CancelOptions): Promise<boolean> =>
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
export const cancelAndWait = (name: string, reason?: string, options?: CancelOptions): Promise<TaskState | undefined> =>
  asked("cancelAndWait()", queries.cancelAndWait(name, reason, options))

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
export const cancelTree = (name: string, reason?: string, options?: CancelOptions): Promise<ReadonlyArray<string>> =>
  asked("cancelTree()", queries.cancelTree(name, reason, options))
