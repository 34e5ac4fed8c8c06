/**
 * What an operation of a script is as an Effect, and the shapes that most have.
 */
import type * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import type { Awaitable, Statement, StatementOf } from "../../script.ts"
import { nameOf, resolve } from "../machine.ts"
import type { Frame, Kind } from "../session.ts"
import type { Machine } from "./machine.ts"
import type { CoreTypes } from "./slots.ts"

/** Whether a `return` was executed. */
export type Returned = boolean

/** What a statement does; void is as good as false. */
export type Action = Effect.Effect<Returned | void, unknown>

export type Operation<Op extends Statement["op"]> = (
  statement: StatementOf<Op>,
  frame: Frame,
  machine: Machine
) => Action

export const unset = (name: string, { session }: Machine): Action => Effect.sync(() => session.traceUnset(name))

/** Does something with the object a name stands for, if it is of the right kind. */
export const onSlot = <K extends Kind>(
  name: string,
  kinds: ReadonlyArray<K>,
  frame: Frame,
  machine: Machine,
  action: (value: CoreTypes[K]) => Action
): Action =>
  Effect.suspend(() => {
    const found = machine.session.findAs(name, kinds, frame)
    return found === undefined ? unset(name, machine) : action(found)
  })

/** What an operation does with the value in its slot. */
type SlotAction<Op extends Statement["op"], K extends Kind> = (
  value: CoreTypes[K],
  statement: StatementOf<Op>,
  frame: Frame,
  machine: Machine
) => Effect.Effect<unknown, unknown>

/** An operation on `v` that traces what it gave: `q_get Q0 -> 1`. */
export const reporting =
  <Op extends Statement["op"], K extends Kind>(kinds: ReadonlyArray<K>, action: SlotAction<Op, K>): Operation<Op> =>
  (statement, frame, machine) => {
    const { op, v } = statement as { op: string; v: string }
    return onSlot(v, kinds, frame, machine, (value) =>
      Effect.map(action(value, statement, frame, machine), (result) => {
        machine.session.trace(`${op} ${v} -> ${machine.session.format(result)}`)
      })
    )
  }

/** An operation on `v` that traces nothing. */
export const silent =
  <Op extends Statement["op"], K extends Kind>(kinds: ReadonlyArray<K>, action: SlotAction<Op, K>): Operation<Op> =>
  (statement, frame, machine) =>
    onSlot((statement as unknown as { v: string }).v, kinds, frame, machine, (value) =>
      Effect.asVoid(action(value, statement, frame, machine))
    )

/** An operation that waits for something and traces the result: `gather -> [1, 2]`. */
export const tracedResult = (op: string, machine: Machine, effect: Effect.Effect<unknown, unknown>): Action =>
  Effect.map(effect, (result) => machine.session.trace(`${op} -> ${machine.session.format(result)}`))

export type Joinable = asyncio.Future<unknown, unknown> | Effect.Effect<unknown, unknown>

/** Does something with a callback of the script, if there is one of that name. */
export const onCallback = (
  name: string,
  machine: Machine,
  action: (callback: NonNullable<ReturnType<Machine["callback"]>>) => Action
): Action => {
  const callback = machine.callback(name)
  return callback === undefined ? unset(name, machine) : action(callback)
}

export const scheduling = (
  { cb, to }: StatementOf<"call_soon" | "call_later" | "call_at">,
  machine: Machine,
  schedule: (callback: () => void) => Effect.Effect<asyncio.Handle>
): Action =>
  onCallback(cb, machine, (callback) =>
    Effect.map(schedule(callback), (handle) => {
      if (to !== undefined) machine.session.store(to, { kind: "handle", value: handle })
    })
  )

/** Does something with an awaitable, if there is one. */
export const onAwaitable = (
  awaitable: Awaitable,
  frame: Frame,
  machine: Machine,
  action: (joinable: Joinable) => Action
): Action =>
  Effect.suspend(() => {
    const joinable = resolve(awaitable, frame, machine)
    return joinable === undefined ? unset(nameOf(awaitable), machine) : action(joinable)
  })
