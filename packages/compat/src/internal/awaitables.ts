/**
 * Anything that can be awaited, as futures of core.
 */
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import { Future } from "../Future.ts"
import { type AsyncFunction, createTask } from "../Task.ts"
import { runNow } from "./scope.ts"

/**
 * What can be given where something to wait for is expected: an async function, which becomes a task; a task or a future; an
 * Effect, which becomes a task too; any promise.
 *
 * @category models
 * @since 0.1.0
 */
export type Awaitable<A> = AsyncFunction<A> | PromiseLike<A> | Effect.Effect<A, unknown, unknown>

/**
 * What an awaitable gives.
 *
 * @category models
 * @since 0.1.0
 */
export type AwaitableValue<T> =
  T extends Effect.Effect<infer A, infer _E, infer _R>
    ? A
    : T extends (...args: never) => infer A
      ? Awaited<A>
      : Awaited<T>

/** A future as it is, anything else that can be awaited as a new task. */
export const toCore = (awaitable: unknown): asyncio.Future<unknown, unknown> => {
  if (awaitable instanceof Future) return awaitable.core
  if (typeof awaitable === "function") return createTask(awaitable as AsyncFunction<unknown>).core
  return runNow(asyncio.ensureFuture(awaitable as PromiseLike<unknown>))
}

/** Refuses a single awaitable, or nothing iterable, where a collection is meant. */
export const checkCollection = (awaitables: unknown, expected: string): Iterable<unknown> => {
  if (awaitables instanceof Future) throw new TypeError(`${expected}, not ${awaitables.kind}`)
  if (Effect.isEffect(awaitables)) throw new TypeError(`${expected}, not coroutine`)
  if (typeof (awaitables as Iterable<unknown> | null)?.[Symbol.iterator] !== "function") {
    throw new TypeError(`${expected}, not ${awaitables === null ? "null" : typeof awaitables}`)
  }
  return awaitables as Iterable<unknown>
}
