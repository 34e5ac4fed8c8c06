/**
 * The objects of a script as core's own.
 */
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import type { ObjectDeclaration } from "../../script.ts"
import { Frame, type Kind, type SlotOf } from "../session.ts"
import type { Machine } from "./machine.ts"

/** What core has for each kind of slot. */
export interface CoreTypes {
  readonly future: asyncio.Future<unknown, unknown>
  readonly task: asyncio.Task<unknown, unknown>
  readonly lock: asyncio.Lock
  readonly condition: asyncio.Condition
  readonly semaphore: asyncio.Semaphore
  readonly event: asyncio.Event
  readonly barrier: asyncio.Barrier
  readonly queue: asyncio.Queue<unknown>
  readonly timeout: asyncio.Timeout
  readonly group: asyncio.TaskGroup
  readonly handle: asyncio.Handle
  readonly ctxvar: asyncio.ContextVar<unknown>
  readonly counter: { n: number }
}

type Slot = SlotOf<CoreTypes>

type Declaration<K extends ObjectDeclaration["kind"]> = Extract<ObjectDeclaration, { kind: K }>

const slot =
  <K extends Kind>(kind: K) =>
  (value: CoreTypes[K]): Slot =>
    ({ kind, value }) as Slot

const makers: {
  readonly [K in ObjectDeclaration["kind"]]: (
    declaration: Declaration<K>,
    machine: Machine,
    name: string
  ) => Effect.Effect<Slot>
} = {
  lock: () => Effect.map(asyncio.Lock.make, slot("lock")),
  event: () => Effect.map(asyncio.Event.make, slot("event")),
  condition: ({ lock }, { session }) =>
    Effect.map(asyncio.Condition.make(session.findAs(lock ?? "", ["lock"], new Frame())), slot("condition")),
  semaphore: ({ value }) => Effect.map(asyncio.Semaphore.make(value), slot("semaphore")),
  bounded: ({ value }) => Effect.map(asyncio.BoundedSemaphore.make(value), slot("semaphore")),
  barrier: ({ parties }) => Effect.map(asyncio.Barrier.make(parties), slot("barrier")),
  queue: (options) => Effect.map(asyncio.Queue.make<unknown>(options), slot("queue")),
  lifo: (options) => Effect.map(asyncio.LifoQueue.make<unknown>(options), slot("queue")),
  priority: (options) => Effect.map(asyncio.PriorityQueue.make<unknown>(options), slot("queue")),
  future: (_, { loop }) => Effect.map(loop.createFuture<unknown, unknown>(), slot("future")),
  ctxvar: (declaration, _, name) => {
    const defaultValue: unknown = declaration.default ?? null
    return Effect.succeed(slot("ctxvar")(asyncio.ContextVar.make(name, { defaultValue })))
  },
  counter: () => Effect.succeed(slot("counter")({ n: 0 }))
}

/** Makes a declared object. */
export const makeObject = (name: string, declaration: ObjectDeclaration, machine: Machine): Effect.Effect<Slot> =>
  makers[declaration.kind](declaration as never, machine, name)
