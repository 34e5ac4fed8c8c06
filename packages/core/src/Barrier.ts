/**
 * A point where tasks wait for each other.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { Condition } from "./Condition.ts"
import { BrokenBarrierError } from "./errors.ts"
import { withHint } from "./internal/model/hints.ts"
import { checkParties } from "./internal/model/arguments.ts"
import {
  checkMaker,
  effectOf,
  type Made,
  type MadeError,
  type MadeServices,
  type MadeSuccess
} from "./internal/model/bodies.ts"
import { inspect } from "./internal/host/inspect.ts"

/**
 * A point where a fixed number of tasks wait for each other, again and again.
 *
 * **Details**
 *
 *     filling ──the last one arrives──▶ draining ──the last one leaves──▶ filling
 *        │  └──reset, while some wait──▶ resetting ──the last one leaves──▶ filling
 *        └──────abort──▶ broken ──reset──▶ filling
 *
 * **asyncio**
 *
 * Same as [`asyncio.Barrier`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Barrier).
 *
 * **Example** (Starting together)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const barrier = yield* asyncio.Barrier.make(2)
 *   return yield* asyncio.gather([barrier.wait, barrier.wait])
 * })
 *
 * await asyncio.run(main) // => [0, 1]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Barrier {
  /** Makes a barrier for `parties` tasks. A defect, ValueError, when that is less than one. */
  static make(parties: number): Effect.Effect<Barrier> {
    return Effect.map(Condition.make(), (condition) => new Barrier(parties, condition))
  }

  /** How many tasks have to arrive. */
  readonly parties: number
  readonly #condition: Condition
  #state: "filling" | "draining" | "resetting" | "broken" = "filling"
  // The numbers of the tasks between arriving and leaving.
  readonly #numbers = new Set<number>()

  private constructor(parties: number, condition: Condition) {
    checkParties(parties)
    this.parties = parties
    this.#condition = condition
  }

  /** How many tasks wait for the others. */
  nWaiting(): number {
    return this.#state === "filling" ? this.#numbers.size : 0
  }

  /** Whether it was aborted. */
  broken(): boolean {
    return this.#state === "broken"
  }

  /**
   * Waits until `parties` tasks have called it, and gives each its own number from 0. Fails with
   * {@link BrokenBarrierError} when the barrier is broken, or is reset or aborted meanwhile.
   *
   * **Cancellation**
   *
   * A cancelled task no longer counts; the others go on waiting.
   */
  get wait(): Effect.Effect<number, BrokenBarrierError> {
    return this.#condition.use(Effect.andThen(this.#block, this.#pass))
  }

  /** Until the tasks of the round before have left. */
  readonly #block: Effect.Effect<void, BrokenBarrierError> = Effect.suspend(() =>
    Effect.flatMap(
      this.#condition.waitFor(() => this.#state !== "draining" && this.#state !== "resetting"),
      () => (this.#state === "broken" ? Effect.fail(aborted()) : Effect.void)
    )
  )

  // The mask, so that a fiber that counts as arrived is sure to leave, wherever it is interrupted.
  readonly #pass: Effect.Effect<number, BrokenBarrierError> = Effect.uninterruptibleMask((restore) => {
    const index = this.#freeNumber()
    this.#numbers.add(index)
    const passed = this.#numbers.size === this.parties ? this.#open() : restore(this.#untilOpen)
    return Effect.onExit(Effect.as(passed, index), () => this.#leave(index))
  })

  /** The number of tasks that are here, as in CPython. Where that number is taken, a task has left: the first free number. */
  #freeNumber(): number {
    let index = this.#numbers.size
    if (this.#numbers.has(index)) for (index = 0; this.#numbers.has(index);) index++
    return index
  }

  #open(): Effect.Effect<void> {
    this.#state = "draining"
    return this.#condition.notifyAll
  }

  readonly #untilOpen: Effect.Effect<void, BrokenBarrierError> = Effect.suspend(() =>
    Effect.flatMap(
      this.#condition.waitFor(() => this.#state !== "filling"),
      () => (this.#state === "draining" ? Effect.void : Effect.fail(interrupted()))
    )
  )

  #leave(index: number): Effect.Effect<void> {
    this.#numbers.delete(index)
    if (this.#numbers.size > 0) return Effect.void
    if (this.#state === "resetting" || this.#state === "draining") this.#state = "filling"
    return this.#condition.notifyAll
  }

  /** Runs `body` once all tasks have arrived: Python's `async with barrier`. */
  use<M extends Made>(
    body: (index: number) => M
  ): Effect.Effect<MadeSuccess<M>, MadeError<M> | BrokenBarrierError, MadeServices<M>> {
    return Effect.suspend(() => {
      checkMaker(body, "use()", "barrier.use((index) => ...)")
      return Effect.flatMap(this.wait, (index) => effectOf<any, any, any>(body(index), "use()"))
    })
  }

  /** Starts over. Tasks that wait fail with {@link BrokenBarrierError}. */
  get reset(): Effect.Effect<void> {
    return this.#change(() => (this.#numbers.size > 0 ? "resetting" : "filling"))
  }

  /** Breaks it. Tasks that wait, and those that will, fail with {@link BrokenBarrierError}. */
  get abort(): Effect.Effect<void> {
    return this.#change(() => "broken")
  }

  #change(next: () => "resetting" | "filling" | "broken"): Effect.Effect<void> {
    const change = Effect.suspend(() => {
      this.#state = next()
      return this.#condition.notifyAll
    })
    // Every waiter is notified of a new state.
    return this.#condition.use(Effect.uninterruptible(change))
  }

  /** How it prints: what it is and its state, in Python's format. */
  toString(): string {
    return `<Barrier [${this.#state}${this.broken() ? "" : `, waiters:${this.nWaiting()}/${this.parties}`}]>`
  }

  /** @internal */
  [inspect](): string {
    return this.toString()
  }
}

const aborted = (): BrokenBarrierError =>
  // When: `wait` of a barrier that was aborted before.
  withHint(new BrokenBarrierError("Barrier aborted"), "Give up as well, or `reset` the barrier first.")

const interrupted = (): BrokenBarrierError =>
  // When: the barrier was aborted or reset while the task waited.
  withHint(new BrokenBarrierError("Abort or reset of barrier"), "Give up as well, or `wait` again after a reset.")
