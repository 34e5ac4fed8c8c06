/**
 * What processes tell each other of a task, as plain JSON: in the table of tasks, and in the engine's messages.
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Schema from "effect/Schema"

/** A request to cancel. */
export interface WireCancellation {
  readonly kind: string
  readonly reason?: string
  /** What asked: `Task-1 at HOST:PID`, or a process. */
  readonly by: string
  /** Of the kind `"timeout"`: when the time was up, on the clock of the loop that measured it. */
  readonly deadline?: number
}

/** A request to cancel was withdrawn. */
export const withdrawal = { withdrawn: true } as const

/** How a task has ended. */
export type Outcome =
  | { readonly state: "succeeded"; readonly value: Schema.Json }
  | { readonly state: "failed"; readonly error: Schema.Json }
  /** With an error that the definition does not know: a defect, or a mistake at the border between processes. */
  | { readonly state: "failed"; readonly defect: WireDefect }
  | {
      readonly state: "cancelled"
      readonly cancellation: WireCancellation
      /** Where it did not begin in time: whether there was a worker for it. */
      readonly unstarted?: { readonly served: boolean }
    }

/** An error that crosses as text. */
export interface WireDefect {
  /** The tag of one of this package's own errors, or the name of what it was. */
  readonly name: string
  readonly message: string
  readonly stack?: string
}

/** How a task has ended that could not be run at all. */
export const refusal = (problem: string): Outcome => ({
  state: "failed",
  defect: toDefect(new Error(`the task could not be run: ${problem}`))
})

/** A request as it travels; `asker` is the process, which names a task of its own. */
export const toWire = (error: asyncio.CancelledError, asker: string): WireCancellation => ({
  kind: error.kind,
  ...(error.reason === undefined ? {} : { reason: error.reason }),
  by: error.requestedBy === undefined ? asker : nameAt(error.requestedBy, asker),
  ...(error.deadline === undefined ? {} : { deadline: error.deadline })
})

// A name from another process already says which.
const nameAt = (ref: asyncio.TaskRef, asker: string): string =>
  ref.id === undefined ? ref.name : `${ref.name} at ${asker}`

/** The same request on this side. Kinds that a program has added are known to it alone, so that any text may stand there. */
export const fromWire = ({ by, deadline, kind, reason }: WireCancellation): asyncio.CancelledError =>
  new asyncio.CancelledError(reason, { kind: kind as asyncio.CancellationKind, requestedBy: by, deadline })

/** Of so many errors, each the cause of the one before, it is told. */
const mostCauses = 5

/** The stack of an error, and below it those of its cause and of the errors that it is made of, which would not travel otherwise. */
const stackOf = (error: Error, deep: number): string | undefined => {
  const { cause, stack } = error
  if (stack === undefined || deep === 0) return stack
  const made: ReadonlyArray<unknown> = error instanceof AggregateError ? error.errors : []
  const below = [
    ...(cause === undefined ? [] : [["cause", cause] as const]),
    ...made.slice(0, mostCauses).map((each, i) => [`errors ${i}`, each] as const)
  ]
  const textOf = (each: unknown) => (each instanceof Error ? (stackOf(each, deep - 1) ?? each.message) : String(each))
  return [stack, ...below.map(([what, each]) => `[${what}]: ${textOf(each)}`)].join("\n")
}

/** A defect as it travels: with its message and its stack as text. Everything that can be thrown has one, also what does not let itself be read. */
export const toDefect = (defect: unknown): WireDefect =>
  lowlevel.safely(() => read(defect), { name: "Error", message: "it has thrown something that cannot be read" })

const read = (defect: unknown): WireDefect => {
  if (!(defect instanceof Error)) return { name: "Error", message: String(defect) }
  const { message, name } = defect
  const stack = stackOf(defect, mostCauses)
  return stack === undefined ? { name, message } : { name, message, stack }
}
