/**
 * The run of a script, as statements see it: what the names in a statement stand for.
 */
import type { VirtualTimeLoop } from "@effect-asyncio/core/testing"
import type { Awaitable, Block, Expression, Script } from "../script.ts"
import { evaluate } from "./expressions.ts"
import { Frame, type FutureLike, futureKinds, type Session, type SlotTypes } from "./session.ts"

/** A callback of the script; as a done callback it is given the future. */
export type Callback = (future?: FutureLike) => void

/** The run of a script on a port with slots of `T`, which writes a coroutine as `C`. */
export interface MachineOf<T extends SlotTypes, C> {
  readonly script: Script
  readonly loop: VirtualTimeLoop
  readonly session: Session<T>
  /** A fresh coroutine; `undefined` when the script has none of that name. */
  coroutine(name: string): C | undefined
  /** The same for a task of its own, which may run elsewhere. */
  forTask(name: string): C | undefined
  /** The one function object that stands for a callback; `undefined` when the script has none of that name. */
  callback(name: string): Callback | undefined
}

/** An entry of a section of the script; `undefined` when there is none of that name. */
export const entryOf = <V>(section: Record<string, V>, name: string): V | undefined =>
  Object.hasOwn(section, name) ? section[name] : undefined

/** The script's callbacks, which trace that they run and then run their statements. */
export const callbacksOf = <T extends SlotTypes>(
  script: Script,
  session: Session<T>,
  run: (body: Block, frame: Frame) => void
): ReadonlyMap<string, Callback> => {
  const callbacks = new Map<string, Callback>()
  for (const [name, body] of Object.entries(script.callbacks ?? {})) {
    callbacks.set(name, (future) => {
      session.traceCallback(name, future)
      run(body, new Frame(future))
    })
  }
  return callbacks
}

export const value = <T extends SlotTypes>(
  expression: Expression | undefined,
  frame: Frame,
  machine: MachineOf<T, unknown>
): unknown => evaluate(expression, frame, machine.session)

export const millis = (seconds: number | null | undefined): number | undefined =>
  seconds === null || seconds === undefined ? undefined : seconds * 1000

export const nameOf = (awaitable: Awaitable): string => (typeof awaitable === "string" ? awaitable : awaitable.coro)

/** A coroutine or a future. */
type Joinable<T extends SlotTypes, C> = C | T["future"] | T["task"]

/** What an awaitable of the script stands for, `undefined` when that is nothing. */
export const resolve = <T extends SlotTypes, C>(
  awaitable: Awaitable,
  frame: Frame,
  machine: MachineOf<T, C>
): Joinable<T, C> | undefined =>
  typeof awaitable === "string"
    ? machine.session.findAs<"future" | "task">(awaitable, futureKinds, frame)
    : machine.forTask(awaitable.coro)

/** What a list of awaitables stands for, without those that are nothing. */
export const resolveAll = <T extends SlotTypes, C>(
  awaitables: ReadonlyArray<Awaitable>,
  frame: Frame,
  machine: MachineOf<T, C>
): Array<Joinable<T, C>> =>
  awaitables.flatMap((awaitable) => {
    const joinable = resolve(awaitable, frame, machine)
    return joinable === undefined ? [] : [joinable]
  })
