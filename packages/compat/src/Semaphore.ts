/**
 * At most so many at a time.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import { hold, type Held, use } from "./internal/holding.ts"
import { inLine, runAnywhere } from "./internal/scope.ts"

/**
 * A number of permits; tasks that find none wait in the order they came.
 *
 * **asyncio**
 *
 * Same as `asyncio.Semaphore`.
 *
 * **Example** (Two at a time)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const semaphore = new asyncio.Semaphore(2)
 *   let running = 0
 *   let most = 0
 *   const job = () =>
 *     semaphore.use(async () => {
 *       most = Math.max(most, ++running)
 *       await asyncio.sleep(1)
 *       running--
 *     })
 *   await asyncio.gather([job, job, job, job])
 *   return most
 * }) // => 2
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Semaphore {
  /** The same semaphore as core knows it. */
  readonly core: asyncio.Semaphore

  /** Makes a semaphore with `value` permits. Throws a ValueError when that is negative. */
  constructor(value: number = 1) {
    this.core = this.make(value)
  }

  protected make(value: number): asyncio.Semaphore {
    return runAnywhere(asyncio.Semaphore.make(value))
  }

  /** Whether `acquire` would wait: no permit is free, or others wait for one. */
  locked(): boolean {
    return this.core.locked()
  }

  /**
   * Waits for a permit and takes it.
   *
   * **Cancellation**
   *
   * A cancelled waiter leaves the line; a permit it had been given already goes to the next one.
   */
  acquire(): Promise<true> {
    return inLine("acquire()", (line) => line.run(this.core.acquire))
  }

  /** Gives a permit back, to the first waiter if there is one. */
  release(): void {
    runAnywhere(this.core.release)
  }

  /** Runs `body` with a permit: Python's `async with semaphore`. */
  use<A>(body: () => PromiseLike<A> | A): Promise<A> {
    return use(this, body)
  }

  /** Waits for a permit, and gives it back at the end of the block: `using permit = await semaphore.hold()`. */
  hold(): Promise<Held> {
    return hold(this)
  }

  /** How it prints: what it is and its state, in Python's format. */
  toString(): string {
    return this.core.toString()
  }
}

/**
 * A semaphore that never has more permits than it began with: `release` once too often throws a ValueError.
 *
 * **asyncio**
 *
 * Same as `asyncio.BoundedSemaphore`.
 *
 * **Example** (Released once too often)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const semaphore = new asyncio.BoundedSemaphore(1)
 *   await semaphore.use(() => {})
 *   try {
 *     semaphore.release()
 *   } catch (error) {
 *     return String(error)
 *   }
 *   return "released"
 * }) // => "ValueError: BoundedSemaphore released too many times"
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class BoundedSemaphore extends Semaphore {
  protected override make(value: number): asyncio.BoundedSemaphore {
    return runAnywhere(asyncio.BoundedSemaphore.make(value))
  }
}
