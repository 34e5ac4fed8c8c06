/**
 * Joining a task that other code has created, by its name.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import { CurrentAttempt } from "./attempt.ts"
import { type Cluster, theCluster } from "./Cluster.ts"
import { type Remote, type RemoteTask, stand } from "./createTask.ts"
import type { Definition } from "./Definition.ts"
import { DatabaseError, NoSuchTaskError } from "./errors.ts"
import { checkName } from "./internal/checks.ts"
import type { ClusterImpl } from "./internal/cluster.ts"
import { checkDefinition } from "./internal/parts.ts"
import type { Outcome } from "./internal/wire.ts"

/**
 * A task of this loop that looks on at one of the cluster, which is there already: it ends as that does, or as that has.
 *
 * **When to use**
 *
 * For a result, or the wait for it, in another process than the one that has created the task: a request for what another request began.
 *
 * **Details**
 *
 * Fails with {@link NoSuchTaskError} where there is no task of this name and definition, or none any more, and with {@link DatabaseError} where
 * there is no answer. The task fails as one of {@link createTask}. A failure that no code retrieves is not reported: it is kept with the other.
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
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect, Schema } from "effect"
 *
 * const double = cluster.task("double", { payload: Schema.Number, success: Schema.Number })
 * const worker = double.worker((n) => asyncio.sleep("1 milli", 2 * n))
 *
 * const main = Effect.gen(function*() {
 *   yield* cluster.submit(double, 21, { name: "the answer" })
 *   return yield* yield* cluster.joinTask(double, "the answer")
 * })
 *
 * await asyncio.run(Effect.provide(main, cluster.embedded({ workers: [worker] }))) // => 42
 * ```
 *
 * @category constructors
 * @stability unstable
 * @since 0.1.0
 */
export const joinTask = <P, A, E, G>(
  definition: Definition<P, A, E, G>,
  name: string
): Effect.Effect<RemoteTask<A, Remote<E>, G>, NoSuchTaskError | DatabaseError, Cluster> =>
  Effect.gen(function* () {
    const cluster = yield* theCluster("joinTask()")
    checkDefinition(definition, "by joinTask()")
    checkName(name, "joinTask()")
    const attempt = yield* CurrentAttempt
    const loop = yield* asyncio.getRunningLoop
    const creator = yield* asyncio.currentTask
    const outcome = yield* find(cluster, definition, name)
    const made = { creator, attempt, create: { done: outcome } }
    return lookOn(cluster, loop, definition, name, made) as RemoteTask<A, Remote<E>, G>
  })

/** How the task has ended, if it has. @internal */
export const find = (
  { store }: ClusterImpl,
  definition: Definition<any, any, any, any>,
  name: string
): Effect.Effect<Outcome | undefined, NoSuchTaskError | DatabaseError> =>
  Effect.matchEffect(store.find(name), {
    onFailure: (cause) => Effect.fail(new DatabaseError({ cause })),
    onSuccess: (found) =>
      found?.definition === definition.name
        ? Effect.succeed(found.outcome)
        : Effect.fail(new NoSuchTaskError({ task: name, definition: definition.name }))
  })

/** The task that looks on; `create` finds the other. @internal */
export const lookOn = (
  cluster: ClusterImpl,
  loop: asyncio.EventLoop,
  definition: Definition<any, any, any, any>,
  name: string,
  made: Omit<Parameters<typeof stand>[5], "onlooker">
): RemoteTask<unknown, unknown, unknown> => {
  const task = stand(cluster, loop, definition, name, {}, { ...made, onlooker: true })
  // To look at a failure once is enough for the reports.
  task.addDoneCallbackUnsafe(() => void task.exitUnsafe())
  return task
}
