/**
 * A point where tasks wait for each other.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { withoutUnhandledRejection } from "./internal/unhandled.ts"
import { callWith } from "./internal/callWith.ts"
import { inScope } from "./internal/scopes.ts"
import { runAnywhere } from "./internal/current.ts"

/**
 * A point where a fixed number of tasks wait for each other, again and again.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Barrier`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Barrier).
 *
 * **Example** (Starting together)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const barrier = new asyncio.Barrier(2)
 *   return await asyncio.gather([() => barrier.wait(), () => barrier.wait()])
 * }) // => [0, 1]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Barrier {
  /** The same barrier as core knows it. */
  readonly core: asyncio.Barrier

  /** Makes a barrier for `parties` tasks. Throws a ValueError when that is less than one. */
  constructor(parties: number) {
    this.core = runAnywhere(asyncio.Barrier.make(parties))
  }

  /** How many tasks have to arrive. */
  get parties(): number {
    return this.core.parties
  }

  /** How many tasks wait for the others. */
  nWaiting(): number {
    return this.core.nWaiting()
  }

  /** Whether it was aborted. */
  broken(): boolean {
    return this.core.broken()
  }

  /**
   * Waits until `parties` tasks have called it, and gives each its own number from 0. Rejects with
   * {@link BrokenBarrierError} when the barrier is broken, or is reset or aborted meanwhile.
   *
   * **Cancellation**
   *
   * A cancelled task no longer counts; the others go on waiting.
   */
  wait(): Promise<number> {
    return inScope("wait()", (scope) => scope.run(this.core.wait))
  }

  /** Runs `body` once all tasks have arrived: Python's `async with barrier`. */
  use<A>(body: (index: number) => PromiseLike<A> | A): Promise<A> {
    return withoutUnhandledRejection(this.#used(body))
  }

  async #used<A>(body: (index: number) => PromiseLike<A> | A): Promise<A> {
    lowlevel.checkFunction(body, "use()", "barrier.use(async (index) => ...)")
    const index = await this.wait()
    return await callWith(body, () => index)
  }

  /** Starts over. Tasks that wait are rejected with {@link BrokenBarrierError}. */
  reset(): Promise<void> {
    return inScope("reset()", (scope) => scope.run(this.core.reset))
  }

  /** Breaks it. Tasks that wait, and those that will, are rejected with {@link BrokenBarrierError}. */
  abort(): Promise<void> {
    return inScope("abort()", (scope) => scope.run(this.core.abort))
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
