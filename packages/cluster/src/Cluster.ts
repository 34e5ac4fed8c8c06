/**
 * The service that programs need to create tasks of a cluster, and to see them.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { closedError } from "./internal/closed.ts"
import type { ClusterImpl } from "./internal/cluster.ts"
import type { Watchdog } from "./internal/watchdog.ts"

/**
 * A process's part in a cluster. A layer provides it: `embedded` for one process, `postgres` for several.
 *
 * **Example** (What others know this process by)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.map(cluster.Cluster, ({ runner }) => runner.startsWith("web-3#"))
 *
 * await asyncio.run(Effect.provide(main, cluster.embedded({ name: "web-3" }))) // => true
 * ```
 *
 * @category running
 * @stability unstable
 * @since 0.1.0
 */
export class Cluster extends Context.Service<
  Cluster,
  {
    /** This process as others see it: `HOST:PID#INSTANCE`. */
    readonly runner: string
    /** @internal */
    readonly impl: ClusterImpl
    /** @internal */
    readonly watchdog: Watchdog
  }
>()("@effect-asyncio/cluster/Cluster") {}

/** The cluster of the fiber; a defect that says what is missing where there is none. @internal */
export const theService = (operation: string): Effect.Effect<Cluster["Service"], never, Cluster> =>
  Effect.map(Effect.serviceOption(Cluster), (found) => openService(operation, Option.getOrUndefined(found)))

/** The cluster that was found, if one was that can be asked. @internal */
export const openService = (operation: string, found: Cluster["Service"] | undefined): Cluster["Service"] => {
  if (found === undefined) throw noCluster(operation)
  // A task that was begun in it may have outlived it.
  if (found.impl.isOver) throw closedError()
  return found
}

/** @internal */
export const theCluster = (operation: string): Effect.Effect<ClusterImpl, never, Cluster> =>
  Effect.map(theService(operation), ({ impl }) => impl)

const noCluster = (operation: string): Error =>
  // When: a function of the cluster is called where no layer of it is provided.
  lowlevel.withHint(
    new asyncio.RuntimeError(`${operation} needs a cluster, and there is none`),
    "Provide `embedded({ workers: [...] })` or `postgres({ ... })` to the program, or open one around an async function."
  )
