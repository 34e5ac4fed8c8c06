/**
 * What a lock, a condition and a semaphore have in common: each is held for a while, as in Python's `async with`.
 */

import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { type InTimeOptions, inTime } from "./inTime.ts"
import { withoutUnhandledRejection } from "./internal/unhandled.ts"
import { liveCurrent } from "./internal/current.ts"
import { Use } from "./internal/use.ts"

/**
 * Gives back at the end of the block: `using held = await lock.hold()`. Giving back twice does nothing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Held extends Disposable, AsyncDisposable {}

/** What core has of a lock, a condition, a semaphore. */
type Core = Pick<asyncio.Lock, "locked" | "acquire" | "releaseUnsafe"> & { toString(): string }

/** The base class of `Lock`, `Condition` and `Semaphore`. */
export abstract class Holdable {
  /** The same object as core knows it. */
  abstract readonly core: Core

  /** Whether `acquire` would wait: a lock is held, a semaphore has no permit left, or others wait already. */
  locked(): boolean {
    return this.core.locked()
  }

  /**
   * Waits until it is free and takes it. With a `timeout`, it is taken in that time or the result is false.
   *
   * **Cancellation**
   *
   * A cancelled waiter leaves the queue; what it had been given already goes to the next one.
   */
  acquire(): Promise<true>
  acquire(options: InTimeOptions): Promise<boolean>
  acquire(options?: InTimeOptions): Promise<boolean> {
    return inTime("acquire()", options, this.core.acquire)
  }

  /**
   * Releases it, to the first waiter if there is one. Throws for a lock that is not held, and for a bounded semaphore that has all
   * its permits; a semaphore gets one more.
   */
  release(): void {
    this.core.releaseUnsafe()
  }

  /** Runs `body` while holding it: Python's `async with`. */
  use<A>(body: () => PromiseLike<A> | A): Promise<A> {
    try {
      lowlevel.checkFunction(body, "use()", "lock.use(async () => ...)")
    } catch (error) {
      return Promise.reject(error)
    }
    const scope = liveCurrent()?.scope
    return scope === undefined
      ? withoutUnhandledRejection(this.#usedOutside(body))
      : (new Use(scope, this.core, body).begin() as Promise<A>)
  }

  /** For code that is in no task: `acquire` waits in a task of its own, if at all. */
  async #usedOutside<A>(body: () => PromiseLike<A> | A): Promise<A> {
    await this.acquire()
    try {
      return await body()
    } finally {
      this.release()
    }
  }

  /** Waits for it, and gives it back at the end of the block: `using held = await lock.hold()`. */
  hold(): Promise<Held> {
    return withoutUnhandledRejection(this.#held())
  }

  async #held(): Promise<Held> {
    await this.acquire()
    return new Holding(this)
  }

  /** How it prints: what it is and its state, in Python's format. */
  toString(): string {
    return this.core.toString()
  }

  /** @internal */
  [lowlevel.inspect](): string {
    return this.toString()
  }
}

/** What a block of code holds until it ends. */
class Holding implements Held {
  // Undefined once it was given back.
  #of: Holdable | undefined

  constructor(of: Holdable) {
    this.#of = of
  }

  [Symbol.dispose](): void {
    const of = this.#of
    this.#of = undefined
    of?.release()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]()
  }

  toString(): string {
    return `<Held ${this.#of ?? "released"}>`
  }

  [lowlevel.inspect](): string {
    return this.toString()
  }
}
