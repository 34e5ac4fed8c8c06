/**
 * What a stop is called: by its kind, by its reason, and to a model that reads the answer.
 */
import * as asyncio from "@effect-asyncio/compat"

/** The key under which `_meta` of an answer, or `data` of an error, says which stop it was. */
export const STOP = "effect-asyncio/stop"

/** JSON-RPC has no code for it; the language server protocol, which has the same notification, answers with this one. */
export const REQUEST_CANCELLED = -32800

/** A stop as plain data. */
export interface Stop {
  readonly kind: string
  readonly reason: string
}

/** What an abort of the SDK means: a notification brings its reason as a string, a closed connection an error. */
export const stopOfAbort = (reason: unknown): Stop => {
  if (typeof reason === "string") return { kind: "requested", reason }
  // The notification had no reason, and the host has put an AbortError for it.
  if (reason instanceof DOMException) return { kind: "requested", reason: "cancelled by the client" }
  return { kind: "disconnect", reason: "the client is gone" }
}

/** What an error means that a call has ended with; undefined where it is no stop. */
export const stopOfError = (error: unknown): Stop | undefined => {
  if (error instanceof asyncio.TimeoutError) return { kind: "timeout", reason: error.message || "took too long" }
  if (error instanceof asyncio.CancelledError) return { kind: error.kind, reason: error.reason ?? "" }
  return undefined
}

export const describe = (name: string, { kind, reason }: Stop): string =>
  kind === "timeout"
    ? `${name} took too long${reason === "" || reason === "took too long" ? "" : `: ${reason}`}`
    : `${name} was cancelled${reason === "" ? "" : `: ${reason}`}`

/** The answer to a call that was stopped, by others than its client: an error of the tool, which a model reads. */
export const answerOf = (name: string, stop: Stop): object => ({
  content: [{ type: "text", text: describe(name, stop) }],
  isError: true,
  _meta: { [STOP]: stop }
})
