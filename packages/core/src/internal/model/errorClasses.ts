/**
 * What the classes of our errors have beside those of Effect: they print as any error does, and `instanceof` knows what another
 * copy of the package has made of them.
 *
 * A class gets that from what it extends. A statement behind the class would do as well, and would keep it in every program.
 */
import * as Data from "effect/Data"
import { inspect } from "../host/inspect.ts"

// Says on an error's prototype what it is, whichever copy of the package has made it.
export const kind = "~@effect-asyncio/core/Error"

/** Never throws, whatever the value is. */
export const isOfKind = (value: unknown, name: string): boolean => {
  try {
    return typeof value === "object" && value !== null && (value as { readonly [kind]?: unknown })[kind] === name
  } catch {
    return false
  }
}

/**
 * A class of errors.
 *
 * @category models
 * @since 0.1.0
 */
export type ErrorClass = abstract new (...args: never) => Error

/** Has `instanceof` know what any copy has made of the class that extends `Base`. */
const knownByName = (Base: ErrorClass, name: string): void => {
  Object.defineProperty(Base.prototype, kind, { value: name })
  // A class made from that one asks for its own instances.
  const hasInstance = function (this: object, value: unknown): boolean {
    return Object.getPrototypeOf(this) === Base
      ? isOfKind(value, name)
      : Function.prototype[Symbol.hasInstance].call(this as ErrorClass, value)
  }
  Object.defineProperty(Base, Symbol.hasInstance, { value: hasInstance })
}

/** What a tagged error extends, with `name` as its tag. */
export const TaggedError = <Name extends string>(name: Name) => {
  const Base = Data.TaggedError(name)
  knownByName(Base, name)
  // Effect's errors print as an object, without name and stack.
  Object.defineProperty(Base.prototype, inspect, { configurable: true, writable: true, value: undefined })
  return Base
}

/** What any other error extends. With a name of its own: a bundler may shorten that of the class. */
export const NamedError = (name: string): ErrorConstructor => {
  const Base = class extends Error {}
  knownByName(Base, name)
  return Base as ErrorConstructor
}
