/**
 * Which stop it was: by the abort of the SDK, or by the error that a call has ended with.
 */
import * as asyncio from "@effect-asyncio/compat"
import { BY_CLIENT, CLIENT_GONE, describe, STOP, type Stop, TOO_LONG } from "./stop.ts"

/** What an abort of the SDK means: a notification brings its reason as a string, a closed connection an error. */
export const stopOfAbort = (reason: unknown): Stop => {
  if (typeof reason === "string") return { kind: "requested", reason }
  // The notification had no reason, and the host has put an AbortError for it.
  if (reason instanceof DOMException) return { kind: "requested", reason: BY_CLIENT }
  return { kind: "disconnect", reason: CLIENT_GONE }
}

/** What an error means that a call has ended with; undefined where it is no stop. */
export const stopOfError = (error: unknown): Stop | undefined => {
  if (error instanceof asyncio.TimeoutError) return { kind: "timeout", reason: error.message || TOO_LONG }
  if (error instanceof asyncio.CancelledError) return { kind: error.kind, reason: error.reason ?? "" }
  return undefined
}

/** The answer to a call that was stopped, by others than its client: an error of the tool, which a model reads. */
export const answerOf = (name: string, stop: Stop): object => ({
  content: [{ type: "text", text: describe(name, stop) }],
  isError: true,
  _meta: { [STOP]: stop }
})
