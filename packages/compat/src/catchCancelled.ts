/**
 * Catching a cancellation and nothing else.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { endedQuietly, raised } from "./internal/arrival.ts"
import { isDeep, nested } from "./internal/promiseScope.ts"
import { inScopeAsync } from "./internal/scopes.ts"

/**
 * What to do about each kind of cancellation, see {@link catchCancelled}. A kind without a handler passes.
 *
 * @category cancellation
 * @since 0.1.0
 */
export type CancelHandlers = {
  readonly [K in asyncio.CancellationKind]?: ((error: asyncio.CancelledErrorOf<K>) => unknown) | undefined
}

/** Refuses what is no kind: handlers of their own type are not checked for names too many. */
type OnlyKinds<H> = { readonly [K in Exclude<keyof H, asyncio.CancellationKind>]: never }

type Handled<H> = Exclude<H[keyof H], undefined> extends (error: never) => infer Made ? Awaited<Made> : never

/**
 * Runs `body`; if it ends cancelled, calls `handler` and goes on with what that gives. With an object of handlers, calls the one for the
 * cancellation's `kind`, and lets the others pass.
 *
 * **Details**
 *
 * The same as `try` and `catch` with a check for {@link CancelledError}, also for what hosts and libraries
 * make of a cancellation: see {@link isCancelled}. Every other error passes. Where a library that was given the signal has ended
 * quietly, as the streams of some SDKs do, the result is dropped, and `handler` is called.
 *
 * **Cancellation**
 *
 * Catches it. Say so with `task.uncancel()` if the task is to go on for long: timeouts and groups around it look at the
 * count.
 *
 * **asyncio**
 *
 * Same as [`except asyncio.CancelledError`](https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.CancelledError).
 *
 * **Example** (A default)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const task = asyncio.createTask(() =>
 *     asyncio.catchCancelled(
 *       () => asyncio.sleep("1 hour", "done"),
 *       (error) => `stopped: ${error.reason}`
 *     )
 *   )
 *   await asyncio.sleep(0)
 *   task.cancel("enough")
 *   return await task
 * }) // => "stopped: enough"
 * ```
 *
 * **Example** (Each kind by itself)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const request = () =>
 *   asyncio.catchCancelled(() => asyncio.sleep("1 hour", 200), {
 *     disconnect: () => 499,
 *     timeout: (error) => (error.deadline > 0 ? 504 : 503)
 *   })
 *
 * await asyncio.run(async () => {
 *   const task = asyncio.createTask(request)
 *   await asyncio.sleep(0)
 *   task.cancel("the client is gone", { kind: "disconnect" })
 *   return await task
 * }) // => 499
 * ```
 *
 * @category cancellation
 * @since 0.1.0
 */
export const catchCancelled: {
  <A, H extends CancelHandlers>(body: () => PromiseLike<A> | A, handlers: H & OnlyKinds<H>): Promise<A | Handled<H>>
  <A, B>(body: () => PromiseLike<A> | A, handler: (error: asyncio.CancelledError) => PromiseLike<B> | B): Promise<A | B>
} = (body: () => unknown, given: Handler | CancelHandlers): Promise<any> =>
  inScopeAsync("catchCancelled()", async (scope) => {
    lowlevel.checkFunction(body, "catchCancelled()", "catchCancelled(async () => ..., async (error) => ...)")
    const example = "catchCancelled(async () => ..., async (error) => ...)` or `(..., { timeout: (error) => ... })"
    lowlevel.checkCancelHandlers(given, "catchCancelled()", example)
    const handle = (error: asyncio.CancelledError): unknown => {
      const handler = lowlevel.cancelHandlerFor(given, error)
      if (handler === undefined) throw error
      return handler(error)
    }
    let value: unknown
    try {
      if (isDeep()) await Promise.resolve()
      value = await nested(body)
    } catch (error) {
      const ended = raised(scope, error)
      if (lowlevel.isCancelledError(ended)) return await handle(ended)
      throw ended
    }
    const unseen = endedQuietly(scope)
    return unseen === undefined ? value : await handle(unseen)
  })

type Handler = (error: asyncio.CancelledError) => unknown
