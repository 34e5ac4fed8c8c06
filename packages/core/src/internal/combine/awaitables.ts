/**
 * Anything that can be awaited, as futures of one loop.
 */
import type * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { hasProperty } from "effect/Predicate"
import type { AnyFiber } from "../model/AnyFiber.ts"
import { withHint } from "../model/hints.ts"
import { type Future, isFuture } from "../model/Future.ts"
import { ofOtherLoop } from "../model/arguments.ts"
import { checkCopy } from "../model/copy.ts"
import { cannotAwait } from "../task/cannotAwait.ts"
import type { TaskLoop } from "../task/taskLoop.ts"
import type { FutureImpl } from "../task/future.ts"
import { loopOf } from "../make/loops.ts"
import { AsThrown, awaitPromise } from "../task/promises.ts"
import { describe } from "../model/repr.ts"
import { toTagged } from "../model/thrown.ts"
import type { ExceptionGroup } from "../model/ExceptionGroup.ts"
import type { TaskImpl } from "../task/task.ts"
import { spawn } from "../make/tasks.ts"
import { taskOf } from "../task/current.ts"

/** Where an operation on awaitables was called: the loop, the services new tasks get, the task that will wait. */
export interface Caller {
  readonly loop: TaskLoop
  readonly context: Context.Context<never>
  readonly task: TaskImpl | undefined
}

export const callerOf = (fiber: AnyFiber): Caller => ({
  loop: loopOf(fiber),
  context: fiber.context,
  task: taskOf(fiber)
})

/** A future as it is, anything else that can be awaited as a new task. */
export const toFuture = (caller: Caller, awaitable: unknown): FutureImpl =>
  isFuture(awaitable)
    ? (awaitable as FutureImpl)
    : spawn(caller.loop, caller.context, toCoroutine(caller.loop, awaitable), undefined)

/** {@link toFuture} for a wait of the caller, whose loop has to meet the future's. */
export const toFutureHere = (caller: Caller, awaitable: unknown): FutureImpl => {
  const future = toFuture(caller, awaitable)
  if (future.loop === caller.loop) return future
  checkCopy(future.loop)
  if (future.loop.meets(caller.loop)) return future
  throw ofOtherLoop()
}

/** {@link toFutureHere} for what the caller's task is to cancel and to wait for: that cannot be the task itself. */
export const toMember = (caller: Caller, awaitable: unknown): FutureImpl => {
  const member = toFutureHere(caller, awaitable)
  if (caller.task === member) throw cannotAwait(caller.task, member)
  return member
}

/**
 * Makes futures of several awaitables, in order. A future that is given twice stands in the result twice; an Effect that is given twice
 * runs twice.
 */
export const toFutures = (caller: Caller, awaitables: Iterable<unknown>): ReadonlyArray<FutureImpl> =>
  Array.from(awaitables, (awaitable) => toFutureHere(caller, awaitable))

export const isPromiseLike = (awaitable: unknown): awaitable is PromiseLike<unknown> =>
  hasProperty(awaitable, "then") && typeof awaitable.then === "function"

/** Refuses what cannot be awaited. */
export const checkAwaitable = (awaitable: unknown): void => {
  if (!Effect.isEffect(awaitable) && !isPromiseLike(awaitable)) throw noAwaitable(awaitable)
}

const toCoroutine = (loop: TaskLoop, awaitable: unknown): Effect.Effect<unknown, unknown> => {
  if (Effect.isEffect(awaitable)) return awaitable as Effect.Effect<unknown, unknown>
  if (isPromiseLike(awaitable)) {
    // The task's first step comes later: until then a rejection would count as unhandled, and end the process.
    const answer = awaitPromise(awaitable)
    // When: a promise that stands where something to wait for is expected has rejected. It is the message of the UnknownError around it.
    const settled =
      awaitable instanceof AsThrown ? answer : Effect.mapError(answer, (error) => toTagged(error, "a promise"))
    const over = loop.noteOutsideUnsafe("promise")
    return over === undefined ? settled : Effect.ensuring(settled, Effect.sync(over))
  }
  throw noAwaitable(awaitable)
}

const noAwaitable = (given: unknown): TypeError =>
  // When: something that cannot be awaited stands where something to wait for is expected.
  withHint(
    new TypeError("An asyncio.Future, a coroutine or an awaitable is required"),
    `Give it an Effect, a task, a future or a promise instead of ${describe(given)}.`
  )

/** Whether awaitables are given as a record: an object that is neither a collection nor a single awaitable. */
export const isRecord = (awaitables: unknown): awaitables is Readonly<Record<string, unknown>> =>
  typeof awaitables === "object" &&
  awaitables !== null &&
  !hasProperty(awaitables, Symbol.iterator) &&
  !(hasProperty(awaitables, "then") && typeof awaitables.then === "function")

/** Refuses a single awaitable, or nothing iterable, where a collection is meant. */
export const checkIterable = (awaitables: unknown, expected: string): Iterable<unknown> => {
  if (Effect.isEffect(awaitables) || !hasProperty(awaitables, Symbol.iterator)) {
    throw notACollection(expected, typeName(awaitables))
  }
  return awaitables as Iterable<unknown>
}

const notACollection = (expected: string, given: string): TypeError =>
  // When: a single awaitable, or something that is no collection, stands where several are expected.
  withHint(new TypeError(`${expected}, not ${given}`), "Put them into an array, also a single one: `[task]`.")

const typeName = (value: unknown): string => {
  if (isFuture(value)) return (value as FutureImpl).kind
  return Effect.isEffect(value) ? "coroutine" : value === null ? "null" : typeof value
}

/** The shape of the results of awaitables: that of a tuple, an array or a record as it is, an array for any other iterable. */
export type Shape<T> = T extends ReadonlyArray<unknown> ? T : T extends Iterable<infer Item> ? ReadonlyArray<Item> : T

/** The types of what awaitables give and fail with. */
export type AwaitableSuccess<T> =
  T extends Effect.Effect<infer A, infer _E, infer _R> ? A : T extends PromiseLike<infer A> ? A : never
export type AwaitableError<T> =
  T extends Effect.Effect<infer _A, infer E, infer _R> ? E : T extends PromiseLike<unknown> ? PromiseError : unknown
export type AwaitableServices<T> = T extends Effect.Effect<infer _A, infer _E, infer R> ? R : never

/** What a promise rejects with has no type: it is the `cause` of an error that has one, unless it is a group. */
export type PromiseError = Cause.UnknownError | ExceptionGroup

/** A future or a coroutine, as a program gives it. */
export type Awaitable<A, E = never, R = never> = Future<A, E> | Effect.Effect<A, E, R>
