/**
 * Lines of execution inside a task, and how one of them is cancelled.
 *
 * A task's coroutine waits in one place at a time if it is an Effect, and in any number of places if it is an async function.
 * Each such place belongs to a line: a *strand* (strand.ts), which is a fiber and the fibers of its regions, or a *driven*
 * line (driven.ts), whose awaits are begun from outside. Lines nest: a driven line runs Effects in strands of its own, and a
 * strand can suspend while a driven line does its work.
 *
 *     Effect task ── strand ── (toEffect) driven ── (runEffect) strand ── …
 *     async task ─── driven ──┬─ strand
 *                             └─ branch, of a timeout or a task group
 *
 * The outermost line is all of the task: what is asked of it is asked of the task. What a timeout or a task group asks of a
 * line further in is counted on the task, as asyncio does, and on the line, so that scopes beside each other do not take
 * each other's request for one from outside. The line keeps the cancellation that is due for itself.
 */
import type * as Exit from "effect/Exit"
import type { CancelledError } from "../errors.ts"
import type { TaskImpl } from "./task.ts"
import type { Wait } from "./wait.ts"

export abstract class Line {
  readonly task: TaskImpl
  /** The line around it; undefined for the one that is all of a task. */
  abstract readonly outer: Line | undefined
  /** The cancellations that scopes in it have asked for, of this line only, and not taken back. */
  requests = 0
  /** The cancellation of this line only that its next step delivers. The outermost line's is the task's. */
  protected mustCancel: CancelledError | undefined = undefined

  constructor(task: TaskImpl) {
    this.task = task
  }

  // ---- awaiting --------------------------------------------------------------------------------------------------

  abstract addWait(wait: Wait): void
  abstract removeWait(wait: Wait): void
  /** Takes note of how an await ended, and says how whoever waited is to see it. */
  abstract arrived(exit: Exit.Exit<never>): Exit.Exit<never>

  // ---- the cancellation that is due ------------------------------------------------------------------------------

  /** The cancellation that the next step has to deliver. */
  abstract pendingCancellation(): CancelledError | undefined
  /** Takes the cancellation that the step which begins has to deliver, if one is due here. */
  abstract takeCancellation(): CancelledError | undefined
  /** Keeps a cancellation that what the line waits for has refused, for its next step. */
  abstract keepCancellation(error: CancelledError): void

  /** Forgets the cancellation that is due here, and in the lines around. */
  forget(): void {
    this.mustCancel = undefined
    this.outer?.forget()
  }

  /** Forgets the cancellations that are due here and further in: the requests were withdrawn. */
  forgetAll(): void {
    this.mustCancel = undefined
  }

  // ---- cancelling the line ---------------------------------------------------------------------------------------

  /** Passes a cancellation on to whatever the line waits for. Not `true` when it must be kept for the next step. */
  abstract passOn(error: CancelledError): boolean | TaskImpl
  /** Tells whoever drives the line, or one further in, of a request. */
  abstract cancelRequested(error: CancelledError, passedOn: boolean): void

  /** Asks this line to cancel itself, and nothing around it. */
  protected ask(error: CancelledError): void {
    const passedOn = this.passOn(error) === true
    if (!passedOn) this.#keepRequest(error)
    this.cancelRequested(error, passedOn)
  }

  #keepRequest(error: CancelledError): void {
    this.task.lastKept = error
    this.keepCancellation(error)
  }

  // ---- for the scopes in it, see ScopeOwner ----------------------------------------------------------------------

  cancel(error: CancelledError): void {
    if (this.outer === undefined) return void this.task.cancelWith(error)
    this.requests++
    this.task.countLineRequest()
    this.ask(error)
  }

  uncancel(): number {
    if (this.outer === undefined) this.task.uncancelUnsafe()
    else {
      this.requests--
      this.task.withdrawLineRequest()
    }
    const left = this.cancelling()
    if (left === 0) this.forgetAll()
    return left
  }

  askAgain(error: CancelledError): void {
    if (this.cancelling() === 0) return
    if (this.outer !== undefined) return this.#keepRequest(error)
    this.task.uncancelUnsafe()
    this.task.cancelWith(error)
  }

  /**
   * How many cancellations of the line, and of what is around it, were asked for and not taken back. Never more than of the
   * task: `uncancel` may have withdrawn one that a scope has asked for, and the scope does not know.
   */
  cancelling(): number {
    let count = this.task.ownRequests()
    for (let at: Line | undefined = this; at !== undefined; at = at.outer) count += at.requests
    return Math.min(count, this.task.cancelling())
  }
}

/** What a line further in has not delivered, and what was not taken back with the scope that asked for it, is due in `line`. */
export const takeOver = (line: Line, due: CancelledError | undefined): void => {
  if (due !== undefined && line.pendingCancellation() === undefined) line.keepCancellation(due)
}
