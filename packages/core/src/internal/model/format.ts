/**
 * Any value as text of one line, in a time that does not depend on how large the value is; only the keys of an object come all
 * at once.
 *
 * What is printed are the first items, of lists also the last, down to a depth and a number of values that the text could not
 * show anyway. Getters do not run, and nothing is iterated that might be used up or never end.
 */
import { getRedacted, isRedactable } from "effect/Redactable"
import { cut, ends, escape, nameOf, plain, quote, safely } from "../data/text.ts"

/** What stands for an object that does not let itself be looked at. */
export const unreadable = "<unprintable object>"

// Each item takes two characters at least, each level two, so that what is left out would be cut out of the text.
const mostItems = 100
const mostValues = 1000
const deepest = 100

/** A value as it prints inside of another text. */
export const format = (value: unknown): string => cut(new Walk().text(value))

class Walk {
  #left = mostValues
  readonly #path = new Set<object>()

  text(value: unknown): string {
    if (this.#left-- <= 0) return "..."
    if (typeof value === "string") return quoted(value)
    if (typeof value === "bigint") return integer(value)
    if (typeof value === "function") return `<function ${plain(nameOf(value)) || "<anonymous>"}>`
    if (typeof value !== "object" || value === null) return plain(String(value))
    if (this.#path.has(value)) return "[Circular]"
    if (this.#path.size >= deepest) return "..."
    this.#path.add(value)
    try {
      return this.#object(value)
    } catch {
      return unreadable
    } finally {
      this.#path.delete(value)
    }
  }

  #object(value: object): string {
    if (isRedactable(value)) return this.text(getRedacted(value))
    if (Array.isArray(value)) return this.#list(value)
    if (isList(value)) return named(value, this.#list(value))
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString()
    const own = ownText(value)
    if (own !== undefined) return value instanceof Error ? this.#withCause(plain(own), value) : plain(own)
    if (value instanceof Map)
      return named(value, this.#members(Map.prototype.entries.call(value), value.size, "[", "]"))
    if (value instanceof Set) return named(value, this.#members(Set.prototype.values.call(value), value.size, "[", "]"))
    return named(value, this.#record(value))
  }

  #withCause(text: string, { cause }: Error): string {
    return cause === undefined ? text : `${text} (cause: ${this.text(cause)})`
  }

  #list(items: ArrayLike<unknown>): string {
    const texts: Array<string> = []
    const { length } = items
    for (let i = 0; i < length && this.#left > 0; i++) {
      if (i === mostItems && length > 2 * mostItems) i = length - mostItems
      texts.push(this.text(items[i]))
    }
    return `[${texts.join(",")}]`
  }

  #members(items: Iterable<unknown>, size: number, open: string, close: string): string {
    const texts: Array<string> = []
    for (const item of items) {
      if (texts.length === mostItems || this.#left <= 0) break
      texts.push(this.text(item))
    }
    return `${open}${texts.join(",")}${rest(size - texts.length)}${close}`
  }

  #record(value: object): string {
    const keys = Reflect.ownKeys(value)
    const texts: Array<string> = []
    for (const key of keys) {
      if (texts.length === mostItems || this.#left <= 0) break
      texts.push(`${typeof key === "string" ? quoted(key) : plain(String(key))}:${this.#property(value, key)}`)
    }
    return `{${texts.join(",")}${rest(keys.length - texts.length)}}`
  }

  #property(value: object, key: PropertyKey): string {
    const property = Reflect.getOwnPropertyDescriptor(value, key)
    return property !== undefined && !("value" in property) ? "[Getter]" : this.text(property?.value)
  }
}

const quoted = (text: string): string => escape(JSON.stringify(ends(text)))

const rest = (left: number): string => (left > 0 ? `,<${left} more>` : "")

// To write a number of a million digits takes long.
const integer = (value: bigint): string =>
  BigInt.asIntN(longestInteger, value) === value ? plain(`${value}n`) : "<huge bigint>"
const longestInteger = 4096

/** Whether an object is one of the host's own lists of numbers. */
const isList = (value: object): value is object & ArrayLike<unknown> =>
  ArrayBuffer.isView(value) && !(value instanceof DataView)

/** What the object's own `toString` gives, if it has one. */
const ownText = (value: object): string | undefined => {
  const { toString } = value as { readonly toString?: unknown }
  if (typeof toString !== "function" || toString === Object.prototype.toString) return undefined
  return String(toString.call(value))
}

const named = (value: object, body: string): string => {
  const { constructor } = value as { readonly constructor?: unknown }
  const name = typeof constructor === "function" && constructor !== Object ? plain(nameOf(constructor)) : ""
  return name === "" ? body : `${name}(${body})`
}

/** An error as Python's repr prints it: its name and its message. */
export const formatError = (error: Error): string => {
  const name = safely<unknown, undefined>(() => error.name, undefined)
  const message = safely<unknown, typeof failed>(() => error.message, failed)
  return `${typeof name === "string" ? plain(name) : classOf(error)}(${messageText(message)})`
}

// What Python's traceback says of an exception that cannot be printed.
const failed = Symbol("<exception str() failed>")

const messageText = (message: unknown): string => {
  if (message === failed) return failed.description!
  // Effect's errors that are made without a message have undefined for it.
  if (message === undefined || message === "") return ""
  return typeof message === "string" ? quote(message) : format(message)
}

const classOf = (error: Error): string => plain(nameOf(safely(() => error.constructor, undefined))) || "Error"
