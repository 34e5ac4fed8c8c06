/**
 * Lines of execution inside a task, and how a scope cancels the one that it is in.
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
import type { CancelledError } from "../model/CancelledError.ts"
import { askedAgain, hides } from "./cancellation.ts"
import { answerOf, type Asked } from "./cancelWalk.ts"
import type { TaskImpl } from "./task.ts"
import type { Wait } from "./wait.ts"

// An interface, and functions beside it, instead of a base class: a line is made for every task, and rarely cancelled.

/** Where the awaits of a task belong. */
export interface Line {
  readonly task: TaskImpl
  /** The line around it; undefined for the one that is all of a task. */
  readonly outer: Line | undefined
  /** Whether what is asked of it is asked of the task. */
  readonly isAllOfTask: boolean
  /** The cancellations that scopes in it have asked for, of this line only, and not taken back. */
  requests: number
  addWait(wait: Wait): void
  removeWait(wait: Wait): void
  /** Takes note of how an await ended, and says how whoever waited is to see it. */
  arrived(exit: Exit.Exit<never>): Exit.Exit<never>
  /** The same of an await that has ended with the line's own cancellation. */
  cancelled(error: CancelledError): Exit.Exit<never>
  /** The cancellation that the next step has to deliver. */
  pendingCancellation(): CancelledError | undefined
  /** Takes the cancellation that the step which begins has to deliver, if one is due here. */
  takeCancellation(): CancelledError | undefined
  /** Keeps a cancellation that what the line waits for has refused, for its next step. */
  keepCancellation(error: CancelledError): void
  /** A cancellation that it keeps for itself. */
  readonly kept: CancelledError | undefined
  /** Whether that one comes before what the lines around keep. */
  readonly keptFirst: boolean
  /** Forgets what it keeps. */
  forget(): void
  /** Forgets the cancellations that are due here and further in: the requests were withdrawn. */
  forgetAll(): void
  /** Passes a cancellation on to whatever the line waits for. Where that is not taken, it must be kept for the next step. */
  passOn(error: CancelledError): Asked
  /** Tells those who drive the line, or lines further in, of a request. */
  cancelRequested(error: CancelledError, passedOn: boolean): void
}

/** What the next step of a line has to deliver: what was asked of all of the task, or what it or a line around keeps. */
export const pendingIn = (line: Line): CancelledError | undefined => {
  const { task } = line
  if (!task.linesKeep) return task.mustCancel
  let first: CancelledError | undefined
  let last: CancelledError | undefined
  let outermost = line
  for (let at: Line | undefined = line; at !== undefined; at = at.outer) {
    if (at.keptFirst) first ??= at.kept
    else last = at.kept ?? last
    outermost = at
  }
  // In an aftermath, what is due in the task is not for here.
  const ofAll = outermost.isAllOfTask ? task.mustCancel : undefined
  return first !== undefined && covers(first, ofAll) ? first : (ofAll ?? first ?? last)
}

/** Whether one that a line keeps was asked for after `other`: there it is delivered in its place, as in CPython, and only there. */
export const covers = (kept: CancelledError, other: CancelledError | undefined): boolean =>
  other !== undefined && (kept === other || hides(kept, other))

/** Forgets what a line and those around keep. */
export const forgetIn = (line: Line): void => {
  if (!line.task.linesKeep) return
  for (let at: Line | undefined = line; at !== undefined; at = at.outer) at.forget()
}

/** What a line further in has not delivered, and what was not taken back with the scope that asked for it, is due in `line`. */
export const takeOver = (line: Line, due: CancelledError | undefined): void => {
  if (due === undefined) return
  const pending = line.pendingCancellation()
  if (pending === undefined || covers(due, pending)) line.keepCancellation(due)
}

/** Cancels a line that is not all of its task, and nothing around it. */
export const cancelOnly = (line: Line, error: CancelledError): void => {
  const passedOn = answerOf(line.passOn(error), error)
  if (!passedOn) keepRequest(line, error)
  line.cancelRequested(error, passedOn)
}

const keepRequest = (line: Line, error: CancelledError): void => {
  line.task.lastKept = error
  line.keepCancellation(error)
}

// ---- for the scopes in a line: what ScopeOwner (region.ts) says --------------------------------------------------

export const cancelForScope = (line: Line, error: CancelledError): void => {
  if (line.isAllOfTask) {
    // To cancel a task that is over counts as having looked how it ended. To have left a scope open in it does not.
    if (line.task.exit === undefined) line.task.cancelWith(error)
    return
  }
  line.requests++
  line.task.countLineRequest()
  cancelOnly(line, error)
}

export const uncancelForScope = (line: Line): number => {
  if (line.isAllOfTask) line.task.uncancelUnsafe()
  else {
    line.requests--
    line.task.withdrawLineRequest()
  }
  const left = requestsOn(line)
  if (left === 0) line.forgetAll()
  return left
}

export const askAgain = (line: Line, error: CancelledError): void => {
  if (requestsOn(line) === 0) return
  // One that is due already says itself why.
  const due = line.pendingCancellation()
  const again = due === undefined ? error : askedAgain(due)
  if (!line.isAllOfTask) return keepRequest(line, again)
  line.task.uncancelUnsafe()
  line.task.cancelWith(again)
}

/**
 * How many cancellations of a line, and of what is around it, were asked for and not taken back. Never more than of the task:
 * `uncancel` may have withdrawn one that a scope has asked for, and the scope does not know.
 */
export const requestsOn = (line: Line): number => {
  const { task } = line
  if (!task.linesKeep && !task.hasLineRequests()) return task.ownRequests()
  let count = 0
  for (let at: Line | undefined = line; at !== undefined; at = at.outer) {
    count += at.requests
    if (at.isAllOfTask) count += task.ownRequests()
  }
  return Math.min(count, task.cancelling())
}
