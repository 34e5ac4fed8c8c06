/**
 * The end of a driven line, as the line knows it. What is done then is in aftermath.ts.
 */
import type { CancelledError } from "../model/CancelledError.ts"
import type { Driven } from "./driven.ts"

/** That a line is over, whether the first await that its code still begins ends at once, or where its code goes on. */
export type Over = typeof told | typeof over | typeof overAndToBeTold | Driven
// Not over yet, but what was in flight has been cancelled: what its code has begun since then is not cancelled again.
export const told = "told"
export const over = "over"
export const overAndToBeTold = "over, and nothing was in flight that could be told"

/** What is done at the end of a line, by aftermath.ts, which cannot be imported here: its lines are driven ones. */
export interface Ending {
  aftermathOf(line: Driven): Driven
  /** Cancels what is in flight in `line`; in one that is over, what goes on goes on `around` it. Returns with what error. */
  cancelParts(line: Driven, around: (() => Driven) | undefined): CancelledError
  /** What is in flight goes on in the line around. */
  handOver(line: Driven, around: Driven): void
  error(): CancelledError
}

export let ending: Ending

export const setEnding = (next: Ending): void => {
  ending = next
}
