/**
 * The objects of a script as core's own.
 */
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import type { ObjectDeclaration } from "../../script.ts"
import { Frame, type SlotOf } from "../session.ts"
import { type Declaration, type DeclaredKind, slotFor, type SlotKind } from "../slots.ts"
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

const makers: {
  readonly [K in DeclaredKind]: (
    declaration: Declaration<K>,
    machine: Machine,
    name: string
  ) => Effect.Effect<CoreTypes[SlotKind<K>]>
} = {
  lock: () => asyncio.Lock.make(),
  event: () => asyncio.Event.make(),
  condition: ({ lock }, { session }) => asyncio.Condition.make(session.findAs(lock ?? "", ["lock"], new Frame())),
  semaphore: ({ value }) => asyncio.Semaphore.make(value),
  bounded: ({ value }) => asyncio.BoundedSemaphore.make(value),
  barrier: ({ parties }) => asyncio.Barrier.make(parties),
  queue: (options) => asyncio.Queue.make<unknown>(options),
  lifo: (options) => asyncio.LifoQueue.make<unknown>(options),
  priority: (options) => asyncio.PriorityQueue.make<unknown>(options),
  future: (_, { loop }) => loop.createFuture<unknown, unknown>(),
  ctxvar: (declaration, _, name) =>
    Effect.sync(() => asyncio.ContextVar.make<unknown>(name, { defaultValue: declaration.default ?? null })),
  counter: () => Effect.succeed({ n: 0 })
}

/** Makes a declared object. */
export const makeObject = (
  name: string,
  declaration: ObjectDeclaration,
  machine: Machine
): Effect.Effect<SlotOf<CoreTypes>> => {
  const made: Effect.Effect<unknown> = makers[declaration.kind](declaration as never, machine, name)
  return Effect.map(made, (value) => slotFor(declaration, value))
}
