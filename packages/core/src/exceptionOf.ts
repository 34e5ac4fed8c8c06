/**
 * What Python would call the exception.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import { cancellationOf } from "./internal/task/cancellation.ts"
import { unexpectedValue } from "./internal/model/hints.ts"

/**
 * The one error that a cause stands for: the {@link CancelledError} of a cancellation, however it arrived, and otherwise
 * the failure or the defect.
 *
 * **When to use**
 *
 * Use it at the edge, where an Effect's end is told to code that knows exceptions only.
 *
 * **Example** (A cancellation as a value)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Cause, Effect } from "effect"
 *
 * asyncio.exceptionOf(Cause.fail("no")) // => "no"
 *
 * const main = Effect.gen(function*() {
 *   const task = yield* asyncio.createTask(asyncio.sleep("1 hour"))
 *   yield* task.cancel("bye")
 *   const exit = yield* Effect.exit(task)
 *   return exit._tag === "Failure" ? String(asyncio.exceptionOf(exit.cause)) : "none"
 * })
 *
 * await asyncio.run(main) // => "CancelledError: bye"
 * ```
 *
 * @category converting
 * @since 0.1.0
 */
export const exceptionOf = <E>(cause: Cause.Cause<E>): unknown => {
  // When: `exceptionOf` got an error, or an exit, and no cause.
  if (!Cause.isCause(cause)) {
    throw unexpectedValue("a Cause was expected by exceptionOf()", cause, "Give it `exit.cause` of a failed Exit.")
  }
  return cancellationOf(cause) ?? Cause.squash(cause)
}
