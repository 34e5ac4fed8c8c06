/**
 * Definitions whose workers are async functions.
 *
 * @stability unstable
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/compat"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Effect from "effect/Effect"
import { Cluster } from "../Cluster.ts"
import { Definition, type DefinitionOptions, type Worker, type WorkerOptions } from "../Definition.ts"
import { clusterHere } from "./here.ts"

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
