/**
 * Definitions whose workers are Effects.
 *
 * @since 0.1.0
 */
import type { CancelledError } from "@effect-asyncio/core"
import type * as Effect from "effect/Effect"
import { Definition, type DefinitionOptions, type Worker, type WorkerOptions } from "./Definition.ts"

/**
 * A {@link Definition} whose workers are Effects.
 *
 * **Example** (A worker with a typed error)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect, Schema } from "effect"
 *
 * class TooLarge extends Schema.TaggedError<TooLarge>()("TooLarge", { size: Schema.Number }) {}
 *
 * const store = cluster.task("store", { payload: Schema.Number, error: TooLarge })
 * const worker = store.worker((size) => (size > 100 ? Effect.fail(new TooLarge({ size })) : Effect.void))
 *
 * const main = Effect.flatMap(cluster.createTask(store, 101), Effect.flip)
 *
 * const error = await asyncio.run(Effect.provide(main, cluster.embedded({ workers: [worker] })))
 * error instanceof TooLarge && error.size // => 101
 * ```
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export class TaskDefinition<P, A, E, G> extends Definition<P, A, E, G> {
  /**
   * The worker that runs tasks with `program`, a function that gives an Effect.
   *
   * **Details**
   *
   * Inside of it all is as in any task: `currentTask` is the task, of the name and with the labels that the client has given, and groups and
   * timeouts work. When it has ended, tasks that it has left behind are cancelled, as `run` does it. `currentAttempt` says which attempt it
   * is. Of what it awaits a CancelledError may remain; other failures than those of the definition are its own to handle.
   *
   * **Cancellation**
   *
   * A cancellation arrives as any other, with a kind, a reason and the name of what asked, with its process. The task may clean up, and
   * the task that asked is told when it has ended.
   */
  worker<R = never>(
    program: (payload: P) => Effect.Effect<A, E | CancelledError, R>,
    options?: WorkerOptions
  ): Worker<R> {
    return this.workerOf(program, options)
  }
}

/**
 * Defines what tasks of one name are given and what they give. Clients and workers import the same definition.
 *
 * **Example** (What client and worker share)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect, Schema } from "effect"
 *
 * const greet = cluster.task("greet", { payload: Schema.Struct({ name: Schema.String }), success: Schema.String })
 * const worker = greet.worker(({ name }) => Effect.succeed(`hello ${name}`))
 *
 * const main = Effect.flatten(cluster.createTask(greet, { name: "you" }))
 *
 * await asyncio.run(Effect.provide(main, cluster.embedded({ workers: [worker] }))) // => "hello you"
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
