/**
 * Cancellations for packages that run other kinds of coroutine, whose code meets them as what libraries make of them.
 *
 * @since 0.1.0
 */
import type { CancelledError } from "../errors.ts"
import {
  cancelHandlerFor as handlerFor,
  checkCancelHandlers as checkHandlers
} from "../internal/model/cancelHandlers.ts"
import { isCancelled, messageOf, noteRequest, setCause, setWitness } from "../internal/model/CancelledError.ts"
import type { Task } from "../internal/model/Task.ts"
import { requestOf } from "../internal/task/request.ts"
import { retold } from "../internal/task/retelling.ts"
import type { TaskImpl } from "../internal/task/task.ts"

/**
 * Whether a value is a {@link CancelledError}, and nothing else: unlike `instanceof`, it does not count as a look at the error.
 *
 * **Example** (An error and a look-alike)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const lookAlike = { _tag: "CancelledError" }
 * const values = [new asyncio.CancelledError("enough"), lookAlike]
 * values.map(lowlevel.isCancelledError) // => [true, false]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const isCancelledError: (value: unknown) => value is CancelledError = (value) => isCancelled(value)

/**
 * The cancellation `error` as an error of its own, whose `cause` is what a library has made of it. It tells of the same request:
 * a coroutine that ends with it has been cancelled itself.
 *
 * **Example** (What a library has thrown)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const thrown = new DOMException("This operation was aborted", "AbortError")
 * const error = lowlevel.cancellationMadeInto(new asyncio.CancelledError("enough"), thrown)
 * [error.reason, error.cause === thrown] // => ["enough", true]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const cancellationMadeInto = (error: CancelledError, original: unknown): CancelledError => {
  const made = retold(error, messageOf(error))
  noteRequest(made, requestOf(error))
  setCause(made, original)
  return made
}

/**
 * Cancels `task` for the same reason that `error` tells of, with what that knows of the request: kind, deadline, which task has asked which.
 * `message` is used where the error has no reason. False when the task is done already.
 *
 * **Example** (Passed on)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const gone = new asyncio.CancelledError("the client is gone", { kind: "disconnect" })
 *
 * const main = Effect.gen(function*() {
 *   const task = yield* asyncio.createTask(asyncio.sleep("1 hour"))
 *   lowlevel.cancelLikeUnsafe(task, gone, "stopped")
 *   return yield* asyncio.catchCancelled(task, (error) => Effect.succeed(`${error.kind}: ${error.reason}`))
 * })
 *
 * await asyncio.run(main) // => "disconnect: the client is gone"
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const cancelLikeUnsafe = (task: Task<unknown, unknown>, error: CancelledError, message: string): boolean => {
  const reason = error.reason ?? message
  return (task as TaskImpl).cancelWith(retold(error, reason, reason))
}

/**
 * Throws a TypeError where what was given to `operation` is neither a function nor an object with a function for each kind of
 * cancellation, as `catchCancelled` takes it; `example` shows what it may be.
 *
 * **Example** (Looking at what was given, and choosing)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const handlers = { disconnect: () => "gone" }
 * lowlevel.checkCancelHandlers(handlers, "serve()", "serve({ disconnect: () => ... })")
 *
 * const gone = new asyncio.CancelledError("closed", { kind: "disconnect" })
 * const asked = new asyncio.CancelledError("enough")
 * const seen = [gone, asked].map((error) => lowlevel.cancelHandlerFor(handlers, error)?.(error))
 * seen // => ["gone", undefined]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const checkCancelHandlers: (given: unknown, operation: string, example: string) => void = checkHandlers

/**
 * The handler for `error` among what {@link checkCancelHandlers} has looked at; undefined where there is none for its kind.
 *
 * **Example** (One for all, and one for each kind)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const error = new asyncio.CancelledError("enough")
 * const all = lowlevel.cancelHandlerFor(() => "stopped", error)
 * const timeouts = lowlevel.cancelHandlerFor({ timeout: () => "late" }, error)
 * const seen = [all?.(error), timeouts]
 * seen // => ["stopped", undefined]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const cancelHandlerFor: (
  given: object,
  error: CancelledError
) => ((error: CancelledError) => unknown) | undefined = (given, error) => handlerFor(given, error)

/**
 * Has {@link CancelledError} call `look` when the running code asks `error instanceof CancelledError`. `look` takes note of it, and
 * gives whether `error`, which may be anything, is a cancellation of that code. Every witness is called. The returned function
 * removes this one.
 *
 * **Example** (A word of a library for a cancellation)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * class Stopped extends Error {}
 * const isCancellation = () => new Stopped() instanceof asyncio.CancelledError
 *
 * const forget = lowlevel.setCancellationWitness((error) => error instanceof Stopped)
 * const known = isCancellation()
 * forget()
 *
 * const seen = [known, isCancellation()]
 * seen // => [true, false]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const setCancellationWitness: (look: (error: unknown) => boolean) => () => void = setWitness
