/**
 * What can be awaited.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { AsyncFunction } from "./Task.ts"

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
