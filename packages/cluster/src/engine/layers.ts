/**
 * What {@link ./engine.ts} stands on: Effect Cluster in one process, and among several.
 */
import type * as MessageStorage from "effect/cluster/MessageStorage"
import * as RunnerHealth from "effect/cluster/RunnerHealth"
import * as Runners from "effect/cluster/Runners"
import * as RunnerStorage from "effect/cluster/RunnerStorage"
import * as Sharding from "effect/cluster/Sharding"
import * as ShardingConfig from "effect/cluster/ShardingConfig"
import * as SqlMessageStorage from "effect/cluster/SqlMessageStorage"
import * as Digest from "effect/crypto/Digest"
import type * as Duration from "effect/Duration"
import * as Layer from "effect/Layer"
import type * as SqlClient from "effect/sql/SqlClient"
import { shards } from "./buckets.ts"

/** The prefix of the engine's own tables. */
export const tables = "cluster"

/** What the layers of the engine provide. */
export type EngineParts = Sharding.Sharding | MessageStorage.MessageStorage

/** What the engine is told, in one process as among several. */
export interface EngineOptions {
  /** The definitions whose tasks this process creates or runs. */
  readonly definitions: ReadonlyArray<string>
  /** Those that it runs. */
  readonly served: ReadonlyArray<string>
  /** How long tasks have to end when the process does. */
  readonly drain: Duration.Input
}

// The group in which the engine watches over the health of workers. It cannot be the name of a definition.
const engineOwn = ["default"]

/** The engine's settings that are the same wherever it runs. */
export const settings = (options: EngineOptions): Partial<ShardingConfig.ShardingConfig["Service"]> => ({
  availableShardGroups: [...new Set([...engineOwn, ...options.definitions, ...options.served])],
  assignedShardGroups: [...engineOwn, ...options.served],
  shardsPerGroup: shards,
  entityTerminationTimeout: options.drain,
  maxResidentEntities: "unbounded",
  // How late a message is found of which this process was not told.
  entityMessagePollInterval: "1 second",
  simulateRemoteSerialization: false
})

/** One process, which has the database for itself. */
export const single = (options: EngineOptions): Layer.Layer<EngineParts, never, SqlClient.SqlClient> =>
  Sharding.layer.pipe(
    Layer.provide(Runners.layerNoop),
    Layer.provideMerge(SqlMessageStorage.layerWith({ prefix: tables })),
    Layer.provide([
      RunnerStorage.layerMemory,
      RunnerHealth.layerNoop,
      Digest.layerWebCrypto,
      ShardingConfig.layer(settings(options))
    ])
  )
