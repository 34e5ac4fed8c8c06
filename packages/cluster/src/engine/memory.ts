/**
 * The engine's messages where they end with the process: the objects that they are, of which nothing is made into text.
 *
 *     saved ──▶ unread ──read──▶ under way ──answer──▶ answered, until it is forgotten
 *                  ▲                 │
 *                  └──────reset──────┘   the runner that had it did not get to it
 *
 * Effect Cluster has a storage in memory for tests, which looks through all messages that there ever were each time it is read.
 */
import type { EntityAddress } from "effect/cluster/EntityAddress"
import { type AckChunk, type Interrupt, primaryKey, primaryKeyByAddress, type Request } from "effect/cluster/Envelope"
import { IncomingEnvelope, IncomingRequest } from "effect/cluster/Message"
import * as MessageStorage from "effect/cluster/MessageStorage"
import type { Reply } from "effect/cluster/Reply"
import type { ShardId } from "effect/cluster/ShardId"
import type { Snowflake } from "effect/cluster/Snowflake"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Rpc from "effect/rpc/Rpc"
import type { CodecFor } from "effect/rpc/RpcSerialization"
import * as Schema from "effect/Schema"
import { firstIdOf, Kept } from "./kept.ts"

interface Saved {
  readonly envelope: Request<Rpc.Any>
  readonly key: string | null
  /** In the order in which messages came. */
  readonly number: number
  answer: Reply<Rpc.Any> | undefined
}

/** A message about a request that is under way; it is read once. */
interface Note {
  readonly envelope: AckChunk | Interrupt
  readonly number: number
}

const keyOf = ({ group, id }: ShardId): string => `${group}/${id}`

class Messages {
  readonly #saved = new Map<Snowflake, Saved>()
  readonly #byKey = new Map<string, Saved>()
  /** By shard, so that those are not looked at which no worker here serves. */
  readonly #unread = new Map<string, Set<Saved | Note>>()
  #last = 0

  /** Gives the request of the same key, where there is one already. */
  save(envelope: Request<Rpc.Any>): Saved | undefined {
    const key = primaryKey(envelope)
    const known = key === null ? this.#saved.get(envelope.requestId) : this.#byKey.get(key)
    if (known !== undefined) return known
    const saved: Saved = { envelope, key, number: ++this.#last, answer: undefined }
    this.#saved.set(envelope.requestId, saved)
    if (key !== null) this.#byKey.set(key, saved)
    this.#unreadOf(saved).add(saved)
    return undefined
  }

  note(envelope: AckChunk | Interrupt): void {
    const note = { envelope, number: ++this.#last }
    this.#unreadOf(note).add(note)
  }

  answer(answer: Reply<Rpc.Any>): void {
    const saved = this.#saved.get(answer.requestId)
    if (saved === undefined) return
    saved.answer = answer
    this.#unreadOf(saved).delete(saved)
  }

  where(isMeant: (saved: Saved) => boolean): Array<Saved> {
    return Array.from(this.#saved.values()).filter(isMeant)
  }

  of(requestIds: Iterable<Snowflake>): Array<Saved> {
    return Array.from(requestIds, (id) => this.#saved.get(id)).filter((saved) => saved !== undefined)
  }

  idOf(key: string): Option.Option<Snowflake> {
    return Option.map(Option.fromUndefinedOr(this.#byKey.get(key)), ({ envelope }) => envelope.requestId)
  }

  /** Takes what is unread of some shards, the oldest first. */
  read(shards: Iterable<ShardId>, isMeant: (message: Saved | Note) => boolean, limit = Infinity): Array<Saved | Note> {
    const taken = Array.from(shards, (shard) => [...(this.#unread.get(keyOf(shard)) ?? [])].filter(isMeant))
      .flat()
      .sort((a, b) => a.number - b.number)
      .slice(0, limit)
    for (const message of taken) this.#unreadOf(message).delete(message)
    return taken
  }

  /** Has requests read again that were not answered. */
  reset(some: ReadonlyArray<Saved>): void {
    for (const saved of some) if (saved.answer === undefined) this.#unreadOf(saved).add(saved)
  }

  forget(some: ReadonlyArray<Saved>): void {
    for (const saved of some) {
      this.#saved.delete(saved.envelope.requestId)
      if (saved.key !== null) this.#byKey.delete(saved.key)
      this.#unreadOf(saved).delete(saved)
    }
  }

  #unreadOf({ envelope }: Saved | Note): Set<Saved | Note> {
    const shard = keyOf(envelope.address.shardId)
    const known = this.#unread.get(shard)
    if (known !== undefined) return known
    const made = new Set<Saved | Note>()
    this.#unread.set(shard, made)
    return made
  }
}

// The payload of a message is what was sent.
const asItIs: CodecFor = (schema) => Schema.toType(schema) as never

const isAt =
  (addresses: ReadonlyArray<EntityAddress> | undefined) =>
  ({ envelope }: Saved | Note): boolean =>
    addresses?.some((address) => Equal.equals(address, envelope.address)) ?? true

const storageOf = (messages: Messages) =>
  Effect.gen(function* () {
    const toIncoming = (message: Saved | Note) =>
      message.envelope._tag === "Request"
        ? new IncomingRequest<Rpc.Any>({
            envelope: message.envelope,
            lastSentReply: Option.none(),
            respond: (reply) => storage.saveReply(reply),
            codecFor: asItIs
          })
        : new IncomingEnvelope({ envelope: message.envelope })
    const storage: MessageStorage.MessageStorage["Service"] = yield* MessageStorage.make({
      saveRequest: ({ envelope }) =>
        Effect.sync(() => {
          const known = messages.save(envelope as Request<any>)
          if (known === undefined) return MessageStorage.SaveResult.Success()
          return MessageStorage.SaveResult.Duplicate({
            originalId: known.envelope.requestId,
            lastReceivedReply: Option.fromUndefinedOr(known.answer) as never
          })
        }),
      saveEnvelope: ({ envelope }) => Effect.sync(() => messages.note(envelope)),
      saveReply: (saved) =>
        Effect.sync(() => {
          if (saved.reply._tag === "WithExit") messages.answer(saved.reply)
          return saved
        }),
      clearReplies: (requestId) =>
        Effect.sync(() => {
          const found = messages.of([requestId])
          for (const saved of found) saved.answer = undefined
          messages.reset(found)
        }),
      repliesFor: (requests) =>
        Effect.sync(() => answersOf(messages.of(Array.from(requests, ({ envelope }) => envelope.requestId))) as never),
      // Only asked whether there is one.
      repliesForUnfiltered: (requestIds) => Effect.sync(() => answersOf(messages.of(requestIds)) as never),
      requestIdForPrimaryKey: (options) => Effect.sync(() => messages.idOf(primaryKeyByAddress(options))),
      unprocessedMessages: (shards, options) =>
        Effect.sync(() => messages.read(shards, isAt(options?.addresses), options?.limit).map(toIncoming)),
      unprocessedMessagesById: (ids) =>
        Effect.sync(() =>
          messages
            .of(ids)
            .filter(({ answer }) => answer === undefined)
            .map(toIncoming)
        ),
      resetRequests: (ids) => Effect.sync(() => messages.reset(messages.of(ids))),
      resetAddress: (address) => Effect.sync(() => messages.reset(messages.where(isAt([address])))),
      resetAddresses: (addresses) => Effect.sync(() => messages.reset(messages.where(isAt(addresses)))),
      resetShards: (ids) =>
        Effect.sync(() => {
          const shards = new Set(Array.from(ids, keyOf))
          messages.reset(messages.where(({ envelope }) => shards.has(keyOf(envelope.address.shardId))))
        }),
      clearAddress: (address) => Effect.sync(() => messages.forget(messages.where(isAt([address])))),
      withTransaction: identity
    })
    return storage
  })

const answersOf = (saved: ReadonlyArray<Saved>) =>
  saved.map(({ answer }) => answer).filter((answer) => answer !== undefined)

const keptOf = (messages: Messages): Kept["Service"] => ({
  forget: (requestIds) =>
    Effect.sync(() => messages.forget(messages.of(requestIds.map((id) => BigInt(id) as Snowflake)))),
  sweep: (until) =>
    Effect.sync(() => {
      const end = firstIdOf(until)
      const isSwept = ({ answer, envelope }: Saved) =>
        envelope.tag === "cancel" && answer !== undefined && envelope.requestId < end
      messages.forget(messages.where(isSwept))
    })
})

/** Ends with the layer. */
export const messagesInMemory: Layer.Layer<MessageStorage.MessageStorage | Kept> = Layer.effectContext(
  Effect.suspend(() => {
    const messages = new Messages()
    return Effect.map(storageOf(messages), (storage) =>
      Context.make(MessageStorage.MessageStorage, storage).pipe(Context.add(Kept, keptOf(messages)))
    )
  })
)
