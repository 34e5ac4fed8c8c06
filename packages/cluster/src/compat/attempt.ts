/**
 * The attempt that code is a part of.
 *
 * @stability unstable
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/compat"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { type Attempt, CurrentAttempt, outsideOfAttempt } from "../attempt.ts"

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
