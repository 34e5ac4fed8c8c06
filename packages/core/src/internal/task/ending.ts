/**
 * The end of a callback scope, as the scope knows it. What is done then is in aftermath.ts.
 */
import type { CancelledError } from "../model/CancelledError.ts"
import type { CallbackScope } from "./callbackScope.ts"

/** That a scope is over, whether the first await that its code still begins ends at once, or where its code goes on. */
export type Over = typeof told | typeof over | typeof overAndToBeTold | CallbackScope
// Not over yet, but what was in flight has been cancelled: what its code has begun since then is not cancelled again.
export const told = "told"
export const over = "over"
export const overAndToBeTold = "over, and nothing was in flight that has heard of it"

/** What is done at the end of a scope, by aftermath.ts, which cannot be imported here: its scopes are callback scopes. */
export interface Ending {
  aftermathOf(scope: CallbackScope): CallbackScope
  /** Cancels what is in flight in `scope`, and gives the error. What goes on is handed over to `around`, if the scope is over. */
  cancelParts(scope: CallbackScope, around: (() => CallbackScope) | undefined): CancelledError
  /** Hands what is in flight over to the scope around. */
  handOver(scope: CallbackScope, around: CallbackScope): void
  error(): CancelledError
}

export let ending: Ending

/**
 * To be called before a callback scope is made. A statement that calls it when the module is loaded would have bundlers keep
 * aftermath.ts in programs that make none.
 */
export const setEnding = (next: Ending): void => {
  ending = next
}
