/**
 * Operations that may have to wait in a queue: taking a lock, putting an item into a full queue.
 *
 *     attempt ──can be done──▶ done
 *        │                      ▲
 *        └──joins the queue──▶ woken ──another task was faster──▶ joins the queue
 *                  └──cancelled──▶ gives up, and the next waiter is woken
 *
 * A scope of a task waits with nothing around the wait: between its end and the use of the place nothing else can run. A
 * plain fiber may yield there, and be interrupted; it waits inside a mask.
 */
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Exit from "effect/Exit"
import type { AnyFiber } from "../model/AnyFiber.ts"
import type { Scope } from "../task/scope.ts"
import type { Restore } from "../task/untilNotCancelled.ts"
import type { FiberScope } from "../task/fiberScope.ts"
import { beginOn, type Hold } from "../task/scopedEffect.ts"
import { canSuspend, endSuspension, suspend } from "../task/suspend.ts"
import { type Resume, resumeWith, Wait } from "../task/wait.ts"
import { runningTask, scopeOf } from "../task/current.ts"
import type { TaskImpl } from "../task/task.ts"
import type { OwnedWaiter, Waiter, WaitQueue } from "./waitQueue.ts"

const AttemptEffect = /*#__PURE__*/ (() => {
  const AttemptEffect = function () {} as unknown as new <A, E>() => Effect.Effect<A, E>
  AttemptEffect.prototype = Effectable.Prototype<Attempt>({
    label: "Attempt",
    evaluate(fiber) {
      return this.evaluateIn(fiber)
    }
  })
  return AttemptEffect
})()

/** What `acquire` and `wait` end with: `True`, as in Python. */
export const exitTrue: Exit.Exit<true> = /*#__PURE__*/ Exit.succeed(true)

export class Attempt<A = unknown, E = unknown> extends AttemptEffect<A, E> {
  readonly waiters: WaitQueue
  /**
   * Does the operation if it can be done now, for `task` where the task is known. `called` is true behind a wait that was woken, and false
   * at the first try. Gives undefined when the code that asks has to wait, or to wait again.
   */
  readonly #tryNow: (called: boolean, task: TaskImpl | undefined) => Exit.Exit<A, E> | undefined
  /** Is told that a waiter has left the queue and does not use its place; `given` says whether the waiter had been woken for it. */
  readonly #giveUp: (given: boolean) => void

  constructor(
    waiters: WaitQueue,
    tryNow: (called: boolean, task: TaskImpl | undefined) => Exit.Exit<A, E> | undefined,
    giveUp: (given: boolean) => void
  ) {
    super()
    this.waiters = waiters
    this.#tryNow = tryNow
    this.#giveUp = giveUp
  }

  /** As an Effect. */
  evaluateIn(fiber: AnyFiber): Effect.Effect<A, E> {
    const scope = scopeOf(fiber)
    const done = this.#tryNow(false, scope?.task)
    if (done !== undefined) return done
    if (scope === undefined || !canSuspend()) return Effect.uninterruptibleMask((restore) => this.#waitInside(restore))
    this.#join(scope, undefined)
    return suspend(fiber)
  }

  /** As an Effect of a fiber scope, which goes on with `hold`. Only if {@link canSuspend}. */
  evaluateHolding(fiber: AnyFiber, scope: FiberScope, hold: Hold): Effect.Effect<unknown, unknown> {
    const done = this.#tryNow(false, scope.task)
    if (done !== undefined) return Exit.isSuccess(done) ? hold.begin(fiber) : done
    this.#join(scope, undefined, hold)
    return suspend(fiber)
  }

  /** As an await of a callback scope. */
  [beginOn](scope: Scope, resume: Resume): void {
    const done = this.#tryOn(scope, resume, false)
    if (done !== undefined) resumeWith(resume, done as Exit.Exit<never>)
  }

  /** As a part of something that must not be interrupted but while it waits; see {@link WaitQueue.wait}. */
  inside(restore: Restore, operation: OwnedWaiter["operation"] = this): Effect.Effect<A, E> {
    return this.#tryNow(false, runningTask()) ?? this.#waitInside(restore, operation)
  }

  #waitInside(restore: Restore, operation: OwnedWaiter["operation"] = this): Effect.Effect<A, E> {
    const ended = (woken: boolean, waiter: Waiter): void => {
      if (!woken) this.#giveUp(!waiter.cancelled())
    }
    const woken = this.waiters.wait(restore, ended, operation)
    return Effect.flatMap(woken, () => this.#tryNow(true, runningTask()) ?? this.#waitInside(restore, operation))
  }

  /**
   * Does it, or joins the queue. No fiber is running that would take what is thrown, by the order of a priority queue for
   * one, as its defect.
   */
  #tryOn(scope: Scope, receiver: Resume | undefined, called: boolean, hold?: Hold): Exit.Exit<A, E> | undefined {
    try {
      const done = this.#tryNow(called, scope.task)
      if (done === undefined) this.#join(scope, receiver, hold)
      return done
    } catch (defect) {
      return Exit.die(defect)
    }
  }

  #join(scope: Scope, receiver: Resume | undefined, hold?: Hold): void {
    new AttemptWait(scope, this.waiters.join(scope.task.loop), receiver, this, hold).begin()
  }

  /** The wait is over. */
  ended(wait: AttemptWait, exit: Exit.Exit<never>): Exit.Exit<A, E> | undefined {
    if (exit._tag === "Failure") {
      this.abandon(wait.future)
      return exit
    }
    this.waiters.leave(wait.future)
    return this.#tryOn(wait.scope!, wait.receiver, true, wait.hold)
  }

  /** Leaves the queue for good: the wait was cancelled, or the fiber that waited interrupted. */
  abandon(waiter: Waiter): void {
    this.waiters.leave(waiter)
    this.#giveUp(!waiter.cancelled())
  }
}

/** The await of a place in a queue. */
export class AttemptWait extends Wait {
  declare readonly future: Waiter
  readonly attempt: Attempt
  /** What goes on when it is done, in a fiber scope; undefined where its result does. */
  readonly hold: Hold | undefined

  constructor(scope: Scope, waiter: Waiter, receiver: Resume | undefined, attempt: Attempt, hold: Hold | undefined) {
    super(scope, waiter, receiver)
    this.attempt = attempt
    this.hold = hold
  }

  override resume(exit: Exit.Exit<never>): void {
    const done = this.attempt.ended(this, exit)
    if (done === undefined) return
    if (this.hold === undefined || Exit.isFailure(done)) return super.resume(done as Exit.Exit<never>)
    const scope = this.scope as FiberScope
    endSuspension(scope.fiber!)
    scope.resume(this.hold.begin(scope.fiber!))
  }

  override abandoned(): void {
    this.attempt.abandon(this.future)
  }
}
