/**
 * Callbacks that wait in the loop's queue.
 *
 * @since 0.1.0
 */
import type * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { ContextVars } from "./ContextVar.ts"

/**
 * A callback scheduled with `EventLoop.callSoon` or `EventLoop.callSoonThreadsafe`.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Handle`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.Handle).
 *
 * **Example** (Taking a callback back)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const lines: Array<string> = []
 * await asyncio.run(async () => {
 *   const handle = asyncio.getRunningLoop().callSoon(() => lines.push("callback"))
 *   handle.cancel()
 *   await asyncio.sleep(0)
 *   lines.push(`cancelled: ${handle.cancelled()}`)
 * })
 * lines // => ["cancelled: true"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Handle {
  /** The same callback as core knows it. */
  readonly core: asyncio.Handle

  /** @internal */
  constructor(core: asyncio.Handle) {
    this.core = core
  }

  /** Takes the callback off the loop. Cancelling twice, or after it ran, does nothing. */
  cancel(): void {
    this.core.cancelUnsafe()
  }

  /** Whether it was cancelled. */
  cancelled(): boolean {
    return this.core.cancelled()
  }

  /** The context variables that the callback sees and sets: those of the code that registered it, copied then. */
  getContext(): ContextVars {
    return new ContextVars(this.core.getContext())
  }

  /** How it prints, in Python's format: a cancelled one has forgotten its callback. */
  toString(): string {
    return this.core.toString()
  }

  /** @internal */
  [lowlevel.inspect](): string {
    return this.toString()
  }
}

/**
 * A callback scheduled with `EventLoop.callLater` or `EventLoop.callAt`.
 *
 * **asyncio**
 *
 * Same as [`asyncio.TimerHandle`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.TimerHandle); `when` is in
 * milliseconds.
 *
 * **Example** (When it is due)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const loop = asyncio.getRunningLoop()
 *   const timer = loop.callAt(loop.time() + 1000, () => {})
 *   timer.cancel()
 *   return timer.when() > loop.time()
 * }) // => true
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class TimerHandle extends Handle {
  declare readonly core: asyncio.TimerHandle

  /** The time it is due, in milliseconds on the loop's clock (`EventLoop.time`). */
  when(): number {
    return this.core.when()
  }
}
