/**
 * The two kinds of usage that most tests are made of: a request to a silent server, and an operation in this process.
 */
import * as asyncio from "@effect-asyncio/compat"
import type { Usage } from "../../src/results.ts"
import { SilentServer } from "./servers.ts"
import { type Attempt, type Setting, sevenWays } from "./sevenWays.ts"

type Options = Omit<Setting, "open" | "close" | "attempt">
type Named = Omit<Usage, "means"> & { readonly means?: Usage["means"] }

/** A server that answers nothing, and one that begins an answer. */
export const silent = () => new SilentServer()
export const beginning = () =>
  new SilentServer((_, response) => {
    response.writeHead(200, { "content-type": "text/plain" })
    response.write("the beginning")
  })

/** The seven ways of a request to `server`, which `call` makes. */
export const requestWays = (
  usage: Named,
  server: SilentServer,
  call: (url: string, signal: AbortSignal) => Promise<unknown>,
  options: Options = {}
): void =>
  sevenWays(
    { means: "signal", ...usage },
    {
      ...options,
      open: () => server.open(),
      close: () => server.close(),
      attempt: () => {
        const { begun, stopped, url } = server.expect()
        return { run: () => call(url, asyncio.currentSignal()), begun, stopped }
      }
    }
  )

/** The seven ways while the answer comes: `call` says when it is about to read it. */
export const bodyWays = (
  usage: Named,
  call: (url: string, signal: AbortSignal, reading: () => void) => Promise<unknown>,
  server: SilentServer = beginning(),
  options: Options = {}
): void =>
  sevenWays(
    { means: "signal", ...usage },
    {
      ...options,
      open: () => server.open(),
      close: () => server.close(),
      attempt: () => {
        const { stopped, url } = server.expect()
        const begun = Promise.withResolvers<void>()
        const reading = () => void setTimeout(begun.resolve, 1)
        return { run: () => call(url, asyncio.currentSignal(), reading), begun: begun.promise, stopped }
      }
    }
  )

/** The recipe for what ends as if nothing had happened. */
export const quietEnd = "Ends quietly: where your code goes on behind it, `signal.throwIfAborted()` comes first."

/** What an operation tells of itself. */
export interface Progress {
  readonly begun: () => void
  readonly stopped: () => void
}

/** An operation that says itself when it is under way, and when it was stopped. */
export const attemptOf = (start: (signal: AbortSignal, progress: Progress) => Promise<unknown>): Attempt => {
  const begun = Promise.withResolvers<void>()
  const stopped = Promise.withResolvers<void>()
  const progress = { begun: () => begun.resolve(), stopped: () => stopped.resolve() }
  return { run: () => start(asyncio.currentSignal(), progress), begun: begun.promise, stopped: stopped.promise }
}

/** The seven ways of an operation in this process: under way a macrotask after its call. */
export const localWays = (
  usage: Named,
  start: (signal: AbortSignal) => Promise<unknown>,
  options: Options = {}
): void =>
  sevenWays(
    { means: "signal", ...usage },
    {
      ...options,
      attempt: () => {
        const begun = Promise.withResolvers<void>()
        const run = () => {
          const running = start(asyncio.currentSignal())
          setTimeout(begun.resolve, 1)
          return running
        }
        return { run, begun: begun.promise }
      }
    }
  )

/** The seven ways of an operation that tells of itself. */
export const progressWays = (
  usage: Named,
  start: (signal: AbortSignal, progress: Progress) => Promise<unknown>,
  options: Options = {}
): void => sevenWays({ means: "signal", ...usage }, { ...options, attempt: () => attemptOf(start) })
