/**
 * Effect Cluster as it is: each task is a persisted request, to one of 256 entities. With an entity for each task it is slower.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as ClusterSchema from "effect/cluster/ClusterSchema"
import * as Entity from "effect/cluster/Entity"
import * as EntityAddress from "effect/cluster/EntityAddress"
import * as EntityId from "effect/cluster/EntityId"
import * as Message from "effect/cluster/Message"
import * as MessageStorage from "effect/cluster/MessageStorage"
import * as Sharding from "effect/cluster/Sharding"
import * as Rpc from "effect/rpc/Rpc"
import { atOnce, newName, type Side } from "./side.ts"
import type { Begun } from "./workers.ts"

const Run = Rpc.make("run", {
  payload: { name: Schema.String, isEndless: Schema.Boolean },
  success: Schema.String,
  primaryKey: ({ name }) => name
})
  .annotate(ClusterSchema.Persisted, true)
  .annotate(ClusterSchema.Uninterruptible, "client")

const Tasks = Entity.make("Tasks", [Run]).annotate(ClusterSchema.ClientTracingEnabled, false)

/** The entity that a task is sent to. */
const entityOf = (name: string): string => String(Number(name.slice(name.lastIndexOf("-") + 1)) % 256)

/** The worker's part. */
export const layerWorker = (onBegin: () => void) =>
  Tasks.toLayer(
    Tasks.of({
      run: ({ payload }) =>
        payload.isEndless ? Effect.andThen(Effect.sync(onBegin), Effect.never) : Effect.succeed("done")
    }),
    { concurrency: "unbounded", mailboxCapacity: "unbounded" }
  )

const addressOf = (name: string) => {
  const entityId = EntityId.make(entityOf(name))
  return Effect.map(Tasks.getShardId(entityId), (shardId) =>
    EntityAddress.make({ entityType: Tasks.type, entityId, shardId })
  )
}

/** A real interrupt of the fiber that runs the task, wherever that is. */
const interrupt = Effect.fnUntraced(function* (name: string) {
  const sharding = yield* Sharding.Sharding
  const storage = yield* MessageStorage.MessageStorage
  const address = yield* addressOf(name)
  const requestId = Option.getOrThrow(yield* storage.requestIdForPrimaryKey({ address, tag: "run", id: name }))
  const id = yield* sharding.getSnowflake
  yield* sharding.sendOutgoing(Message.OutgoingEnvelope.interrupt({ address, id, requestId }), false)
})

/** The client's part. */
export const makeSide = async (
  layer: Layer.Layer<Sharding.Sharding | MessageStorage.MessageStorage, unknown>,
  begun: Begun
): Promise<Omit<Side, "others">> => {
  const runtime = ManagedRuntime.make(layer)
  const client = await runtime.runPromise(Tasks.client)
  const run = (name: string, isEndless: boolean) => client(entityOf(name)).run({ name, isEndless })
  return {
    submitAndJoin: (count) => {
      const each = Effect.suspend(() => run(newName(), false))
      return runtime.runPromise(
        Effect.forEach(Array.from({ length: count }), () => each, { concurrency: atOnce, discard: true })
      )
    },
    cancel: async () => {
      const name = newName()
      const runs = begun.more(1)
      const joined = runtime.runPromiseExit(run(name, true))
      await runs
      const asked = performance.now()
      await runtime.runPromise(interrupt(name))
      const exit = await joined
      if (!Exit.hasInterrupts(exit)) throw new Error(`it was not interrupted: ${String(exit)}`)
      return performance.now() - asked
    },
    leaveWaiting: async (count) => {
      const all = begun.more(count)
      for (let n = 0; n < count; n++) runtime.runFork(run(newName(), true))
      await all
    }
  }
}
