/**
 * What {@link ./engine.ts} stands on among several processes: sockets between them, and a PostgreSQL that they share.
 */
import * as NodeClusterSocket from "@effect/platform-node/NodeClusterSocket"
import { make as makeRunnerAddress } from "effect/cluster/RunnerAddress"
import type * as Duration from "effect/Duration"
import { fromInputUnsafe, toMillis } from "effect/Duration"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as SqlClient from "effect/sql/SqlClient"
import type { EngineParts } from "./engine.ts"
import { keptInTables } from "./kept.ts"
import { type EngineOptions, settings, tables } from "./layers.ts"

export interface SocketOptions extends EngineOptions {
  /** Where others reach this process. */
  readonly host: string
  readonly port: number
  /** Where it listens for them. */
  readonly listen: { readonly host: string; readonly port: number }
  /** How long a worker may be silent. */
  readonly expiry: Duration.Input
}

/** Several processes. One that serves nothing is a client. Fresh, as one process is. */
export const several = (options: SocketOptions): Layer.Layer<EngineParts, unknown, SqlClient.SqlClient> => {
  const expiry = toMillis(fromInputUnsafe(options.expiry))
  const shardingConfig = {
    ...settings(options),
    shardLockExpiration: expiry,
    // It is the limit of each refresh as well, so that a shorter one would lose shards when the database has much to do.
    shardLockRefreshInterval: expiry / 3,
    // A process that has died is gone when its socket does not answer, also where its locks say otherwise.
    runnerHealthCheckInterval: "1 second",
    refreshAssignmentsInterval: "1 second"
  } as const
  const kept = keptInTables(tables)
  if (options.served.length === 0) {
    const client = NodeClusterSocket.layer({
      storage: "sql",
      clientOnly: true,
      shardingConfig: { ...shardingConfig, runnerAddress: Option.none() }
    })
    return Layer.fresh(Layer.merge(client, kept))
  }
  const worker = NodeClusterSocket.layer({
    storage: "sql",
    shardingConfig: {
      ...shardingConfig,
      runnerAddress: Option.some(makeRunnerAddress(options.host, options.port)),
      runnerListenAddress: Option.some(makeRunnerAddress(options.listen.host, options.listen.port))
    }
  })
  return Layer.fresh(Layer.merge(worker, kept))
}
