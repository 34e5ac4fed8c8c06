/**
 * What a shutdown waits for: requests, sockets, jobs, and what they have detached. One list for the thread: requests of a server that was
 * made outside of any run are on another loop than the service.
 */
import type * as asyncio from "@effect-asyncio/core"

/** A piece of work that was taken on. */
export abstract class Work {
  abstract readonly task: asyncio.Task<unknown, unknown>
  // Its neighbours in the list: a set would cost each request a hash.
  /** @internal */
  older: Work | undefined = undefined
  /** @internal */
  newer: Work | undefined = undefined

  /** Whether it has no end of its own, so that to wait for it is no use. */
  get endless(): boolean {
    return false
  }

  /** Has it end: its task is cancelled, and where its client is still there, that is told. */
  abstract stop(message: string): void
}

let oldest: Work | undefined
let newest: Work | undefined
let count = 0

/** The work that is not over, the oldest first. */
export const inFlight = (): ReadonlyArray<Work> => {
  const works: Array<Work> = []
  for (let work = oldest; work !== undefined; work = work.newer) works.push(work)
  return works
}

/** How much work is not over. */
export const countInFlight = (): number => count

/** Work was taken on. */
export const enter = (work: Work): void => {
  work.older = newest
  if (newest === undefined) oldest = work
  else newest.newer = work
  newest = work
  count++
}

/** Work is over, for the first time: its task is done, and its answer has been sent. */
export const leave = (work: Work): void => {
  const { newer, older } = work
  if (older === undefined) oldest = newer
  else older.newer = newer
  if (newer === undefined) newest = older
  else newer.older = older
  work.older = work.newer = undefined
  count--
}

/**
 * What becomes of new work: it is taken on; it is the last of its connection, because the service ends; it is refused, because what is
 * there is being cancelled.
 */
export type Admission = "open" | "last" | "refused"

// The services of the thread that are ending, and how far each is.
const ending = new Map<object, Admission>()

/** Says what a service does with new work. */
export const setAdmission = (service: object, admission: Admission): void => {
  if (admission === "open") ending.delete(service)
  else ending.set(service, admission)
}

/** What becomes of work that arrives now. */
export const admission = (): Admission => {
  if (ending.size === 0) return "open"
  return [...ending.values()].includes("refused") ? "refused" : "last"
}
