/**
 * Waiting, under a lock, for a state that other tasks change.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Holdable } from "./holding.ts"
import { type InTimeOptions, inTime } from "./inTime.ts"
import { inScope } from "./internal/scopes.ts"
import { runAnywhere } from "./internal/current.ts"
import { Lock } from "./Lock.ts"

/**
 * A queue of tasks that wait, under a lock, for a state that other tasks change and notify them of.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Condition`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Condition).
 *
 * **Example** (Waiting for enough)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const condition = new asyncio.Condition()
 *   let stock = 0
 *   const buyer = asyncio.createTask(() =>
 *     condition.use(async () => {
 *       await condition.waitFor(() => stock >= 2)
 *       return "bought"
 *     })
 *   )
 *   for (let i = 0; i < 2; i++) {
 *     await condition.use(() => {
 *       stock++
 *       condition.notifyAll()
 *     })
 *     await asyncio.sleep(0)
 *   }
 *   return await buyer
 * }) // => "bought"
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Condition extends Holdable {
  /** The same condition as core knows it. */
  override readonly core: asyncio.Condition

  /** Makes a condition over `lock`, or over a lock of its own. Several conditions may share a lock. */
  constructor(lock?: Lock) {
    super()
    if (lock !== undefined && !(lock instanceof Lock)) {
      // When: a condition is made over something that is no lock.
      throw lowlevel.unexpectedValue(
        "a Lock was expected by Condition",
        lock,
        "Give it a lock, or nothing for one of its own."
      )
    }
    this.core = runAnywhere(asyncio.Condition.make(lock?.core))
  }

  /**
   * Releases the lock, waits to be notified, and takes the lock again. Rejects with `RuntimeError: cannot wait on
   * un-acquired lock` when the lock is not held. May end without reason: look at the state again, or use {@link waitFor}. With a `timeout`, it is
   * notified in that time or gives false.
   *
   * **Cancellation**
   *
   * The lock is taken again first, however many cancellations arrive; a notification the task can no longer use goes
   * to the next one.
   */
  wait(): Promise<true>
  wait(options: InTimeOptions): Promise<boolean>
  wait(options?: InTimeOptions): Promise<boolean> {
    return inTime("wait()", options, this.core.wait)
  }

  /**
   * Waits until `predicate` gives something true, and gives that. It is asked once before, and once after every
   * notification.
   *
   * **Cancellation**
   *
   * As {@link wait}.
   */
  waitFor<A>(predicate: () => A): Promise<A> {
    return inScope("waitFor()", (scope) => scope.run(this.core.waitFor(predicate)))
  }

  /**
   * Wakes up to `count` waiters, in the order they came; they run when the lock is free. Throws `RuntimeError: cannot
   * notify on un-acquired lock` when the lock is not held.
   */
  notify(count?: number): void {
    runAnywhere(this.core.notify(count))
  }

  /** Wakes every waiter; see {@link notify}. */
  notifyAll(): void {
    runAnywhere(this.core.notifyAll)
  }
}
