/**
 * Limiting how many do something at a time.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import { ValueError } from "./errors.ts"
import { withHint } from "./internal/model/hints.ts"
import { noteMade } from "./internal/model/made.ts"
import { checkPermits } from "./internal/model/arguments.ts"
import { Attempt, exitTrue } from "./internal/sync/attempt.ts"
import { nameOf, plain } from "./internal/data/text.ts"
import { holding } from "./internal/sync/holding.ts"
import { LoopBinding, WaitQueue } from "./internal/sync/waitQueue.ts"
import { inspect } from "./internal/host/inspect.ts"

/**
 * A number of permits. A task that finds none waits; waiters are served in the order they came.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Semaphore`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore).
 *
 * **Example** (Two at a time)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * let most = 0
 * let now = 0
 * const main = Effect.gen(function*() {
 *   const semaphore = yield* asyncio.Semaphore.make(2)
 *   const job = Effect.gen(function*() {
 *     most = Math.max(most, ++now)
 *     yield* asyncio.sleep(1)
 *     now--
 *   })
 *   yield* asyncio.gather(Array.from({ length: 5 }, () => semaphore.use(job)))
 *   return most
 * })
 *
 * await asyncio.run(main) // => 2
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Semaphore {
  // A bundler may shorten the name of the class.
  static readonly name: string = "Semaphore"

  /** Makes a semaphore with `value` permits. A defect, ValueError, when that is negative. */
  static make(value: number = 1): Effect.Effect<Semaphore> {
    return Effect.sync(() => new Semaphore(value))
  }

  #value: number
  readonly #waiters = new WaitQueue(new LoopBinding(this))

  protected constructor(value: number) {
    checkPermits(value)
    this.#value = value
    noteMade("semaphore", this)
  }

  /** How many permits are free. */
  protected get value(): number {
    return this.#value
  }

  /** Whether `acquire` would wait: no permit is free, or others wait for one. */
  locked(): boolean {
    return this.#value === 0 || !this.#waiters.allCancelled()
  }

  /**
   * Waits for a permit and takes it.
   *
   * **Cancellation**
   *
   * A cancelled waiter leaves the queue; a permit it had been given already goes to the next one.
   */
  readonly acquire: Effect.Effect<true> = new Attempt(
    this.#waiters,
    (called) => (called ? this.#use() : this.locked() ? undefined : this.#take()),
    (given) => {
      // It was given a permit and cannot use it.
      if (given) this.#value++
      this.#wakeAll()
    }
  )

  #take(): Exit.Exit<true> {
    this.#value--
    return exitTrue
  }

  /** Uses the permit that it was woken with. */
  #use(): Exit.Exit<true> {
    this.#wakeAll()
    return exitTrue
  }

  /** Others may have had to wait behind one in the queue although there were permits. */
  #wakeAll(): void {
    while (this.#value > 0 && this.#wakeNext());
  }

  #wakeNext(): boolean {
    if (this.#waiters.wake(1) === 0) return false
    this.#value--
    return true
  }

  /** Gives a permit back, or adds one. */
  get release(): Effect.Effect<void> {
    return Effect.sync(() => this.releaseUnsafe())
  }

  /** {@link release} for callers outside of Effect: throws what is a defect there. */
  releaseUnsafe(): void {
    this.#value++
    this.#wakeNext()
  }

  /** Runs `body` with a permit held: Python's `async with semaphore`. */
  use<A, E, R>(body: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return holding(this.acquire as Attempt<true, never>, this, body)
  }

  /** How it prints: what it is and its state, in Python's format. */
  toString(): string {
    return `<${plain(nameOf(this.constructor))} [${this.locked() ? "locked" : `unlocked, value:${this.#value}`}${this.#waiters}]>`
  }

  /** @internal */
  [inspect](): string {
    return this.toString()
  }
}

/**
 * A semaphore that cannot be given more permits back than it had.
 *
 * **asyncio**
 *
 * Same as [`asyncio.BoundedSemaphore`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.BoundedSemaphore): one release
 * too many is a defect, `ValueError: BoundedSemaphore released too many times`.
 *
 * **Example** (Released once too often)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const semaphore = yield* asyncio.BoundedSemaphore.make(1)
 *   yield* semaphore.use(Effect.void)
 *   return yield* Effect.catchDefect(semaphore.release, (defect) => Effect.succeed(String(defect)))
 * })
 *
 * await asyncio.run(main) // => "ValueError: BoundedSemaphore released too many times"
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class BoundedSemaphore extends Semaphore {
  static override readonly name: string = "BoundedSemaphore"

  /** Makes a semaphore with `value` permits, never more. */
  static override make(value: number = 1): Effect.Effect<BoundedSemaphore> {
    return Effect.sync(() => new BoundedSemaphore(value))
  }

  readonly #bound: number

  private constructor(value: number) {
    super(value)
    this.#bound = value
  }

  override releaseUnsafe(): void {
    if (this.value >= this.#bound) {
      // When: more `release` than `acquire` of a BoundedSemaphore.
      throw withHint(
        new ValueError("BoundedSemaphore released too many times"),
        "Use `semaphore.use(...)`, which releases once and by itself."
      )
    }
    super.releaseUnsafe()
  }
}
