/**
 * Access to V8's stack traces that degrades to nothing where there are none.
 */

import { isInstance, safely } from "../data/text.ts"

const V8Error = Error as { stackTraceLimit?: number }

// SES and similar hosts freeze `Error`; then stacks are simply captured.
const writable = (() => {
  const property = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit")
  return property === undefined ? Object.isExtensible(Error) : property.writable === true
})()

/** Has new errors keep stacks of `limit` lines from now on, and says how many they kept before. */
export const limitStacks = (limit: number): number => {
  if (!writable) return limit
  const before = V8Error.stackTraceLimit ?? 10
  V8Error.stackTraceLimit = limit
  return before
}

/** Runs `f` with stacks of `limit` lines; with none, an error object is about four times cheaper to make. */
export const withStackOf = <A>(limit: number, f: () => A): A => {
  const before = limitStacks(limit)
  try {
    return f()
  } finally {
    limitStacks(before)
  }
}

/** The lines of the current stack, innermost first, `limit` at most. */
export const captureStack = (limit: number): ReadonlyArray<string> =>
  withStackOf(limit, () => {
    const stack = stackOf(new Error())
    return stack === undefined ? [] : stack.split("\n").filter((line) => /^\s+at /.test(line))
  })

/** The stack of an error. An `Error.prepareStackTrace` of the program may throw, or make anything else of it. */
const stackOf = (error: Error): string | undefined => {
  const stack = safely<unknown, undefined>(() => error.stack, undefined)
  return typeof stack === "string" ? stack : undefined
}

// Causes that make each other as they are read would never end.
const mostCauses = 1000

/** Has V8 format the stack of an error and of its causes: until then a stack keeps the receivers of its frames alive. */
export const releaseStack = (error: unknown): void => {
  const seen = new Set<unknown>()
  let each = error
  while (isInstance(each, Error) && !seen.has(each) && seen.size < mostCauses) {
    const current = each
    seen.add(current)
    stackOf(current)
    each = safely(() => current.cause, undefined)
  }
}
