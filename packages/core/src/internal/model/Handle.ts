/**
 * What the handle of a callback is.
 */
import type * as Effect from "effect/Effect"
import type { ContextVars } from "./ContextVars.ts"

/**
 * A callback scheduled with `EventLoop.callSoon`.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Handle`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.Handle).
 *
 * **Example** (What the callback sees)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 *
 * const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   yield* user.set("ada")
 *   const handle = yield* loop.callSoon(() => {})
 *   yield* user.set("grace")
 *   return [handle.getContext().values.get(user), handle.cancelled()]
 * })
 *
 * await asyncio.run(main) // => ["ada", false]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface Handle {
  /** Takes the callback off the loop. Cancelling twice, or after it ran, does nothing. */
  readonly cancel: Effect.Effect<void>
  /** {@link cancel} for callers outside of Effect. */
  cancelUnsafe(): void
  /** Whether it was cancelled. */
  cancelled(): boolean
  /** The context variables that the callback sees and sets: those of the code that registered it, copied then. */
  getContext(): ContextVars
  /** How it prints, in Python's format: `<Handle f()>`. A cancelled one has forgotten its callback. */
  toString(): string
}

/**
 * A callback scheduled with `EventLoop.callLater` or `EventLoop.callAt`.
 *
 * **asyncio**
 *
 * Same as [`asyncio.TimerHandle`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.TimerHandle); `when` is in
 * milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface TimerHandle extends Handle {
  /** The time it is due, in milliseconds on the loop's clock (`EventLoop.time`). */
  when(): number
}
