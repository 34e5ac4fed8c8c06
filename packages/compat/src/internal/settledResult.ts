/**
 * How something has ended, in the words of `Promise.allSettled`.
 */
import * as Exit from "effect/Exit"
import { thrownIn } from "./thrown.ts"

export const toSettledResult = (exit: Exit.Exit<unknown, unknown>): PromiseSettledResult<unknown> =>
  Exit.isSuccess(exit)
    ? { status: "fulfilled", value: exit.value }
    : { status: "rejected", reason: thrownIn(exit.cause) }
