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

/** Runs `f` with stacks of `limit` lines; with none, an error object is about four times cheaper to make. */
export const withStackOf = <A>(limit: number, f: () => A): A => {
  if (!writable) return f()
  const before = V8Error.stackTraceLimit ?? 10
  V8Error.stackTraceLimit = limit
  try {
    return f()
  } finally {
    V8Error.stackTraceLimit = before
  }
}

/**
 * Makes an error without a stack: of a cancellation that would say nothing, because one is asked for and not thrown. Debug mode
 * records the place of the request instead. No closure: the error is most of what a cancellation allocates.
 */
export const withoutStack = <E, A, B>(Class: new (a: A, b: B) => E, a: A, b: B): E => {
  if (!writable) return new Class(a, b)
  const before = V8Error.stackTraceLimit ?? 10
  V8Error.stackTraceLimit = 0
  try {
    return new Class(a, b)
  } finally {
    V8Error.stackTraceLimit = before
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

// Ours, and Effect's, as package managers place them. A bundle of the program has its own code in the same file: nothing there is hidden.
const installed =
  /[\\/](?:node_modules|registry\.npmjs\.org)[\\/](?:@effect-asyncio[\\/](?:core|compat)|effect)[\\/](?:\d[^\\/]*[\\/])?(?:dist|src)[\\/]/

// `AsyncLocalStorage` stands between our frames and those of the program.
const ofStorage = /\(node:(?:async_hooks|internal\/async_local_storage)\b/

// Where the packages are developed; "none" elsewhere. Undefined until an error is made.
let workspace: string | undefined

const ownFile = /((?:file:\/\/)?[\\/][^()]*[\\/]packages[\\/])core[\\/]src[\\/]internal[\\/]host[\\/]stack\.ts/

const isOurs = (line: string): boolean => {
  workspace ??= ownFile.exec(captureStack(1)[0] ?? "")?.[1] ?? "none"
  return (
    installed.test(line) ||
    ofStorage.test(line) ||
    line.includes(`${workspace}core/src/`) ||
    line.includes(`${workspace}compat/src/`)
  )
}

const isFrame = (line: string): boolean => /^\s+at /.test(line)

/** The host's own code that we are called by, or that we call. */
const isOfHost = (line: string): boolean =>
  /\((?:node|ext|bun|deno):[^()]*\)$|\bat (?:async )?(?:node|ext|bun|deno):/.test(line)

/**
 * Takes from the stack of an error the frames of ours and of Effect, which say nothing about the program that made the mistake: what is
 * left are the program's. Does nothing where the host has no such stacks, or the error is not to be changed.
 */
export const hideOwnFrames = (error: Error): void => {
  const stack = stackOf(error)
  if (stack === undefined) return
  const lines = stack.split("\n")
  const shown = lines.filter((line) => !isFrame(line) || !isOurs(line))
  if (shown.length === lines.length) return
  const hasProgram = shown.some((line) => isFrame(line) && !isOfHost(line))
  const text = (hasProgram ? shown : shown.filter((line) => !isFrame(line))).join("\n")
  safely(() => (error.stack = text), undefined)
}

/** Where in the program an error was made, as its stack says it; undefined where that says nothing. */
export const programFrameOf = (error: unknown): string | undefined =>
  isInstance(error, Error)
    ? stackOf(error)
        ?.split("\n")
        .find((line) => isFrame(line) && /:\d+:\d+\)?$/.test(line) && !isOurs(line) && !isOfHost(line))
        ?.trim()
    : undefined

/** {@link hideOwnFrames}, of an error and of its causes. */
export const hideOwnFramesOfAll = (error: unknown): void => eachCause(error, hideOwnFrames)

/** Has V8 format the stack of an error and of its causes: until then a stack keeps the receivers of its frames alive. */
export const releaseStack = (error: unknown): void => eachCause(error, stackOf)

const eachCause = (error: unknown, f: (error: Error) => void): void => {
  const seen = new Set<unknown>()
  let each = error
  while (isInstance(each, Error) && !seen.has(each) && seen.size < mostCauses) {
    const current = each
    seen.add(current)
    f(current)
    each = safely(() => current.cause, undefined)
  }
}
