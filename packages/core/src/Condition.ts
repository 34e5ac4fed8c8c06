/**
 * Waiting, under a lock, for a state that other tasks change.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { RuntimeError } from "./errors.ts"
import { unexpectedValue, withHint } from "./internal/model/hints.ts"
import { checkCount, checkFunction } from "./internal/model/arguments.ts"
import { type Restore, untilNotCancelled } from "./internal/task/untilNotCancelled.ts"
import { LoopBinding, WaitQueue } from "./internal/sync/waitQueue.ts"
import { Lock } from "./Lock.ts"
import { inspect } from "./internal/host/inspect.ts"

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
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const condition = yield* asyncio.Condition.make()
 *   let stock = 0
 *   const buyer = yield* asyncio.createTask(
 *     condition.use(Effect.as(condition.waitFor(() => stock >= 2), "bought"))
 *   )
 *   for (let i = 0; i < 2; i++) {
 *     yield* condition.use(Effect.andThen(Effect.sync(() => stock++), condition.notifyAll))
 *     yield* asyncio.sleep(0)
 *   }
 *   return yield* buyer
 * })
 *
 * await asyncio.run(main) // => "bought"
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Condition {
  /** Makes a condition over `lock`, or over a lock of its own. Several conditions may share a lock. */
  static make(lock?: Lock): Effect.Effect<Condition> {
    return lock === undefined
      ? Effect.map(Lock.make(), (own) => new Condition(own))
      : Effect.sync(() => {
          if (lock instanceof Lock) return new Condition(lock)
          // When: a condition is made over something that is no lock.
          throw unexpectedValue(
            "a Lock was expected by Condition",
            lock,
            "Give it a lock, or nothing for one of its own."
          )
        })
  }

  readonly #lock: Lock
  readonly #binding = new LoopBinding(this)
  readonly #waiters = new WaitQueue(this.#binding)

  private constructor(lock: Lock) {
    this.#lock = lock
  }

  /** Whether the lock is held. */
  locked(): boolean {
    return this.#lock.locked()
  }

  /** Waits for the lock and takes it; see `Lock.acquire`. */
  get acquire(): Effect.Effect<true> {
    return this.#lock.acquire
  }

  /** Releases the lock; see `Lock.release`. */
  get release(): Effect.Effect<void> {
    return this.#lock.release
  }

  /** The tasks that hold the lock. @internal */
  holders(): ReadonlyArray<number> {
    return this.#lock.holders()
  }

  /** {@link release} for callers outside of Effect: throws what is a defect there. */
  releaseUnsafe(): void {
    this.#lock.releaseUnsafe()
  }

  /** Runs `body` with the lock held: Python's `async with condition`. */
  use<A, E, R>(body: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return this.#lock.use(body)
  }

  /**
   * Releases the lock, waits to be notified, and takes the lock again. A defect, `RuntimeError: cannot wait on
   * un-acquired lock`, when the lock is not held. May end without reason: look at the state again, or use {@link waitFor}.
   *
   * **Cancellation**
   *
   * The lock is taken again first, however many cancellations arrive; a notification the task can no longer use goes
   * to the next one.
   */
  readonly wait: Effect.Effect<true> = Effect.suspend(() => {
    // When: `wait` or `waitFor` of a condition whose lock is not acquired.
    if (!this.locked()) {
      throw withHint(new RuntimeError("cannot wait on un-acquired lock"), "Wait inside `condition.use(...)`.")
    }
    // Fails on the wrong loop, with the lock still held.
    this.#binding.get()
    const waiting = Effect.uninterruptibleMask((restore) => this.#waitInside(restore))
    // Around the mask, because an interruption that had to wait for the mask's end fails there.
    return Effect.onError(waiting, () => Effect.sync(() => this.#waiters.wake(1)))
  })

  #waitInside(restore: Restore): Effect.Effect<true> {
    const notified = Effect.andThen(this.release, this.#waiters.wait(restore))
    return Effect.flatMap(Effect.exit(notified), (exit) => {
      // The last cancellation wins, as in Python.
      let failure: Exit.Exit<never> | undefined = Exit.isSuccess(exit) ? undefined : Exit.failCause(exit.cause)
      const reacquire = untilNotCancelled(
        restore,
        (inner) => this.#lock.acquireInside(inner),
        (cancelled) => (failure = cancelled)
      )
      return Effect.flatMap(reacquire, () => failure ?? Effect.succeed(true as const))
    })
  }

  /**
   * Waits until `predicate` gives something true, and gives that. It is asked once before, and once after every
   * notification.
   *
   * **Cancellation**
   *
   * As {@link wait}.
   */
  waitFor<A, E = never, R = never>(predicate: () => A | Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    const ask = Effect.suspend((): Effect.Effect<A, E, R> => {
      checkFunction(predicate, "waitFor()", "condition.waitFor(() => stock > 0)")
      const answer = predicate()
      return Effect.isEffect(answer) ? answer : Effect.succeed(answer)
    })
    const asking: Effect.Effect<A, E, R> = Effect.flatMap(ask, (answer) =>
      answer ? Effect.succeed(answer) : Effect.andThen(this.wait, asking)
    )
    return asking
  }

  /**
   * Wakes up to `count` waiters, in the order they came; they run when the lock is free. A defect, `RuntimeError:
   * cannot notify on un-acquired lock`, when the lock is not held.
   */
  notify(count: number = 1): Effect.Effect<void> {
    return Effect.sync(() => {
      // When: `notify` or `notifyAll` of a condition whose lock is not acquired.
      if (!this.locked()) {
        throw withHint(new RuntimeError("cannot notify on un-acquired lock"), "Notify inside `condition.use(...)`.")
      }
      checkCount(count)
      this.#waiters.wake(count)
    })
  }

  /** Wakes every waiter; see {@link notify}. */
  get notifyAll(): Effect.Effect<void> {
    return this.notify(Infinity)
  }

  /** How it prints: what it is and its state, in Python's format. */
  toString(): string {
    return `<Condition [${this.locked() ? "locked" : "unlocked"}${this.#waiters}]>`
  }

  /** @internal */
  [inspect](): string {
    return this.toString()
  }
}
