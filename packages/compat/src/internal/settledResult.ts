/**
 * How something has ended, in the words of `Promise.allSettled`.
 */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"

export const toSettledResult = (exit: Exit.Exit<unknown, unknown>): PromiseSettledResult<unknown> =>
  Exit.isSuccess(exit)
    ? { status: "fulfilled", value: exit.value }
    : { status: "rejected", reason: Cause.squash(exit.cause) }
