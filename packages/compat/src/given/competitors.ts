/**
 * What is to compete, for core.
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Effect from "effect/Effect"
import { Future } from "../Future.ts"
import { createTask } from "../Task.ts"
import { checkAwaitable, checkCollection, toCore } from "./awaitables.ts"

/** Starts what has not begun; none of it where anything cannot be awaited. Promises of others are core's to look after. */
export const toCompetitors = (
  awaitables: Iterable<unknown>,
  operation: string
): ReadonlyArray<asyncio.Future<unknown, unknown> | PromiseLike<unknown>> => {
  const members = [...checkCollection(awaitables, `${operation} expects a list of awaitables`)]
  for (const member of members) checkAwaitable(member)
  return members.map((member) => (isForeign(member) ? lowlevel.asThrown(member) : toCore(member)))
}

const isForeign = (member: unknown): member is PromiseLike<never> =>
  !(member instanceof Future) && !Effect.isEffect(member) && typeof member !== "function"

/** Options as core takes them: a discard is a task of ours. */
export const toCoreOptions = (
  options: { readonly discard?: ((value: never) => unknown) | undefined } | undefined,
  operation: string
): asyncio.RaceOptions<unknown> => {
  const example = "{ discard: (value) => ... }"
  lowlevel.checkOptions(options, operation, example)
  const discard = options?.discard as ((value: unknown) => unknown) | undefined
  if (discard === undefined) return {}
  lowlevel.checkFunction(discard, operation, example)
  return { discard: (value) => createTask(() => discard(value)).core }
}

/** What `staggered` begins later, as functions. */
export function* toBeginners(coroutines: Iterable<unknown>): Generator<() => Effect.Effect<unknown, unknown>, void> {
  for (const coroutine of coroutines) {
    if (typeof coroutine !== "function" && !Effect.isEffect(coroutine)) throw hasBegun(coroutine)
    yield () => toCore(coroutine)
  }
}

const hasBegun = (coroutine: unknown): TypeError =>
  // When: `staggered` got a task or a promise, which has begun already.
  lowlevel.unexpectedValue(
    "a coroutine function was expected by staggered()",
    coroutine,
    "Give it what has not begun: `staggered(250, [() => connect(a), () => connect(b)])`."
  )
