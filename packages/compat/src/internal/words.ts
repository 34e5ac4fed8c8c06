/**
 * What hosts and libraries make of a cancellation that reaches them as an aborted signal: their words for it.
 *
 * A word alone says that something was cancelled, and not what. Whether it tells of the running task's cancellation, arrival.ts
 * decides. Nothing here throws, whatever it is given.
 */
import type { CancelledError } from "@effect-asyncio/core"
import { isCancelledError, nameOf, safely } from "@effect-asyncio/core/lowlevel"

/** What is read of an error. */
interface Read {
  readonly name?: unknown
  readonly message?: unknown
  readonly code?: unknown
  readonly cause?: unknown
  readonly errors?: unknown
  readonly isCanceled?: unknown
  readonly __CANCEL__?: unknown
}

// DOM, Node, undici, node-fetch, AWS; axios; got and p-cancelable; the Temporal and gRPC-web clients.
const names = new Set<unknown>(["AbortError", "CanceledError", "CancelError", "APIUserAbortError"])

// Node; axios; undici; PostgreSQL's query_canceled.
const codes = new Set<unknown>(["ABORT_ERR", "ERR_CANCELED", "UND_ERR_ABORTED", "57014"])

// The Model Context Protocol has no code of its own for it: its SDK takes that of a request that took too long.
const isMcp = (error: Read): boolean => error.name === "McpError" && error.code === -32001

// The SDKs of OpenAI and Anthropic name the class and not the error.
const isOfClass = (error: Read): boolean => names.has(nameOf(error.constructor))

const saysSo = (error: Read): boolean =>
  names.has(error.name) ||
  codes.has(error.code) ||
  error.isCanceled === true ||
  error.__CANCEL__ === true ||
  isMcp(error) ||
  isOfClass(error)

/** Whether an error is a word for a cancellation, of whatever it may be. */
export const isWord = (error: unknown, depth = 0): boolean =>
  typeof error === "object" &&
  error !== null &&
  safely(() => saysSo(error) || ((error as Read).name === "AggregateError" && isOnlyCancellations(error, depth)), false)

// Node's streams, where the connection below them was stopped: a response of node:http whose HTTP request a signal has ended fails with
// ECONNRESET and "aborted", and nothing else says why; so does the body of an object of AWS. A server that hangs up looks the same.
const isBroken = (error: Read): boolean =>
  (error.code === "ECONNRESET" && error.message === "aborted") || error.code === "ERR_STREAM_PREMATURE_CLOSE"

/** Whether an error comes from a stream that was stopped, by a cancellation or by anything else. */
const isBrokenStream = (error: unknown): boolean =>
  typeof error === "object" && error !== null && safely(() => isBroken(error), false)

// Causes can go round in a ring, and be any number.
const mostCauses = 30

/** An error and its causes, the nearest first. */
export function* withCauses(error: unknown): Generator {
  let at = error
  for (let n = 0; n < mostCauses && at !== undefined; n++) {
    yield at
    at = causeOf(at)
  }
}

const causeOf = (error: unknown): unknown => safely(() => (error as Read | null)?.cause, undefined)

/** The cancellation that an error has as one of its causes, or among what was cancelled together. */
export const cancellationBehind = (error: unknown, depth = 0): CancelledError | undefined => {
  for (const each of withCauses(error)) {
    if (isCancelledError(each)) return each
    if (!isOnlyCancellations(each, depth)) continue
    for (const member of errorsOf(each)) {
      const found = cancellationBehind(member, depth + 1)
      if (found !== undefined) return found
    }
  }
  return undefined
}

const predicates = new Set<(error: unknown) => boolean>()

/** Registers a predicate of the program. The returned function removes it. */
export const addWord = (predicate: (error: unknown) => boolean): (() => void) => {
  // A function of its own, so that two registrations of one predicate do not remove each other.
  const own = (error: unknown) => predicate(error)
  predicates.add(own)
  return () => void predicates.delete(own)
}

/** Whether the program has said that an error is a word for a cancellation. */
const isRegistered = (error: unknown): boolean => {
  for (const predicate of predicates) if (safely(() => predicate(error), false)) return true
  return false
}

/**
 * Whether an error, or one of its causes, is a word for a cancellation, also one that only the program knows. Broken streams count
 * as well, because the caller asks only while there is a cancellation that the code has not seen.
 */
export const tellsOfCancellation = (error: unknown): boolean => {
  for (const each of withCauses(error)) {
    if (isCancelledError(each) || isWord(each) || isBrokenStream(each) || isRegistered(each)) return true
  }
  return isOnlyCancellations(error)
}

// Aggregates can be in each other, and in themselves.
const mostAggregates = 4

const errorsOf = (error: unknown): ReadonlyArray<unknown> => {
  const errors = safely(() => (error as Read | null)?.errors, undefined)
  return Array.isArray(errors) ? errors : []
}

/** `Promise.any` of what was cancelled together; a pipeline of Node's streams whose parts tell of one cancellation in their own words. */
const isOnlyCancellations = (error: unknown, depth = 0): boolean => {
  const errors = depth < mostAggregates ? errorsOf(error) : []
  return errors.length > 0 && errors.every((each) => isCancelledError(each) || isWord(each, depth + 1))
}
