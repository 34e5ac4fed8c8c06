/**
 * The objects of a script as compat's own.
 */
import * as asyncio from "@effect-asyncio/compat"
import type { ObjectDeclaration } from "../../script.ts"
import { Frame, type SlotOf } from "../session.ts"
import { type Declaration, type DeclaredKind, slotFor, type SlotKind } from "../slots.ts"
import type { Machine } from "./machine.ts"

/** What compat has for each kind of slot. */
export interface CompatTypes {
  readonly future: asyncio.Future<unknown>
  readonly task: asyncio.Task<unknown>
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
  ) => CompatTypes[SlotKind<K>]
} = {
  lock: () => new asyncio.Lock(),
  event: () => new asyncio.Event(),
  condition: ({ lock }, { session }) => new asyncio.Condition(session.findAs(lock ?? "", ["lock"], new Frame())),
  semaphore: ({ value }) => new asyncio.Semaphore(value),
  bounded: ({ value }) => new asyncio.BoundedSemaphore(value),
  barrier: ({ parties }) => new asyncio.Barrier(parties),
  queue: (options) => new asyncio.Queue(options),
  lifo: (options) => new asyncio.LifoQueue(options),
  priority: (options) => new asyncio.PriorityQueue(options),
  future: () => asyncio.getRunningLoop().createFuture(),
  ctxvar: (declaration, _, name) =>
    asyncio.ContextVar.make<unknown>(name, { defaultValue: declaration.default ?? null }),
  counter: () => ({ n: 0 })
}

/** Makes a declared object. */
export const makeObject = (name: string, declaration: ObjectDeclaration, machine: Machine): SlotOf<CompatTypes> =>
  slotFor(declaration, makers[declaration.kind](declaration as never, machine, name))
