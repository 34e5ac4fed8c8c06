/**
 * The objects of a script as core's own.
 */
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import type { ObjectDeclaration } from "../../script.ts"
import { Frame } from "../session.ts"
import type { Machine } from "./machine.ts"

export type Slot =
  | { readonly kind: "future"; readonly value: asyncio.Future<unknown, unknown> }
  | { readonly kind: "task"; readonly value: asyncio.Task<unknown, unknown> }
  | { readonly kind: "lock"; readonly value: asyncio.Lock }
  | { readonly kind: "condition"; readonly value: asyncio.Condition }
  | { readonly kind: "semaphore"; readonly value: asyncio.Semaphore }
  | { readonly kind: "event"; readonly value: asyncio.Event }
  | { readonly kind: "barrier"; readonly value: asyncio.Barrier }
  | { readonly kind: "queue"; readonly value: asyncio.Queue<unknown> }
  | { readonly kind: "timeout"; readonly value: asyncio.Timeout }
  | { readonly kind: "group"; readonly value: asyncio.TaskGroup }
  | { readonly kind: "handle"; readonly value: asyncio.Handle }
  | { readonly kind: "ctxvar"; readonly value: asyncio.ContextVar<unknown> }
  | { readonly kind: "counter"; readonly value: { n: number } }

type Kind = Slot["kind"]

const slot =
  <K extends Kind>(kind: K) =>
  (value: Extract<Slot, { readonly kind: K }>["value"]): Slot =>
    ({ kind, value }) as Slot

type Declaration<K extends ObjectDeclaration["kind"]> = Extract<ObjectDeclaration, { kind: K }>

const makers: {
  readonly [K in ObjectDeclaration["kind"]]: (
    declaration: Declaration<K>,
    name: string,
    machine: Machine
  ) => Effect.Effect<Slot>
} = {
  lock: () => Effect.map(asyncio.Lock.make, slot("lock")),
  event: () => Effect.map(asyncio.Event.make, slot("event")),
  condition: ({ lock: name }, _, { session }) => {
    const lock = name === undefined ? undefined : session.find(name, new Frame())
    return Effect.map(asyncio.Condition.make(lock?.kind === "lock" ? lock.value : undefined), slot("condition"))
  },
  semaphore: ({ value }) => Effect.map(asyncio.Semaphore.make(value), slot("semaphore")),
  bounded: ({ value }) => Effect.map(asyncio.BoundedSemaphore.make(value), slot("semaphore")),
  barrier: ({ parties }) => Effect.map(asyncio.Barrier.make(parties), slot("barrier")),
  queue: (options) => Effect.map(asyncio.Queue.make<unknown>(options), slot("queue")),
  lifo: (options) => Effect.map(asyncio.LifoQueue.make<unknown>(options), slot("queue")),
  priority: (options) => Effect.map(asyncio.PriorityQueue.make<unknown>(options), slot("queue")),
  future: (_, name, { session, loop }) =>
    Effect.map(loop.createFuture<unknown, unknown>(), (future) => {
      session.label(name, future)
      return slot("future")(future)
    }),
  ctxvar: (declaration, name) => {
    const defaultValue: unknown = declaration.default ?? null
    return Effect.succeed(slot("ctxvar")(asyncio.ContextVar.make(name, { defaultValue })))
  },
  counter: () => Effect.succeed(slot("counter")({ n: 0 }))
}

/** Makes a declared object. */
export const makeObject = (name: string, declaration: ObjectDeclaration, machine: Machine): Effect.Effect<Slot> =>
  makers[declaration.kind](declaration as never, name, machine)
