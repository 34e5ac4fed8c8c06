/**
 * What a task that runs on a worker knows of itself, beside what every task knows.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/**
 * One attempt to run a task of the cluster.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface Attempt {
  readonly name: string
  readonly definition: string
  /** 1 the first time; more where the worker before has died, or has had to give the task back. */
  readonly attempt: number
  /** The same in all attempts of this task and in no other task: for services outside that must not do a thing twice. */
  readonly idempotencyKey: string
  /** The task of the cluster that has created it, if one did. */
  readonly createdBy: string | undefined
  /** @hidden */
  readonly report: (value: unknown) => Effect.Effect<void>
}

/** @internal */
export const CurrentAttempt = Context.Reference<Attempt | undefined>("@effect-asyncio/cluster/CurrentAttempt", {
  defaultValue: () => undefined
})

/**
 * The attempt that this code is a part of; undefined in code that no worker runs.
 *
 * **Details**
 *
 * A task runs at least once. It runs again where its worker was gone before the end was written down, and then `attempt` is 2 or more. What
 * must happen once is asked for with the `idempotencyKey`, which stays the same.
 *
 * **asyncio**
 *
 * No such thing: a [task of asyncio](https://docs.python.org/3/library/asyncio-task.html#task-object) ends with its process.
 *
 * **Example** (The first attempt)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect, Schema } from "effect"
 *
 * const charge = cluster.task("charge", { success: Schema.Number })
 * const worker = charge.worker(() => Effect.map(cluster.currentAttempt, (attempt) => attempt!.attempt))
 *
 * const main = Effect.flatten(cluster.createTask(charge, undefined))
 *
 * await asyncio.run(Effect.provide(main, cluster.embedded({ workers: [worker] }))) // => 1
 * ```
 *
 * @category getters
 * @stability unstable
 * @since 0.1.0
 */
export const currentAttempt: Effect.Effect<Attempt | undefined> = CurrentAttempt

/**
 * Says how far the task of this code is, for all who watch it. The last report counts; none is waited for.
 *
 * **Details**
 *
 * Dies with a RuntimeError in code that no worker runs, and with a {@link ResultError} where the value does not fit the definition's `progress`.
 *
 * **Cancellation**
 *
 * No cancellation point but that of the database, which is asked once.
 *
 * **Example** (Half of it)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect, Schema } from "effect"
 *
 * const copy = cluster.task("copy", { progress: Schema.Number })
 * const worker = copy.worker(() => cluster.reportProgress(0.5))
 *
 * const main = Effect.gen(function*() {
 *   yield* Effect.flatten(cluster.createTask(copy, undefined, { name: "copy a" }))
 *   return (yield* cluster.findTask("copy a"))?.progress
 * })
 *
 * await asyncio.run(Effect.provide(main, cluster.embedded({ workers: [worker] }))) // => 0.5
 * ```
 *
 * @category getters
 * @stability unstable
 * @since 0.1.0
 */
export const reportProgress = (value: unknown): Effect.Effect<void> =>
  Effect.flatMap(currentAttempt, (attempt) => attempt?.report(value) ?? Effect.die(outsideOfAttempt()))

/** @internal */
export const outsideOfAttempt = (): Error =>
  // When: `reportProgress` in code that runs in no task of a worker.
  lowlevel.withHint(
    new asyncio.RuntimeError("no worker runs this code, so that there is nothing whose progress it could report"),
    "Call it in the program of a worker, or in what that calls."
  )
