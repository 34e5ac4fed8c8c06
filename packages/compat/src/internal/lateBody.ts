/**
 * The body of a scope with a deadline: how long the scope waits for it when the time is up, and what becomes of a value that comes then.
 *
 *     runs ──the time is up──▶ asked to end ──it ends──▶ over
 *                                   └──the grace is over──▶ given up ──it ends──▶ over; a value is discarded
 *
 * The scope of a body that was given up counts as cut short: what is in flight there ends cancelled, or else the next await of the body
 * does. From then on the awaits of the body are of the scope around.
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Exit from "effect/Exit"
import { raised } from "./arrival.ts"
import { type PromiseScope, ChildDriver } from "./promiseScope.ts"
import { discardIn } from "./discarding.ts"

/**
 * What happens when the time of a body is up.
 *
 * @category models
 * @since 0.1.0
 */
export interface TimeoutOptions<in A = unknown> {
  /**
   * How long the scope waits for the body after the time was up; a bare number is milliseconds. When the grace is over, the scope gives up
   * on the body, and cuts its cleanup short. By default the scope waits for cleanup as long as that takes, and waits 5 seconds for a body
   * that hangs on a promise which does not listen to the signal. With `Infinity` the scope waits for both without end.
   */
  readonly grace?: Duration.Input | undefined
  /** Is given the value of a body that ended too late, so that it can be handed back: a connection, a file. */
  readonly discard?: ((value: A) => unknown) | undefined
}

export const checkTimeoutOptions = (options: TimeoutOptions<never> | undefined, operation: string): void => {
  if (options === undefined) return
  const example = '{ grace: "1 second" }'
  lowlevel.checkOptions(options, operation, example)
  if (options.grace !== undefined) lowlevel.toMillis(options.grace)
  if (options.discard !== undefined) lowlevel.checkFunction(options.discard, operation, "{ discard: (value) => ... }")
}

export class LateBody<A> extends ChildDriver implements lowlevel.Grace {
  readonly #operation: string
  readonly #options: TimeoutOptions<A> | undefined
  #scope: PromiseScope | undefined = undefined
  #deadline: lowlevel.OpenTimeout | undefined = undefined
  // Ends the scope. Undefined as soon as the scope has ended, by the body's end or by the grace.
  #end: ((exit: Exit.Exit<A, unknown>) => void) | undefined = undefined
  /** Whether the scope has ended with a TimeoutError that it has made. */
  isTooLate = false

  constructor(outer: PromiseScope, operation: string, options: TimeoutOptions<A> | undefined) {
    super(outer)
    this.#operation = operation
    this.#options = options
  }

  /** Runs `body` within the deadline of `scope`, and calls `end` with how the scope ends. */
  run(
    scope: PromiseScope,
    deadline: lowlevel.OpenTimeout,
    body: () => PromiseLike<A> | A,
    end: (exit: Exit.Exit<A, unknown>) => void
  ): void {
    this.#scope = scope
    this.#deadline = deadline
    this.#end = end
    scope.endOf(body, (exit, unseen) => this.#bodyEnds(exit, unseen))
  }

  #bodyEnds(exit: Exit.Exit<A, unknown>, unseen: asyncio.CancelledError | undefined): void {
    const end = this.#end
    if (end === undefined) return this.#endsBehindTheScope(exit)
    const scope = this.#scope!
    const due = unseen ?? (this.#deadline!.expired() && Exit.isSuccess(exit) ? ownDue(scope) : undefined)
    const left = this.#leave(due === undefined ? exit : Exit.fail(due))
    if (Exit.isSuccess(exit) && Exit.isFailure(left)) this.#discard(exit.value)
    end(left)
  }

  #leave(exit: Exit.Exit<A, unknown>): Exit.Exit<A, unknown> {
    this.#end = undefined
    const left = this.#deadline!.leaveUnsafe(exit)
    this.isTooLate = left !== exit
    return left
  }

  // ---- a body that does not end --------------------------------------------------------------------------------

  override cancelRequested(error: asyncio.CancelledError, passedOn: boolean): void {
    super.cancelRequested(error, passedOn)
    // The deadline's own request begins the grace. An earlier one from outside does not, and a later one gives the body no more time.
    this.#beginGrace()
  }

  #beginGrace(): void {
    const grace = this.#options?.grace
    this.#deadline?.beginGraceUnsafe(grace === undefined ? lowlevel.defaultPatience : lowlevel.toMillis(grace))
  }

  // In the next iteration, when the microtasks have run: a promise that has settled in this one may bring the body to its end.
  graceIsOver(): void {
    const { loop } = this.#scope!
    lowlevel.settleMicrotasksUnsafe(loop)
    loop.callSoonUnsafe(() => {
      if (this.#end !== undefined) this.#goOnWithout()
    })
  }

  #goOnWithout(): void {
    const { core } = this.#scope!
    if (this.#options?.grace !== undefined) return this.#giveUp()
    // A body that has seen the cancellation is cleaning up.
    if (core.pendingCancellation() === undefined) return
    if (core.isWaiting()) this.#beginGrace()
    // The end of a shield begins the grace anew.
    else if (!core.isShielding()) this.#giveUp()
  }

  override shieldIsOver(): void {
    if (this.#end !== undefined) this.#beginGrace()
  }

  #giveUp(): void {
    const scope = this.#scope!
    const end = this.#end!
    report(scope, this.#operation)
    scope.signals?.settle()
    // The code around goes on in a microtask, which is its step: no callback of the loop comes before.
    lowlevel.settleMicrotasksUnsafe(scope.loop, scope.task)
    end(this.#leave(Exit.fail(scope.core.takeCancellation() ?? new asyncio.CancelledError())))
  }

  #endsBehindTheScope(exit: Exit.Exit<A, unknown>): void {
    if (Exit.isSuccess(exit)) return this.#discard(exit.value)
    const scope = this.#scope!
    const error = Cause.squash(exit.cause)
    if (lowlevel.isCancelledError(raised(scope, error))) return
    scope.loop.callExceptionHandlerUnsafe({
      // When: a body that a timeout has given up, because it did not end in its grace, fails later.
      message: `the body of ${this.#operation} failed after the scope had given it up`,
      hint: "Nobody waits for it any more: catch its errors inside, or let it end when its signal aborts.",
      exception: error,
      task: String(scope.task)
    })
  }

  #discard(value: A): void {
    const discard = this.#options?.discard
    if (discard !== undefined) discardIn(this.outer, discard, value)
  }
}

/**
 * The cancellation that is due in the scope of a body and in no scope around it. The body has a value: it was in a foreign await when
 * the cancellation came, and has never seen it.
 */
const ownDue = (scope: PromiseScope): asyncio.CancelledError | undefined =>
  // A cancellation that is due around the body as well was requested there, and stays due there.
  scope.outer?.core.pendingCancellation() === undefined && scope.unheard === scope.core.pendingCancellation()
    ? scope.core.takeCancellation()
    : undefined

const report = (scope: PromiseScope, operation: string): void =>
  scope.loop.callExceptionHandlerUnsafe({
    // When: the body of a timeout hangs on a promise that does not listen, or does not end within the `grace` that was given.
    message: `${operation} has given up on its body in ${scope.task.getName()}, which did not end when its time was up`,
    hint: "Give what it waits for the signal, `currentSignal()`, or wait for it with `abortable`; `grace: Infinity` waits.",
    task: String(scope.task)
  })
