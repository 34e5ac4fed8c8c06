/**
 * A stop as plain data, and what it is called: what both entries of this package say of it.
 */

/** The key under which `_meta` of an answer, or `data` of an error, says which stop it was. */
export const STOP = "effect-asyncio/stop"

/** JSON-RPC has no code for it; the language server protocol, which has the same notification, answers with this one. */
export const REQUEST_CANCELLED = -32800

/** A timeout, as the error of a task of the protocol, or of a call of Effect's server. */
export const REQUEST_TIMEOUT = -32001

export interface Stop {
  readonly kind: string
  readonly reason: string
}

/** What a client has not said of its own. */
export const BY_CLIENT = "cancelled by the client"

export const CLIENT_GONE = "the client is gone"

export const TOO_LONG = "took too long"

export const describe = (name: string, { kind, reason }: Stop): string =>
  kind === "timeout"
    ? `${name} ${TOO_LONG}${reason === "" || reason === TOO_LONG ? "" : `: ${reason}`}`
    : `${name} was cancelled${reason === "" ? "" : `: ${reason}`}`
