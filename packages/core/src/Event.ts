/**
 * A flag that tasks can wait for.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { Attempt, exitTrue } from "./internal/sync/attempt.ts"
import { LoopBinding, WaitQueue } from "./internal/sync/waitQueue.ts"
import { inspect } from "./internal/host/inspect.ts"

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
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const ready = yield* asyncio.Event.make()
 *   const worker = yield* asyncio.createTask(Effect.as(ready.wait, "started"))
 *   yield* asyncio.sleep(0)
 *   yield* ready.set
 *   return yield* worker
 * })
 *
 * await asyncio.run(main) // => "started"
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Event {
  /** Makes an unset event. */
  static make(): Effect.Effect<Event> {
    return Effect.sync(() => new Event())
  }

  #set = false
  readonly #waiters = new WaitQueue(new LoopBinding(this))

  /** Whether the flag is set. */
  isSet(): boolean {
    return this.#set
  }

  /** Sets the flag and wakes every task that waits, even if it is cleared before they run. */
  readonly set: Effect.Effect<void> = Effect.sync(() => {
    if (this.#set) return
    this.#set = true
    this.#waiters.wake(Infinity)
  })

  /** Clears the flag: from now on `wait` waits. */
  readonly clear: Effect.Effect<void> = Effect.sync(() => {
    this.#set = false
  })

  /**
   * Waits until the flag is set; does not suspend when it is.
   *
   * **Cancellation**
   *
   * A cancelled waiter leaves the queue; the others keep their place.
   */
  readonly wait: Effect.Effect<true> = new Attempt(
    this.#waiters,
    (called) => (called || this.#set ? exitTrue : undefined),
    () => {}
  )

  /** How it prints: what it is and its state, in Python's format. */
  toString(): string {
    return `<Event [${this.#set ? "set" : "unset"}${this.#waiters}]>`
  }

  /** @internal */
  [inspect](): string {
    return this.toString()
  }
}
