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
import { shards } from "./buckets.ts"
import type { EngineParts } from "./engine.ts"
import { type Kept, keptInTables } from "./kept.ts"

/** The prefix of the engine's own tables. */
export const tables = "cluster"

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

/** Messages that outlive the process, in a database that it has for itself. */
export const messagesInTables = Layer.merge(SqlMessageStorage.layerWith({ prefix: tables }), keptInTables(tables))

// What the engine has in one process beside its messages.
type Provided = RunnerStorage.RunnerStorage | RunnerHealth.RunnerHealth | Digest.Digest | ShardingConfig.ShardingConfig

/** One process, whose messages are where `messages` has them. Fresh, for the engine's layers are the same ones for all: a cluster within another one would be given what that has. */
export const single = <R>(
  options: EngineOptions,
  messages: Layer.Layer<MessageStorage.MessageStorage | Kept, never, R>
): Layer.Layer<EngineParts, never, Exclude<R, Provided>> =>
  Sharding.layer.pipe(
    Layer.provide(Runners.layerNoop),
    Layer.provideMerge(messages),
    Layer.provide([
      RunnerStorage.layerMemory,
      RunnerHealth.layerNoop,
      Digest.layerWebCrypto,
      ShardingConfig.layer(settings(options))
    ]),
    Layer.fresh
  )
