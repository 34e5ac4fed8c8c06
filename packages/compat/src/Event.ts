/**
 * A flag that tasks can wait for.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import { inspect } from "@effect-asyncio/core/lowlevel"
import { type InTimeOptions, inTime } from "./inTime.ts"
import { runAnywhere } from "./internal/current.ts"

/**
 * A flag that tasks can wait for. It starts unset.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Event`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Event): a set that is followed at once by
 * a clear still wakes every task that was waiting.
 *
 * **Example** (Holding a worker until the data is ready)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const ready = new asyncio.Event()
 *   const worker = asyncio.createTask(async () => {
 *     await ready.wait()
 *     return "started"
 *   })
 *   ready.set()
 *   return await worker
 * }) // => "started"
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Event {
  /** The same event as core knows it. */
  readonly core: asyncio.Event = runAnywhere(asyncio.Event.make())

  /** Whether the flag is set. */
  isSet(): boolean {
    return this.core.isSet()
  }

  /** Sets the flag and wakes every task that waits, even if it is cleared before they run. */
  set(): void {
    runAnywhere(this.core.set)
  }

  /** Clears the flag: from now on `wait` waits. */
  clear(): void {
    runAnywhere(this.core.clear)
  }

  /**
   * Waits until the flag is set. With a `timeout`, for so long at most: then it gives whether the flag was set.
   *
   * **Cancellation**
   *
   * A cancelled waiter leaves the queue; the others keep their place.
   */
  wait(): Promise<true>
  wait(options: InTimeOptions): Promise<boolean>
  wait(options?: InTimeOptions): Promise<boolean> {
    return inTime("wait()", options, this.core.wait)
  }

  /** How it prints: what it is and its state, in Python's format. */
  toString(): string {
    return this.core.toString()
  }

  /** @internal */
  [inspect](): string {
    return this.toString()
  }
}
