/**
 * Whether work gets done.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { type Cluster, theService } from "./Cluster.ts"

/**
 * Something that keeps tasks from being done, although there are workers to do them.
 *
 * **Details**
 *
 * - `unheld`: parts of a definition's tasks belong to no worker, although workers for it are there
 * - `stalled`: tasks wait although the workers that have them have places
 * - `schemas`: workers have different schemas for one definition, as in the middle of a deploy
 * - `file`: the file of an embedded cluster was removed or replaced, so that what is written now is gone with the process
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface Trouble {
  readonly kind: "unheld" | "stalled" | "schemas" | "file"
  /** Empty where it is that of all. */
  readonly definition: string
  /** How many shards, tasks, schemas or files. */
  readonly count: number
  readonly message: string
}

/**
 * What keeps tasks from being done, as this process sees the whole cluster: nothing, where all is well.
 *
 * **When to use**
 *
 * For the readiness of a service. Each new trouble is also logged as a warning.
 *
 * **Details**
 *
 * A process looks every few seconds, and at what takes longer than the `patience` of its options. Tasks that have stalled are given to the
 * engine again at each look; a process where they still stall is restarted best.
 *
 * **Example** (All is well)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * await asyncio.run(Effect.provide(cluster.troubles, cluster.embedded())) // => []
 * ```
 *
 * @category introspection
 * @stability unstable
 * @since 0.1.0
 */
export const troubles: Effect.Effect<ReadonlyArray<Trouble>, never, Cluster> = /*#__PURE__*/ Effect.map(
  /*#__PURE__*/ theService("troubles"),
  ({ watchdog }) => watchdog.troubles
)
