/**
 * CPython's format for tasks and futures. Values print as JavaScript, strings in single quotes.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import { isFuture } from "./Future.ts"
import { format, formatError } from "./format.ts"
import type { StackEntry } from "./Task.ts"
import { abridged, isInstance, nameOf, plain, quote, safely } from "../data/text.ts"

/** What the repr of a future is made of. */
export interface ReprParts {
  readonly kind: string
  readonly exit: Exit.Exit<unknown, unknown> | undefined
  readonly cancelled: boolean
  readonly callbacks: ReadonlyArray<{ readonly label: string }>
  /** FILE:LINE, if it is known. */
  readonly createdAt?: string | undefined
  /** Of a task only. */
  readonly task?: {
    readonly name: string
    readonly cancelling: boolean
    readonly coroutine: string
    readonly waitFor: string | undefined
  }
}

export const futureRepr = (parts: ReprParts): string => {
  const { exit, task } = parts
  const words: Array<string> = [stateOf(parts)]
  if (task !== undefined) {
    words.push(`name=${quote(task.name)}`, `coro=<${task.coroutine}>`)
    if (task.waitFor !== undefined) words.push(`wait_for=${task.waitFor}`)
  }
  if (exit !== undefined && !parts.cancelled) words.push(outcomeOf(exit))
  if (parts.callbacks.length > 0) words.push(`cb=[${labelsOf(parts.callbacks)}]`)
  if (parts.createdAt !== undefined) words.push(`created at ${plain(parts.createdAt)}`)
  return `<${parts.kind} ${words.join(" ")}>`
}

/** The word for the state of a future, or of a task, which may be `cancelling`. */
export const stateOf = ({
  cancelled,
  exit,
  task
}: Pick<ReprParts, "cancelled" | "exit"> & {
  readonly task?: { readonly cancelling: boolean }
}): "pending" | "cancelling" | "cancelled" | "finished" => {
  if (cancelled) return "cancelled"
  if (exit !== undefined) return "finished"
  return task?.cancelling === true ? "cancelling" : "pending"
}

const outcomeOf = (exit: Exit.Exit<unknown, unknown>): string =>
  exit._tag === "Success" ? `result=${valueRepr(exit.value)}` : `exception=${valueRepr(Cause.squash(exit.cause))}`

/** CPython names the first and the last of more than two callbacks. */
const labelsOf = (callbacks: ReprParts["callbacks"]): string => abridged(callbacks, 2, ({ label }) => label).join(", ")

/** `NAME() running at FILE:LINE`, or as much of it as is known. */
export const coroutineRepr = (
  frame: Pick<StackEntry, "name" | "definedAt"> | undefined,
  state: { readonly done: boolean; readonly location: string | undefined }
): string => {
  const name = `${plain(frame?.name ?? "coroutine")}()`
  const definition = frame?.definedAt === undefined ? "" : `, defined at ${plain(frame.definedAt)}`
  if (state.done) return `${name} done${definition}`
  return state.location === undefined ? `${name} running${definition}` : `${name} running at ${plain(state.location)}`
}

/** A value as it prints inside a repr. */
export const valueRepr = (value: unknown): string => {
  if (typeof value === "string") return quote(value)
  return isInstance(value, Error) ? formatError(value) : format(value)
}

/** What kind of generator function it is; undefined for anything else. */
export const generatorKind = (value: unknown): "generator function" | "async generator function" | undefined => {
  if (typeof value !== "function") return undefined
  // The tag is inherited, also by bound functions, and tells those of other realms.
  const tag = safely<unknown, undefined>(
    () => (value as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag],
    undefined
  )
  if (tag === "GeneratorFunction") return "generator function"
  return tag === "AsyncGeneratorFunction" ? "async generator function" : undefined
}

/** What was given where something else was expected. Functions print without their source, promises would print as nothing. */
export const describe = (value: unknown): string => {
  if (typeof value === "function") {
    const kind = generatorKind(value) ?? "function"
    const name = plain(nameOf(value))
    return name === "" ? `${kind.startsWith("a") ? "an" : "a"} ${kind}` : `the ${kind} ${name}`
  }
  if (isInstance(value, Promise)) return "a Promise"
  return safely(() => Effect.isEffect(value) && !isFuture(value), false) ? "an Effect" : valueRepr(value)
}
