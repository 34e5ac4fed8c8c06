/**
 * The objects of a script as compat's own.
 */
import * as asyncio from "@effect-asyncio/compat"
import type { ObjectDeclaration } from "../../script.ts"
import { Frame, type Kind, type SlotOf } from "../session.ts"
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

type Slot = SlotOf<CompatTypes>

type Declaration<K extends ObjectDeclaration["kind"]> = Extract<ObjectDeclaration, { kind: K }>

const slot = <K extends Kind>(kind: K, value: CompatTypes[K]): Slot => ({ kind, value }) as Slot

const makers: {
  readonly [K in ObjectDeclaration["kind"]]: (declaration: Declaration<K>, machine: Machine, name: string) => Slot
} = {
  lock: () => slot("lock", new asyncio.Lock()),
  event: () => slot("event", new asyncio.Event()),
  condition: ({ lock }, { session }) =>
    slot("condition", new asyncio.Condition(session.findAs(lock ?? "", ["lock"], new Frame()))),
  semaphore: ({ value }) => slot("semaphore", new asyncio.Semaphore(value)),
  bounded: ({ value }) => slot("semaphore", new asyncio.BoundedSemaphore(value)),
  barrier: ({ parties }) => slot("barrier", new asyncio.Barrier(parties)),
  queue: (options) => slot("queue", new asyncio.Queue(options)),
  lifo: (options) => slot("queue", new asyncio.LifoQueue(options)),
  priority: (options) => slot("queue", new asyncio.PriorityQueue(options)),
  future: () => slot("future", asyncio.getRunningLoop().createFuture()),
  ctxvar: (declaration, _, name) =>
    slot("ctxvar", asyncio.ContextVar.make<unknown>(name, { defaultValue: declaration.default ?? null })),
  counter: () => slot("counter", { n: 0 })
}

/** Makes a declared object. */
export const makeObject = (name: string, declaration: ObjectDeclaration, machine: Machine): Slot =>
  makers[declaration.kind](declaration as never, machine, name)
