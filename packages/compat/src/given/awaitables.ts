/**
 * What is to be awaited, as futures of core; and the wrappers of these.
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Effect from "effect/Effect"
import { Future } from "../Future.ts"
import { checkBody } from "../internal/checkBody.ts"
import { runNow } from "../internal/current.ts"
import { type AsyncFunction, createTask, Task } from "../Task.ts"

/** A future as it is, anything else that can be awaited as a new task. */
export const toCore = (awaitable: unknown): asyncio.Future<unknown, unknown> => {
  if (awaitable instanceof Future) return awaitable.core
  if (typeof awaitable === "function") return createTask(awaitable as AsyncFunction<unknown>).core
  checkAwaitable(awaitable)
  if (Effect.isEffect(awaitable)) return runNow(asyncio.ensureFuture(awaitable as Effect.Effect<unknown, unknown>))
  return runNow(asyncio.ensureFuture(lowlevel.asThrown(awaitable as PromiseLike<unknown>)))
}

/** The wrapper of a future of core: a {@link Task} for a task. */
export const wrapperFor = (core: asyncio.Future<unknown, unknown>): Future<unknown> =>
  asyncio.isTask(core) ? Task.of(core) : Future.of(core)

/** Refuses what cannot be awaited. */
export const checkAwaitable = (awaitable: unknown): void => {
  if (typeof awaitable === "function") return checkBody(awaitable)
  const isAwaitable =
    Effect.isEffect(awaitable) || typeof (awaitable as PromiseLike<unknown> | null | undefined)?.then === "function"
  if (isAwaitable) return
  // When: something that cannot be awaited stands where something to wait for is expected.
  throw lowlevel.withHint(
    new TypeError("An asyncio.Future, a coroutine or an awaitable is required"),
    "Give it an async function (not its result), a task, a future or a promise; look at the order of the arguments."
  )
}

/** Refuses a single awaitable, or nothing iterable, where a collection is meant. */
export const checkCollection = (awaitables: unknown, expected: string): Iterable<unknown> =>
  // The characters of a string are refused one by one, as in Python.
  typeof awaitables === "string"
    ? awaitables
    : lowlevel.checkIterable(awaitables instanceof Future ? awaitables.core : awaitables, expected)
