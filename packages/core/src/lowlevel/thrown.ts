/**
 * What other kinds of coroutine throw, as errors of Effects, and back.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import type { CancelledError } from "../errors.ts"
import type { ExceptionGroup } from "../ExceptionGroup.ts"
import * as thrown from "../internal/model/thrown.ts"
import { AsThrown } from "../internal/task/promises.ts"

/**
 * What an Effect fails with that runs other code, `operation`, where this has thrown `error`: Effect's `UnknownError`, with `error` as its
 * cause. A cancellation and an {@link ExceptionGroup} have a tag and stay as they are; so does a `KeyboardInterrupt`, which is for the
 * whole program.
 *
 * **Example** (There and back)
 *
 * ```ts import.meta.vitest
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const error = new RangeError("too big")
 * const tagged = lowlevel.toTagged(error, "runMachine()")
 *
 * const seen = [tagged._tag, tagged.message, lowlevel.toThrown(tagged) === error]
 * seen // => ["UnknownError", "An error occurred in runMachine()", true]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const toTagged: (error: unknown, operation: string) => Cause.UnknownError | CancelledError | ExceptionGroup =
  thrown.toTagged

/**
 * What was thrown that {@link toTagged} has made an error of, and any other error as it is. A group with such errors in it becomes one of
 * what was thrown, always the same.
 *
 * **Example** (In a group)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const error = new RangeError("too big")
 * const group = new asyncio.ExceptionGroup("failed", [lowlevel.toTagged(error, "runMachine()")])
 *
 * const thrown = lowlevel.toThrown(group) as asyncio.ExceptionGroup
 * thrown.errors // => [error]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const toThrown: (error: unknown) => unknown = thrown.toThrown

/**
 * A promise that a task, `gather`, `race` and their like follow as any other, but without {@link toTagged}: they fail with what it rejects
 * with. For kinds of coroutine whose errors have no types.
 *
 * **Example** (The very object)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const error = new RangeError("too big")
 *
 * const main = Effect.gen(function*() {
 *   const plain = yield* asyncio.ensureFuture(Promise.reject(error))
 *   const asItIs = yield* asyncio.ensureFuture(lowlevel.asThrown(Promise.reject(error)))
 *   return [yield* Effect.flip(plain), yield* Effect.flip(asItIs)].map(String)
 * })
 *
 * await asyncio.run(main) // => ["UnknownError: An error occurred in a promise", "RangeError: too big"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const asThrown = <A>(promise: PromiseLike<A>): PromiseLike<A> => new AsThrown(promise)
