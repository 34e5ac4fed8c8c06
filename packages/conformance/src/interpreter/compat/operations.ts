/**
 * What an operation of a script is as an async function, and the shapes that most have.
 */
import type * as asyncio from "@effect-asyncio/compat"
import type { Awaitable, Statement, StatementOf } from "../../script.ts"
import { type Callback, nameOf, resolve } from "../machine.ts"
import type { Frame, Kind } from "../session.ts"
import type { Coroutine, Machine } from "./machine.ts"
import type { CompatTypes } from "./slots.ts"

/** Whether a `return` was executed; void is as good as false. */
type Returned = boolean | void

/** What a statement does. */
export type Action = Returned | Promise<Returned>

export type Operation<Op extends Statement["op"]> = (
  statement: StatementOf<Op>,
  frame: Frame,
  machine: Machine
) => Action

/** What an operation does with the value in its slot. */
type SlotAction<Op extends Statement["op"], K extends Kind, A> = (
  value: CompatTypes[K],
  statement: StatementOf<Op>,
  frame: Frame,
  machine: Machine
) => A

/** An operation on `v`. */
export const onSlot =
  <Op extends Statement["op"], K extends Kind>(
    kinds: ReadonlyArray<K>,
    action: SlotAction<Op, K, Action>
  ): Operation<Op> =>
  (statement, frame, machine) => {
    const { v } = statement as unknown as { readonly v: string }
    const found = machine.session.findAs(v, kinds, frame)
    return found === undefined ? machine.session.traceUnset(v) : action(found, statement, frame, machine)
  }

/** An operation on `v` that traces what it gave: `cancel t1 -> True`. */
export const reporting = <Op extends Statement["op"], K extends Kind>(
  kinds: ReadonlyArray<K>,
  action: SlotAction<Op, K, unknown>
): Operation<Op> =>
  onSlot<Op, K>(kinds, (found, statement, frame, machine) =>
    report(statement, action(found, statement, frame, machine), machine)
  )

/** An operation on `v` that waits, and traces what it gave: `q_get Q0 -> 1`. */
export const waiting = <Op extends Statement["op"], K extends Kind>(
  kinds: ReadonlyArray<K>,
  action: SlotAction<Op, K, PromiseLike<unknown>>
): Operation<Op> =>
  onSlot<Op, K>(kinds, async (found, statement, frame, machine) =>
    report(statement, await action(found, statement, frame, machine), machine)
  )

/** An operation on `v` that traces nothing. */
export const silent = <Op extends Statement["op"], K extends Kind>(
  kinds: ReadonlyArray<K>,
  action: SlotAction<Op, K, unknown>
): Operation<Op> =>
  onSlot<Op, K>(kinds, (found, statement, frame, machine) => void action(found, statement, frame, machine))

const report = (statement: Statement, result: unknown, { session }: Machine): void => {
  const { op, v } = statement as { readonly op: string; readonly v: string }
  session.trace(`${op} ${v} -> ${session.format(result)}`)
}

/** Waits for something and traces the result: `gather -> [1, 2]`. */
export const tracedResult = async (op: string, machine: Machine, awaitable: unknown): Promise<void> => {
  const result = await awaitable
  machine.session.trace(`${op} -> ${machine.session.format(result)}`)
}

/** Does something with an awaitable, if there is one. */
export const onAwaitable = (
  awaitable: Awaitable,
  frame: Frame,
  machine: Machine,
  action: (joinable: asyncio.Future<unknown> | Coroutine) => Action
): Action => {
  const joinable = resolve(awaitable, frame, machine)
  return joinable === undefined ? machine.session.traceUnset(nameOf(awaitable)) : action(joinable)
}

/** Does something with a callback of the script, if there is one of that name. */
export const onCallback = (name: string, machine: Machine, action: (callback: Callback) => void): void => {
  const callback = machine.callback(name)
  if (callback === undefined) machine.session.traceUnset(name)
  else action(callback)
}

export const scheduling = (
  { cb, to }: StatementOf<"call_soon" | "call_later" | "call_at">,
  machine: Machine,
  schedule: (callback: () => void) => asyncio.Handle
): void =>
  onCallback(cb, machine, (callback) => {
    const handle = schedule(callback)
    if (to !== undefined) machine.session.store(to, { kind: "handle", value: handle })
  })
