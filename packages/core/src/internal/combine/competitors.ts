/**
 * Looks at what is to compete, before any of it begins.
 */
import * as Effect from "effect/Effect"
import { checkFunction, checkOptions } from "../model/arguments.ts"
import { checkAwaitable, checkIterable } from "./awaitables.ts"
import { nobodyCompetes, type Rules } from "./contest.ts"

export const checkCompetitors = (awaitables: Iterable<unknown>, operation: string): ReadonlyArray<unknown> => {
  const members = [...checkIterable(awaitables, `${operation} expects a list of awaitables`)]
  if (members.length === 0) throw nobodyCompetes(operation)
  for (const member of members) checkAwaitable(member)
  return members
}

export const discardIn = (options: { readonly discard?: unknown } | undefined, operation: string): Rules["discard"] => {
  const example = "{ discard: (value) => ... }"
  checkOptions(options, operation, example)
  const discard = options?.discard
  if (discard === undefined) return undefined
  checkFunction(discard, operation, example)
  return discard as (value: unknown) => Effect.Effect<unknown, unknown>
}
