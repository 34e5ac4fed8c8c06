/**
 * Reads values that the program threw, or gave us to call: their getters and proxies may throw. Nothing here does.
 */

/** What `read` gives, or `otherwise` where it throws. */
export const safely = <A, B>(read: () => A, otherwise: B): A | B => {
  try {
    return read()
  } catch {
    return otherwise
  }
}

/** Whether a value is an instance of a class. A proxy may not even let itself be asked. */
export const isInstance = <T>(value: unknown, type: abstract new (...args: never) => T): value is T =>
  safely(() => value instanceof type, false)

/** The name of a function or a class; empty where it has none, or one that is no string or cannot be read. */
export const nameOf = (named: unknown): string => {
  const name = safely<unknown, undefined>(() => (named as { readonly name?: unknown }).name, undefined)
  return typeof name === "string" ? name : ""
}
