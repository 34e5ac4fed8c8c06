/**
 * CPython's format for tasks and futures. Values print as JavaScript, strings in single quotes.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Formatter from "effect/Formatter"
import { isFuture } from "../Future.ts"
import type { CoroutineFrame } from "./frames.ts"

/** What the repr of a future is made of. */
export interface ReprParts {
  readonly kind: string
  readonly exit: Exit.Exit<unknown, unknown> | undefined
  readonly cancelled: boolean
  readonly callbacks: ReadonlyArray<string>
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
  if (parts.callbacks.length > 0) words.push(`cb=[${abridge(parts.callbacks)}]`)
  if (parts.createdAt !== undefined) words.push(`created at ${parts.createdAt}`)
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
const abridge = (labels: ReadonlyArray<string>): string =>
  labels.length <= 2 ? labels.join(", ") : `${labels[0]}, <${labels.length - 2} more>, ${labels[labels.length - 1]}`

/** `NAME() running at FILE:LINE`, or as much of it as is known. */
export const coroutineRepr = (
  frame: CoroutineFrame | undefined,
  state: { readonly done: boolean; readonly line: string | undefined }
): string => {
  const name = `${frame?.name ?? "coroutine"}()`
  const definition = frame?.definedAt === undefined ? "" : `, defined at ${frame.definedAt}`
  if (state.done) return `${name} done${definition}`
  return state.line === undefined ? `${name} running${definition}` : `${name} running at ${state.line}`
}

/** A string as it prints inside a repr. */
export const quote = (text: string): string => {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")
  return escaped.includes("'") && !escaped.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`
}

// Long values are cut as Python's reprlib cuts them: a log line must stay a line.
const longest = 200

/** A value as it prints inside a repr. */
export const valueRepr = (value: unknown): string => {
  if (typeof value === "string") return cut(quote(value))
  if (value instanceof Error) {
    // Effect's errors that are made without a message have undefined for it.
    const { name, message } = value as { readonly name: string; readonly message?: unknown }
    return `${name}(${message === undefined || message === "" ? "" : cut(typeof message === "string" ? quote(message) : Formatter.format(message))})`
  }
  return cut(Formatter.format(Array.isArray(value) ? ends(value) : value))
}

// To format a long array takes long, and the middle is cut out anyway.
const ends = (items: ReadonlyArray<unknown>): ReadonlyArray<unknown> =>
  items.length <= longest ? items : [...items.slice(0, longest / 2), ...items.slice(-longest / 2)]

/** What kind of generator function it is; undefined for anything else. */
export const generatorKind = (value: unknown): "generator function" | "async generator function" | undefined => {
  if (typeof value !== "function") return undefined
  // The tag is inherited, also by bound functions, and tells those of other realms.
  const { [Symbol.toStringTag]: tag } = value as { readonly [Symbol.toStringTag]?: unknown }
  if (tag === "GeneratorFunction") return "generator function"
  return tag === "AsyncGeneratorFunction" ? "async generator function" : undefined
}

/** What was given where something else was expected. Functions would print as their source, promises as nothing. */
export const describe = (value: unknown): string => {
  if (typeof value === "function") {
    const kind = generatorKind(value) ?? "function"
    return value.name === "" ? `${kind.startsWith("a") ? "an" : "a"} ${kind}` : `the ${kind} ${value.name}`
  }
  if (value instanceof Promise) return "a Promise"
  return Effect.isEffect(value) && !isFuture(value) ? "an Effect" : valueRepr(value)
}

const cut = (text: string): string => {
  if (text.length <= longest) return text
  const half = (longest - 3) / 2
  return `${text.slice(0, Math.floor(half))}...${text.slice(-Math.ceil(half))}`
}
