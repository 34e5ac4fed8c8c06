/**
 * Effect Cluster, as far as tasks use it: a request of a task is kept until it was answered, and each is served by one worker at a time.
 *
 * Everything that touches Effect's unstable cluster modules stands in this folder. What of their behaviour is relied on says
 * `test/engine.test.ts`.
 *
 * All tasks are requests of one kind of entity. Its instances are _buckets_: an instance for each task costs the engine more than the task
 * does, and of these it holds no more than ten thousand. Definitions are shard groups, so that only workers that serve a definition get its tasks.
 */
import * as Cause from "effect/Cause"
import * as ClusterSchema from "effect/cluster/ClusterSchema"
import * as Entity from "effect/cluster/Entity"
import { type EntityAddress, make as makeEntityAddress } from "effect/cluster/EntityAddress"
import { make as makeEntityId } from "effect/cluster/EntityId"
import { make as makeEntityType } from "effect/cluster/EntityType"
import * as MessageStorage from "effect/cluster/MessageStorage"
import { make as makeShardId } from "effect/cluster/ShardId"
import * as Sharding from "effect/cluster/Sharding"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Rpc from "effect/rpc/Rpc"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { whileAway } from "../internal/untilThere.ts"
import { bucketOf, shards } from "./buckets.ts"
import { Kept } from "./kept.ts"

/** Which task a message is about. */
export interface Addressed {
  readonly definition: string
  readonly name: string
}

/** A request to cancel on its way to the worker; each is delivered once. */
export interface CancelMessage extends Addressed {
  readonly id: string
  readonly cancellation: Schema.Json
}

/** What a process does with the messages it is given. */
export interface Handlers {
  /** Runs the task; what it gives is the answer for all clients that wait. An interrupted run is begun again, here or elsewhere. */
  run(task: Addressed, requestId: string): Effect.Effect<Schema.Json>
  cancel(message: CancelMessage): Effect.Effect<void>
}

/** What an engine is made of; the layers of {@link ./layers.ts} and {@link ./sockets.ts} provide it. */
export type EngineParts = Sharding.Sharding | MessageStorage.MessageStorage | Kept

const entityName = "asyncio.Task"

const addressed = { definition: Schema.String, name: Schema.String }

// A client that goes away does not take the task with it: it asks for that by `cancel`, which has a reason.
const Run = Rpc.make("run", { payload: addressed, success: Schema.Json, primaryKey: ({ name }) => name })
  .annotate(ClusterSchema.Persisted, true)
  .annotate(ClusterSchema.Uninterruptible, "client")

const Cancel = Rpc.make("cancel", {
  payload: { ...addressed, id: Schema.String, cancellation: Schema.Json },
  primaryKey: ({ id }) => id
}).annotate(ClusterSchema.Persisted, true)

/** The definition that an instance of the entity belongs to: `DEFINITION/BUCKET`. */
const groupOf = (entityId: string): string => entityId.slice(0, entityId.lastIndexOf("/"))

const TaskEntity = Entity.make(entityName, [Run, Cancel])
  .annotate(ClusterSchema.ShardGroup, groupOf)
  .annotate(ClusterSchema.ClientTracingEnabled, false)

/** What the engine answers: what {@link Handlers.run} gave, or the text of why it could not be run at all. */
export type Answer = { readonly value: Schema.Json } | { readonly refused: string }

/** The part of the engine that a process uses. */
export class Engine {
  readonly #sharding: Sharding.Sharding["Service"]
  readonly #storage: MessageStorage.MessageStorage["Service"]
  readonly #kept: Kept["Service"]
  readonly #client: Effect.Success<typeof TaskEntity.client>

  constructor(parts: {
    readonly sharding: Sharding.Sharding["Service"]
    readonly storage: MessageStorage.MessageStorage["Service"]
    readonly kept: Kept["Service"]
    readonly client: Effect.Success<typeof TaskEntity.client>
  }) {
    this.#sharding = parts.sharding
    this.#storage = parts.storage
    this.#kept = parts.kept
    this.#client = parts.client
  }

  /**
   * Has a task run if it was not asked for yet, and waits for its answer. Goes on while the database or the network are away. Interrupted,
   * it stops waiting, and the task goes on.
   */
  join(task: Addressed): Effect.Effect<Answer> {
    return this.#client(bucketOf(task.definition, task.name))
      .run(task)
      .pipe(
        Effect.retry(whileAway),
        Effect.map((value): Answer => ({ value })),
        Effect.catchCause((cause) => {
          if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause as Cause.Cause<never>)
          // The engine answers with a defect where it cannot run a request at all. One of its own, such as that of a connection in the
          // middle of something, is no answer.
          return Effect.flatMap(this.#isAnswered(task), (isAnswered) =>
            isAnswered
              ? Effect.succeed<Answer>({ refused: Cause.pretty(cause) })
              : Effect.delay(
                  Effect.suspend(() => this.join(task)),
                  "1 second"
                )
          )
        })
      )
  }

  #isAnswered(task: Addressed): Effect.Effect<boolean> {
    return this.#idOf(task).pipe(
      Effect.flatMap((id) => (Option.isNone(id) ? Effect.succeed([]) : this.#storage.repliesForUnfiltered([id.value]))),
      Effect.map((replies) => replies.some(({ _tag }) => _tag === "WithExit")),
      Effect.catchCause(() => Effect.succeed(false))
    )
  }

  #idOf(task: Addressed) {
    return this.#storage.requestIdForPrimaryKey({ address: this.#addressOf(task), tag: "run", id: task.name })
  }

  /** Has a task run if it was not asked for yet, and does not wait for its answer. */
  submit({ definition, name }: Addressed): Effect.Effect<void> {
    return this.#client(bucketOf(definition, name))
      .run({ definition, name }, { discard: true })
      .pipe(Effect.retry(whileAway), Effect.orDie)
  }

  /** Sends a request to cancel to the worker that runs the task, now or later. */
  cancel(message: CancelMessage): Effect.Effect<void> {
    return this.#client(bucketOf(message.definition, message.name))
      .cancel(message, { discard: true })
      .pipe(Effect.retry(whileAway), Effect.orDie)
  }

  /** The number of the engine's request for a task; undefined where it knows of none. */
  requestOf(task: Addressed): Effect.Effect<string | undefined> {
    return this.#idOf(task).pipe(Effect.map(Option.match({ onNone: () => undefined, onSome: String })), Effect.orDie)
  }

  /** Has a task looked at again that should be running: asked for, where it was not, and not claimed by a process that is gone. */
  nudge(task: Addressed): Effect.Effect<void> {
    return Effect.andThen(Effect.ignore(this.#storage.resetAddress(this.#addressOf(task))), this.submit(task))
  }

  /** The shard of a task, from 1 on. */
  shardOf(task: Addressed): number {
    return this.#addressOf(task).shardId.id
  }

  /** The shards of a definition that this process holds. */
  held(definition: string): ReadonlyArray<number> {
    return Array.from({ length: shards }, (_, i) => i + 1).filter((id) =>
      this.#sharding.hasShardId(makeShardId(definition, id))
    )
  }

  /** Deletes requests to cancel from before `until` that were delivered, milliseconds since 1970. */
  sweep(until: number): Effect.Effect<void> {
    return this.#kept.sweep(until)
  }

  #addressOf({ definition, name }: Addressed): EntityAddress {
    const entityId = makeEntityId(bucketOf(definition, name))
    return makeEntityAddress({
      entityType: makeEntityType(entityName),
      entityId,
      shardId: this.#sharding.getShardId(entityId, definition)
    })
  }

  /** Deletes what is kept of requests. */
  forget(requestIds: ReadonlyArray<string>): Effect.Effect<void> {
    return requestIds.length === 0 ? Effect.void : this.#kept.forget(requestIds)
  }
}

/** The engine of this process. */
export const makeEngine: Effect.Effect<Engine, never, EngineParts> = /*#__PURE__*/ Effect.gen(function* () {
  const sharding = yield* Sharding.Sharding
  const storage = yield* MessageStorage.MessageStorage
  const kept = yield* Kept
  const client = yield* TaskEntity.client
  return new Engine({ sharding, storage, kept, client })
})

/** Serves requests until the scope is closed: then those that run have the time that the layer gives them, and are interrupted. */
export const serve = (handlers: Handlers): Effect.Effect<void, never, Sharding.Sharding | Scope.Scope> =>
  Effect.gen(function* () {
    const sharding = yield* Sharding.Sharding
    const built = TaskEntity.of({
      run: ({ payload, requestId }) => handlers.run(payload, String(requestId)),
      cancel: ({ payload }) => handlers.cancel(payload)
    })
    yield* sharding.registerEntity(TaskEntity, Effect.succeed(built), {
      // How many run at a time is each worker's own business; a request to cancel must not stand behind them.
      concurrency: "unbounded",
      mailboxCapacity: "unbounded",
      disableFatalDefects: true
    })
  })
