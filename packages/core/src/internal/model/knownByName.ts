/**
 * Errors that are known by what they are called: two copies of the package in one process take each other's for their own.
 */

// Says on an error's prototype what it is, whichever copy of the package has made it.
const kind = "~@effect-asyncio/core/Error"

/** Never throws, whatever the value is. */
export const isOfKind = (value: unknown, name: string): boolean => {
  try {
    return typeof value === "object" && value !== null && (value as { readonly [kind]?: unknown })[kind] === name
  } catch {
    return false
  }
}

type ErrorClass = abstract new (...args: never) => Error

/**
 * Has `instanceof` know the errors of a class by what they are called: those of another copy of the package are the same.
 */
export const knownByName = (type: ErrorClass, name: string): void => {
  markAs(type, name)
  // A class made from it asks for its own instances.
  const hasInstance = function (this: unknown, value: unknown): boolean {
    return this === type
      ? isOfKind(value, name)
      : Function.prototype[Symbol.hasInstance].call(this as ErrorClass, value)
  }
  Object.defineProperty(type, Symbol.hasInstance, { value: hasInstance })
}

/** Says of the errors of a class what they are called. */
export const markAs = (type: ErrorClass, name: string): void => {
  Object.defineProperty(type.prototype, kind, { value: name })
}
