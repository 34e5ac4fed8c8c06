/**
 * Mutual exclusion.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import { RuntimeError } from "./errors.ts"
import { withHint } from "./internal/model/hints.ts"
import { noteMade } from "./internal/model/made.ts"
import type { Restore } from "./internal/task/untilNotCancelled.ts"
import { Attempt, exitTrue } from "./internal/sync/attempt.ts"
import { holding } from "./internal/sync/holding.ts"
import { LoopBinding, WaitQueue } from "./internal/sync/waitQueue.ts"
import type { TaskImpl } from "./internal/task/task.ts"
import { inspect } from "./internal/host/inspect.ts"

/**
 * A lock that one holder has at a time. Waiters get it in the order they came.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Lock`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Lock). It has no owner: any task may
 * release it.
 *
 * **Example** (One at a time)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const lines: Array<string> = []
 * const main = Effect.gen(function*() {
 *   const lock = yield* asyncio.Lock.make()
 *   const critical = Effect.fn("critical")(function*(name: string) {
 *     lines.push(`${name} enters`)
 *     yield* asyncio.sleep(1)
 *     lines.push(`${name} leaves`)
 *   })
 *   yield* asyncio.gather([lock.use(critical("a")), lock.use(critical("b"))])
 * })
 *
 * await asyncio.run(main)
 * lines // => ["a enters", "a leaves", "b enters", "b leaves"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Lock {
  /** Makes an unlocked lock. */
  static make(): Effect.Effect<Lock> {
    return Effect.sync(() => {
      const lock = new Lock()
      noteMade("lock", lock)
      return lock
    })
  }

  // The number of the task that has taken the lock, 0 where that is not known; undefined while the lock is free. A number keeps no
  // task alive that ends without a release.
  #holder: number | undefined = undefined
  readonly #waiters = new WaitQueue(new LoopBinding(this))

  /** Whether it is held. */
  locked(): boolean {
    return this.#holder !== undefined
  }

  /** The tasks that hold it, by their numbers. @internal */
  holders(): ReadonlyArray<number> {
    return this.#holder === undefined || this.#holder === 0 ? [] : [this.#holder]
  }

  /**
   * Waits for the lock and takes it.
   *
   * **Cancellation**
   *
   * A cancelled waiter leaves the queue; if it had been given the lock already, the next one gets it.
   */
  readonly acquire: Effect.Effect<true> = new Attempt(
    this.#waiters,
    (called, task) => (called || this.#isFree() ? this.#take(task) : undefined),
    () => {
      if (!this.locked()) this.#waiters.wakeFirst()
    }
  )

  #isFree(): boolean {
    return !this.locked() && this.#waiters.allCancelled()
  }

  /**
   * {@link acquire} for code that is inside an uninterruptible mask already.
   *
   * @internal
   */
  acquireInside(restore: Restore): Effect.Effect<true> {
    return (this.acquire as Attempt<true, never>).inside(restore)
  }

  #take(task: TaskImpl | undefined): Exit.Exit<true> {
    this.#holder = task?.id ?? 0
    return exitTrue
  }

  readonly #giveBack = (): void => this.releaseUnsafe()

  /** Gives the lock to the first waiter. A defect, `RuntimeError: Lock is not acquired.`, when it is not held. */
  readonly release: Effect.Effect<void> = Effect.sync(this.#giveBack)

  /** {@link release} for callers outside of Effect: throws what is a defect there. */
  releaseUnsafe(): void {
    // When: `release` of a lock, or of a condition, that is not acquired.
    if (!this.locked()) {
      throw withHint(
        new RuntimeError("Lock is not acquired."),
        "Use `lock.use(...)`, which releases once and by itself."
      )
    }
    this.#holder = undefined
    this.#waiters.wakeFirst()
  }

  /** Runs `body` with the lock held: Python's `async with lock`. */
  use<A, E, R>(body: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return holding(this.acquire as Attempt<true, never>, this, body)
  }

  /** How it prints: what it is and its state, in Python's format. */
  toString(): string {
    return `<Lock [${this.locked() ? "locked" : "unlocked"}${this.#waiters}]>`
  }

  /** @internal */
  [inspect](): string {
    return this.toString()
  }
}
