/**
 * Lines of execution inside a task, and how a scope cancels the one that it is in.
 *
 * A task's coroutine waits in one place at a time if it is an Effect, and in any number of places if it is an async function.
 * Each such place belongs to a scope: a *fiber scope* (fiberScope.ts), which is a fiber and the fibers of its boundaries, or a *callback
 * scope* (callbackScope.ts), whose awaits are begun from outside. Scopes nest: a callback scope runs Effects in fiber scopes of its own, and a
 * fiber scope can suspend while a callback scope does its work.
 *
 *     Effect task ── fiber scope ── (toEffect) callback scope ── (runEffect) fiber scope ── …
 *     async task ─── callback scope ──┬─ fiber scope
 *                                     └─ child scope, of a timeout or a task group
 *
 * The outermost scope is all of the task: what is asked of it is asked of the task. What a timeout or a task group asks of a
 * scope further in is counted on the task, as asyncio does, and on the scope, so that scopes beside each other do not take
 * each other's request for one from outside. The scope keeps the cancellation that is due for itself.
 */
import type * as Exit from "effect/Exit"
import type { CancelledError } from "../model/CancelledError.ts"
import { askedAgain, hide, hides } from "./cancellation.ts"
import { answerOf, type Asked } from "./cancelWalk.ts"
import type { TaskImpl } from "./task.ts"
import type { Wait } from "./wait.ts"

// An interface, and functions beside it, instead of a base class: a scope is made for every task, and rarely cancelled.

/** Where the awaits of a task belong. */
export interface Scope {
  readonly task: TaskImpl
  /** The scope around it; undefined for the one that is all of a task. */
  readonly outer: Scope | undefined
  /** Whether what is asked of it is asked of the task. */
  readonly isRoot: boolean
  /** The cancellations that scopes in it have asked for, of this scope only, and not taken back. */
  requests: number
  addWait(wait: Wait): void
  removeWait(wait: Wait): void
  /** Takes note of how an await ended, and says how whoever waited is to see it. */
  arrived(exit: Exit.Exit<never>): Exit.Exit<never>
  /** The same of an await that has ended with the scope's own cancellation. */
  cancelled(error: CancelledError): Exit.Exit<never>
  /** The cancellation that the next step has to deliver. */
  pendingCancellation(): CancelledError | undefined
  /** Takes the cancellation that the step which begins has to deliver, if one is due here. */
  takeCancellation(): CancelledError | undefined
  /** Keeps a cancellation that what the scope waits for has refused, for its next step. */
  keepCancellation(error: CancelledError): void
  /** A cancellation that it keeps for itself. */
  readonly kept: CancelledError | undefined
  /** Forgets what it keeps. */
  forget(): void
  /** Forgets the cancellations that are due here and further in: the requests were withdrawn. */
  forgetAll(): void
  /** Passes a cancellation on to whatever the scope waits for. Where that is not taken, it must be kept for the next step. */
  passOn(error: CancelledError): Asked
  /** Tells those who drive the scope, or scopes further in, of a request. */
  cancelRequested(error: CancelledError, passedOn: boolean): void
}

/** What a scope, those around it and, unless they are an aftermath, the task keep, from the inside out. */
function* keptIn(scope: Scope): Generator<CancelledError> {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    if (at.kept !== undefined) yield at.kept
    if (at.isRoot && at.task.mustCancel !== undefined) yield at.task.mustCancel
  }
}

/**
 * What the next step of a scope has to deliver: what was asked of all of the task, or what it or a scope around keeps. Of several
 * the one that was asked for last, as in CPython, where a task keeps one, whoever has asked.
 */
export const pendingIn = (scope: Scope): CancelledError | undefined => {
  if (!scope.task.scopesKeep) return scope.task.mustCancel
  let last: CancelledError | undefined
  for (const kept of keptIn(scope)) if (last === undefined || !covers(last, kept)) last = kept
  return last
}

/** Takes note that `error` is delivered in place of all that the scope, and those around it, keep. */
export const hideKept = (scope: Scope, error: CancelledError): void => {
  if (scope.task.scopesKeep) for (const kept of keptIn(scope)) hide(kept, error)
  else hide(scope.task.mustCancel, error)
}

/** Takes {@link pendingIn}, and forgets what that hides. */
export const takeIn = (scope: Scope): CancelledError | undefined => {
  const error = pendingIn(scope)
  forgetIn(scope)
  if (error !== undefined && covers(error, scope.task.mustCancel)) scope.task.mustCancel = undefined
  return error
}

/** Whether one that a scope keeps was asked for after `other`: there it is delivered in its place, as in CPython, and only there. */
export const covers = (kept: CancelledError, other: CancelledError | undefined): boolean =>
  other !== undefined && (kept === other || hides(kept, other))

/** Forgets what a scope and those around keep. */
const forgetIn = (scope: Scope): void => {
  if (!scope.task.scopesKeep) return
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) at.forget()
}

/** What a scope further in has not delivered, and what was not taken back with the scope that asked for it, is due in `scope`. */
export const takeOver = (scope: Scope, due: CancelledError | undefined): void => {
  if (due === undefined) return
  const pending = scope.pendingCancellation()
  if (pending === undefined || covers(due, pending)) scope.keepCancellation(due)
}

/** Cancels a scope that is not all of its task, and nothing around it. */
export const cancelOnly = (scope: Scope, error: CancelledError): void => {
  const passedOn = answerOf(scope.passOn(error), error)
  if (!passedOn) keepRequest(scope, error)
  scope.cancelRequested(error, passedOn)
}

const keepRequest = (scope: Scope, error: CancelledError): void => {
  scope.task.lastKept = error
  scope.keepCancellation(error)
}

// ---- for what cancels a scope: see CancelTarget (boundary.ts) -----------------------------------------------------

export const request = (scope: Scope, error: CancelledError): void => {
  if (scope.isRoot) {
    // To cancel a task that is over counts as having looked how it ended. To have left a scope open in it does not.
    if (scope.task.exit === undefined) scope.task.cancelWith(error)
    return
  }
  scope.requests++
  scope.task.countScopeRequest()
  cancelOnly(scope, error)
}

export const withdraw = (scope: Scope): number => {
  if (scope.isRoot) scope.task.uncancelUnsafe()
  else {
    scope.requests--
    scope.task.withdrawScopeRequest()
  }
  const left = requestsOn(scope)
  if (left === 0) scope.forgetAll()
  return left
}

export const askAgain = (scope: Scope, error: CancelledError): void => {
  if (requestsOn(scope) === 0) return
  // One that is due already says itself why.
  const due = scope.pendingCancellation()
  const again = due === undefined ? error : askedAgain(due)
  if (!scope.isRoot) return keepRequest(scope, again)
  scope.task.uncancelUnsafe()
  scope.task.cancelWith(again)
}

/**
 * How many cancellations of a scope, and of what is around it, were asked for and not taken back. Never more than of the task:
 * `uncancel` may have withdrawn one that a scope has asked for, and the scope does not know.
 */
export const requestsOn = (scope: Scope): number => {
  const { task } = scope
  if (!task.scopesKeep && !task.hasScopeRequests()) return task.ownRequests()
  let count = 0
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    count += at.requests
    if (at.isRoot) count += task.ownRequests()
  }
  return Math.min(count, task.cancelling())
}
