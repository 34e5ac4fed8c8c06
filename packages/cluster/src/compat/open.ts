/**
 * Code in a cluster.
 *
 * @stability unstable
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/compat"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Cluster } from "../Cluster.ts"
import { clusterHere } from "./here.ts"

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
