/**
 * Where Effect Cluster keeps its messages and runs its entities.
 */
import { DatabaseSync } from "node:sqlite"
import * as NodeClusterSocket from "@effect/platform-node/NodeClusterSocket"
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import { PgClient } from "@effect/sql-pg"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as MessageStorage from "effect/cluster/MessageStorage"
import * as RunnerAddress from "effect/cluster/RunnerAddress"
import * as RunnerHealth from "effect/cluster/RunnerHealth"
import * as Runners from "effect/cluster/Runners"
import * as RunnerStorage from "effect/cluster/RunnerStorage"
import * as Sharding from "effect/cluster/Sharding"
import * as ShardingConfig from "effect/cluster/ShardingConfig"
import * as SingleRunner from "effect/cluster/SingleRunner"
import { sqliteClient } from "../src/internal/sqliteClient.ts"

/** As fast as it is: nothing is encoded that does not leave the process. */
const shardingConfig: Partial<ShardingConfig.ShardingConfig["Service"]> = { simulateRemoteSerialization: false }

export const postgres = (url: string) => PgClient.layer({ url: Redacted.make(url) })

export const memory = Sharding.layer.pipe(
  Layer.provide(Runners.layerNoop),
  Layer.provideMerge(MessageStorage.layerMemory),
  Layer.provide([RunnerStorage.layerMemory, RunnerHealth.layerNoop, ShardingConfig.layer(shardingConfig)])
)

const single = SingleRunner.layer({ shardingConfig, runnerStorage: "memory" }).pipe(
  Layer.provide(NodeCrypto.layerDigest)
)

export const onPostgres = (url: string) => Layer.provide(single, postgres(url))

/** With the client for SQLite of this package, as it opens its files. */
export const onSqlite = (file: string) => {
  const database = new DatabaseSync(file)
  database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
  return Layer.provide(single, sqliteClient(database))
}

/** One of the processes that run tasks. */
export const runner = (url: string, port: number) => {
  const runnerAddress = Option.some(RunnerAddress.make("127.0.0.1", port))
  return NodeClusterSocket.layer({ storage: "sql", shardingConfig: { ...shardingConfig, runnerAddress } }).pipe(
    Layer.provide(postgres(url))
  )
}

/** A process that runs none. */
export const client = (url: string) =>
  NodeClusterSocket.layer({ storage: "sql", clientOnly: true, shardingConfig }).pipe(Layer.provide(postgres(url)))
