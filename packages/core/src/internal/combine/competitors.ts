/**
 * What is common to contests: the awaitables are checked before any of them begins.
 */
import * as Effect from "effect/Effect"
import { checkOptions } from "../model/arguments.ts"
import { checkMaker, effectOf } from "../model/bodies.ts"
import { callerOf, checkAwaitable, checkIterable } from "./awaitables.ts"
import { AllAtOnce, Contest, nobodyCompetes, type Rules, type Starter } from "./contest.ts"

/** Runs a contest of what `begin` begins. */
export const compete = (
  operation: string,
  options: { readonly discard?: unknown } | undefined,
  wins: Rules["wins"],
  begin: () => Starter
): Effect.Effect<never> =>
  Effect.withFiber((fiber) => {
    const discard = discardIn(options, operation)
    return new Contest(callerOf(fiber), { operation, wins, discard }, begin()).run() as Effect.Effect<never>
  })

/** Makes the starter that begins `awaitables` together, when it has checked all of them. */
export const allAtOnce = (awaitables: Iterable<unknown>, operation: string): Starter => {
  const members = [...checkIterable(awaitables, `${operation} expects a list of awaitables`)]
  if (members.length === 0) throw nobodyCompetes(operation)
  for (const member of members) checkAwaitable(member)
  return new AllAtOnce(members)
}

const discardIn = (options: { readonly discard?: unknown } | undefined, operation: string): Rules["discard"] => {
  const example = "{ discard: (value) => ... }"
  checkOptions(options, operation, example)
  const discard = options?.discard
  if (discard === undefined) return undefined
  checkMaker(discard, operation, example)
  return (value) => effectOf((discard as (value: unknown) => Effect.Effect<unknown>)(value), `discard of ${operation}`)
}
