/**
 * The state machine of a timeout.
 *
 *     active ──the body ends──▶ finished
 *       │
 *       └──the time is up──▶ expiring ──the body ends──▶ expired
 *                              └──a grace begins──▶ the alarm rings once more
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { AnyFiber } from "../model/AnyFiber.ts"
import { type CancelledError, withoutMessage } from "../model/CancelledError.ts"
import { RuntimeError, type TimeoutError } from "../model/errors.ts"
import { withHint } from "../model/hints.ts"
import { noteMade } from "../model/made.ts"
import type { Grace, OpenTimeout, Timeout } from "../model/Timeout.ts"
import { checkTime } from "../model/arguments.ts"
import { type AsyncContext, captureAsyncContext } from "../host/asyncContext.ts"
import { timedOut, yieldToOther } from "./ownRequest.ts"
import { cancellationIn } from "../task/cancellation.ts"
import { isKeptOnStack } from "../task/kept.ts"
import type { TaskLoop } from "../task/taskLoop.ts"
import { callWith, guarded, type ProgramCall } from "../loop/handle.ts"
import type { Timer } from "../data/heap.ts"
import type { CancelTarget } from "../task/cancelTarget.ts"
import { type BodyEnd, type BodyTarget, cancelTargetOf } from "./bodyTarget.ts"
import type { Restore } from "../task/untilNotCancelled.ts"
import { copyVariables, type ContextValues } from "../model/variables.ts"
import { inspect } from "../host/inspect.ts"

type State = "active" | "expiring" | "expired" | "finished"

export class Deadline implements OpenTimeout, BodyEnd {
  #state: State = "active"
  #when: number | undefined = undefined
  // Set for the deadline, and once that is over, for the grace.
  #alarm: Alarm | undefined = undefined
  readonly #grace: Grace | undefined
  readonly #target: CancelTarget
  // The target's count of requests on entry, less one that `isDueFromOutside` has found. A higher count on exit means that there is a
  // request from outside as well.
  readonly #cancelling: number
  // The request of the deadline, from when its alarm has rung.
  #request: CancelledError | undefined = undefined

  /** `now` spares a look at the clock, where the caller has just read the time of the loop. */
  constructor(target: CancelTarget, when: number | undefined, now?: number, grace?: Grace) {
    this.#target = target
    this.#grace = grace
    this.#cancelling = target.cancelling() - (isDueFromOutside(target) ? 1 : 0)
    this.#schedule(when, "timeoutAt()", now)
    noteMade("timeout", this)
  }

  toString(): string {
    if (this.#state !== "active") return `<Timeout [${this.#state}]>`
    const when = this.#when === undefined ? undefined : Math.round(this.#when * 1000) / 1000
    return `<Timeout [active] when=${when}>`
  }

  when(): number | undefined {
    return this.#when
  }

  expired(): boolean {
    return this.#state === "expiring" || this.#state === "expired"
  }

  reschedule(when: number | undefined): Effect.Effect<void> {
    return Effect.sync(() => this.#schedule(when, "reschedule()"))
  }

  rescheduleUnsafe(when: number | undefined): void {
    this.#schedule(when, "reschedule()")
  }

  #schedule(when: number | undefined, operation: string, now?: number): void {
    if (this.#state !== "active") {
      // When: `reschedule` after the time was up, or after the body was over.
      throw withHint(
        new RuntimeError(`Cannot change state of ${this.#state} Timeout`),
        "Reschedule inside the body, before the time is up; `expired()` tells.",
        this.#target.task
      )
    }
    if (when !== undefined) checkTime(when, operation)
    this.#when = when
    this.#clearAlarm()
    if (when === undefined) return
    const { loop } = this.#target
    loop.checkOpen()
    const alarm = (this.#alarm = new Alarm(this, this.#target, when))
    if (when <= (now ?? loop.time())) loop.enqueue(alarm)
    else loop.addTimer(alarm)
  }

  #clearAlarm(): void {
    this.#alarm?.cancel()
    this.#alarm = undefined
  }

  /** The alarm rings: the time is up, or the grace. */
  ring(): void {
    if (this.#request !== undefined) return this.#grace?.graceIsOver()
    this.#request = withoutMessage("the time was up", {
      kind: "timeout",
      deadline: this.#when,
      requestedBy: this.#target.task?.toRef()
    })
    this.#target.cancel(this.#request)
    this.#state = "expiring"
  }

  beginGraceUnsafe(millis: number): void {
    const alarm = this.#alarm
    if (this.#request === undefined || alarm === undefined || alarm.queued) return
    const { loop } = this.#target
    alarm.due = loop.time() + millis
    loop.addTimer(alarm)
  }

  endInside(_restore: Restore, exit: Exit.Exit<unknown, unknown>): Exit.Exit<unknown, unknown> {
    return this.leaveUnsafe(exit)
  }

  leaveUnsafe<A, E>(exit: Exit.Exit<A, E>): Exit.Exit<A, E | TimeoutError> {
    this.#clearAlarm()
    if (this.#state !== "expiring") {
      this.#state = "finished"
      return exit
    }
    this.#state = "expired"
    const left = this.#target.uncancel(this.#request!)
    if (left > 0) yieldToOther(this.#request!, exit)
    if (left > this.#cancelling || Exit.isSuccess(exit)) return exit
    const cancellation = cancellationIn(exit)
    if (cancellation === undefined) return exit
    return timedOut(cancellation, this.#target.task)
  }

  [inspect](): string {
    return this.toString()
  }
}

const ring = (alarm: Alarm): void => alarm.ring()

/**
 * Whether the task was cancelled while it hung in a foreign await. Such a request does not count as one from before the timeout was
 * entered: the cancellation would end as its TimeoutError. One that was made while code of the task was on the stack does, as in
 * asyncio (gh-134471).
 */
const isDueFromOutside = (target: CancelTarget): boolean => {
  const due = target.pendingCancellation()
  return due !== undefined && !isKeptOnStack(target.task, due)
}

/** Rings when the time of a deadline is up. One object, because most time limits are set and never reached. */
class Alarm implements Timer, ProgramCall {
  // Changed while it is not in the heap.
  due: number
  sequence = 0
  queued = false
  // Undefined once it is cancelled.
  #deadline: Deadline | undefined
  readonly #target: CancelTarget
  // The stores of the code that set the limit: listeners of the program to an aborted signal see them.
  readonly #stores: AsyncContext = captureAsyncContext()
  readonly #variables: ContextValues | undefined

  constructor(deadline: Deadline, target: CancelTarget, due: number) {
    this.due = due
    this.#deadline = deadline
    this.#target = target
    this.#variables = copyVariables(target.loop)
  }

  get loop(): TaskLoop {
    return this.#target.loop
  }

  get label(): string {
    return "onTimeout()"
  }

  run(): void {
    if (this.#deadline !== undefined) callWith(this.#stores, this)
  }

  call(): void {
    guarded(this.loop, ring, this, "onTimeout", this.#variables, this.#target.task?.base)
  }

  ring(): void {
    this.#deadline?.ring()
  }

  cancel(): void {
    this.#deadline = undefined
    this.loop.removeTimer(this)
  }

  /** The loop is closed: a target that does not end with a task is told. */
  dropped(): void {
    if (this.#deadline !== undefined) this.#target.loopClosed?.()
  }
}

/** Runs what `body` makes within a deadline of its own. */
export const withDeadline = <A, E, R>(
  target: BodyTarget,
  when: number | undefined,
  body: (timeout: Timeout) => Effect.Effect<A, E, R>,
  now?: number
): Effect.Effect<A, E | TimeoutError, R> => {
  const deadline = new Deadline(target, when, now)
  const scope = target.run(() => body(deadline) as Effect.Effect<A, E>, deadline)
  return scope as Effect.Effect<A, E | TimeoutError, R>
}

/** Runs what `body` makes in `fiber`, which is running, for so many milliseconds at most. */
export const withLimit = <A, E, R>(
  fiber: AnyFiber,
  millis: number | undefined,
  body: (timeout: Timeout) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | TimeoutError, R> => {
  const target = cancelTargetOf(fiber)
  if (millis === undefined) return withDeadline(target, undefined, body)
  const now = target.loop.time()
  return withDeadline(target, now + millis, body, now)
}
