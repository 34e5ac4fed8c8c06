/**
 * Operations that may have to wait in a line for their turn: taking a lock, putting an item into a full queue.
 *
 *     attempt ──can be done──▶ done
 *        │                      ▲
 *        └──joins the line──▶ woken ──the turn was lost to somebody else──▶ joins the line
 *                  └──cancelled──▶ gives up, and whoever is next gets the turn
 *
 * A line of a task waits with nothing around the wait: between its end and the use of the turn nothing else can run. A
 * plain fiber may yield there, and be interrupted; it waits inside a mask.
 */
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { Line } from "../task/line.ts"
import type { Restore } from "../task/region.ts"
import type { Strand } from "../task/strand.ts"
import { canSuspend, suspend } from "../task/suspend.ts"
import { type Resume, resumeWith, strandOf, Wait } from "../task/wait.ts"
import type { Waiter, Waiters } from "./waiters.ts"

const AttemptEffect = function () {} as unknown as new <A, E>() => Effect.Effect<A, E>
AttemptEffect.prototype = Effectable.Prototype<Attempt>({
  label: "Attempt",
  evaluate(fiber) {
    return this.evaluateIn(fiber)
  }
})

/** What goes on where an attempt of a strand is done: there and then, so that nothing comes between. */
export interface Hold {
  /** The fiber holds it from here on. Gives what it does next. */
  begin(fiber: Fiber.Fiber<unknown, unknown>): Effect.Effect<unknown, unknown>
}

export class Attempt<A = unknown, E = unknown> extends AttemptEffect<A, E> {
  readonly #waiters: Waiters
  /**
   * Does the operation if it can be done now; `called` by the one who woke it, or as it comes. Undefined when it has to
   * wait, or to wait again.
   */
  readonly #tryNow: (called: boolean) => Exit.Exit<A, E> | undefined
  /** It left the line without having used its turn, which it was `given`, or not yet. */
  readonly #giveUp: (given: boolean) => void

  constructor(
    waiters: Waiters,
    tryNow: (called: boolean) => Exit.Exit<A, E> | undefined,
    giveUp: (given: boolean) => void
  ) {
    super()
    this.#waiters = waiters
    this.#tryNow = tryNow
    this.#giveUp = giveUp
  }

  /** As an Effect. */
  evaluateIn(fiber: Fiber.Fiber<unknown, unknown>): Effect.Effect<A, E> {
    const done = this.#tryNow(false)
    if (done !== undefined) return done
    const strand = strandOf(fiber)
    if (strand === undefined || !canSuspend()) return Effect.uninterruptibleMask((restore) => this.#waitInside(restore))
    this.#join(strand, undefined)
    return suspend(fiber)
  }

  /** As an Effect of a strand, which goes on with `hold`. Only if {@link canSuspend}. */
  evaluateHolding(fiber: Fiber.Fiber<unknown, unknown>, strand: Strand, hold: Hold): Effect.Effect<unknown, unknown> {
    const done = this.#tryNow(false)
    if (done !== undefined) return Exit.isSuccess(done) ? hold.begin(fiber) : done
    this.#join(strand, undefined, hold)
    return suspend(fiber)
  }

  /** As an await of a line that is driven from outside. */
  beginOn(line: Line, resume: Resume): void {
    const done = this.#tryOn(line, resume, false)
    if (done !== undefined) resumeWith(resume, done as Exit.Exit<never>)
  }

  /** As a part of something that must not be interrupted but while it waits; see {@link Waiters.wait}. */
  inside(restore: Restore): Effect.Effect<A, E> {
    return this.#tryNow(false) ?? this.#waitInside(restore)
  }

  #waitInside(restore: Restore): Effect.Effect<A, E> {
    const woken = this.#waiters.wait(restore, (woken, waiter) => {
      if (!woken) this.#giveUp(!waiter.cancelled())
    })
    return Effect.flatMap(woken, () => this.#tryNow(true) ?? this.#waitInside(restore))
  }

  /**
   * Does it, or joins the line. No fiber is running that would take what is thrown, by the order of a priority queue for
   * one, as its defect.
   */
  #tryOn(line: Line, receiver: Resume | undefined, called: boolean, hold?: Hold): Exit.Exit<A, E> | undefined {
    try {
      const done = this.#tryNow(called)
      if (done === undefined) this.#join(line, receiver, hold)
      return done
    } catch (defect) {
      return Exit.die(defect)
    }
  }

  #join(line: Line, receiver: Resume | undefined, hold?: Hold): void {
    line.task.await(line, new AttemptWait(line, this.#waiters.join(line.task.loop), receiver, this, hold))
  }

  /** The wait is over. */
  ended(wait: AttemptWait, exit: Exit.Exit<never>): Exit.Exit<A, E> | undefined {
    if (exit._tag === "Failure") {
      this.abandon(wait.future)
      return exit
    }
    this.#waiters.leave(wait.future)
    return this.#tryOn(wait.line!, wait.receiver, true, wait.hold)
  }

  /** Leaves the line for good: the wait was cancelled, or the fiber that waited interrupted. */
  abandon(waiter: Waiter): void {
    this.#waiters.leave(waiter)
    this.#giveUp(!waiter.cancelled())
  }
}

/** The await of a place in a line. */
class AttemptWait extends Wait {
  declare readonly future: Waiter
  readonly #attempt: Attempt
  /** What goes on when it is done, in a strand; undefined where its result does. */
  readonly hold: Hold | undefined

  constructor(line: Line, waiter: Waiter, receiver: Resume | undefined, attempt: Attempt, hold: Hold | undefined) {
    super(line, waiter, receiver)
    this.#attempt = attempt
    this.hold = hold
  }

  override resume(exit: Exit.Exit<never>): void {
    const done = this.#attempt.ended(this, exit)
    if (done === undefined) return
    if (this.hold === undefined || Exit.isFailure(done)) super.resume(done as Exit.Exit<never>)
    else (this.line as Strand).resumeHolding(this.hold)
  }

  override abandoned(): void {
    this.#attempt.abandon(this.future)
  }
}
