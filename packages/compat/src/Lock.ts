/**
 * Mutual exclusion.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import { hold, type Held, use } from "./internal/holding.ts"
import { inLine, runAnywhere } from "./internal/scope.ts"

/**
 * A lock that one task holds at a time; the others wait in the order they came.
 *
 * **asyncio**
 *
 * Same as `asyncio.Lock`. `async with lock` is `lock.use(async () => ...)`, or `using held = await lock.hold()`.
 *
 * **Example** (One after the other)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const lines: Array<string> = []
 * await asyncio.run(async () => {
 *   const lock = new asyncio.Lock()
 *   const work = (name: string) => () =>
 *     lock.use(async () => {
 *       lines.push(`${name} in`)
 *       await asyncio.sleep(1)
 *       lines.push(`${name} out`)
 *     })
 *   await asyncio.gather([work("a"), work("b")])
 * })
 * lines // => ["a in", "a out", "b in", "b out"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Lock {
  /** The same lock as core knows it. */
  readonly core: asyncio.Lock = runAnywhere(asyncio.Lock.make)

  /** Whether somebody holds it. */
  locked(): boolean {
    return this.core.locked()
  }

  /**
   * Waits for the lock and takes it.
   *
   * **Cancellation**
   *
   * A cancelled waiter leaves the line; if it had been given the lock already, the next one gets it.
   */
  acquire(): Promise<true> {
    return inLine("acquire()", (line) => line.run(this.core.acquire))
  }

  /** Gives the lock to the first waiter. Throws `RuntimeError: Lock is not acquired.` when nobody holds it. */
  release(): void {
    runAnywhere(this.core.release)
  }

  /** Runs `body` with the lock held: Python's `async with lock`. */
  use<A>(body: () => PromiseLike<A> | A): Promise<A> {
    return use(this, body)
  }

  /** Waits for the lock, and releases it at the end of the block: `using held = await lock.hold()`. */
  hold(): Promise<Held> {
    return hold(this)
  }

  /** How it prints: what it is and its state, in Python's format. */
  toString(): string {
    return this.core.toString()
  }
}
