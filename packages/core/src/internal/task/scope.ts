/**
 * A scope is a part of a task with awaits of its own, that can be cancelled by itself.
 *
 * An Effect waits for one thing at a time, in a {@link FiberScope}; an async function for any number, in a {@link CallbackScope}.
 * Scopes nest, because an async function can run an Effect as a part of its task, and the reverse:
 *
 *     Effect task ── FiberScope ── (toEffect) CallbackScope ── (runEffect) FiberScope ── …
 *     async task ─── CallbackScope ──┬─ FiberScope
 *                                    └─ CallbackScope, of a timeout or a task group
 *
 * The outermost scope is the *root* of its task: what is asked of the root is asked of the task. What a timeout or a task group asks of
 * a scope further in is counted on the task, as in asyncio, and on the scope, so that scopes beside each other do not take each
 * other's request for one from outside.
 *
 * A request that nothing in flight takes is *due*: the next step of the scope delivers it. A step delivers one request, however many are
 * due on the way from the scope to the root, and clears the others, which `hide` has noted on the one that is delivered.
 */
import type * as Context from "effect/Context"
import type * as Exit from "effect/Exit"
import type { CancelledError } from "../model/CancelledError.ts"
import { type Answer, type Asking, Walk } from "./cancelWalk.ts"
import type { FutureImpl } from "./future.ts"
import type { TaskImpl } from "./task.ts"
import { Wait } from "./wait.ts"
import { noteKept } from "./kept.ts"
import { isAskedAround, outerOf } from "./requestCounts.ts"
import { hide, hides } from "./request.ts"

/** What answers a request: the answer itself, a wait whose future is to be asked, or a generator that asks several. */
export type Asked = boolean | Wait | Asking

// An interface, and functions beside it: every task has a scope, and few are cancelled. A base class would cost each task 3 %.

export interface Scope {
  readonly task: TaskImpl
  /** The scope around it; undefined for a root, and for an aftermath. */
  readonly outer: Scope | undefined
  readonly isRoot: boolean
  /** Whether it holds back what is asked of the scopes around it, see shieldedScope.ts. */
  readonly isShielded?: boolean
  /** The requests of timeouts and task groups for this scope only that are not withdrawn. */
  requests: number
  /**
   * The request that the next step has to deliver. Taken by exactly one step, or withdrawn. A fiber that goes on by itself takes it
   * by a delivery (fiberScope.ts): in a foreign effect there is no step of ours.
   */
  due: CancelledError | undefined
  /** Whether `due` stays when a step has delivered it: no code waits for the scope any more, and every await in it is cancelled. */
  readonly isGivenUp?: boolean
  /** The context that its code began in; undefined before it is first read. */
  readonly entered: Context.Context<never> | undefined
  addWait(wait: Wait): void
  removeWait(wait: Wait): void
  /** Its awaits in flight, those of the next iteration among them, and those further in: the oldest first in each. */
  waits(): Iterable<Wait>
  /** Takes note of how an await ended, and says how the code that waited is to see it. */
  arrived(exit: Exit.Exit<never>): Exit.Exit<never>
  /** The same of an await that has ended with a cancellation of the scope itself. */
  cancelled(error: CancelledError): Exit.Exit<never>
  /**
   * What answers a request: the wait in flight, a generator that asks several, or the inner scope, which is asked in turn. True where
   * Effect will deliver the request, false where nothing can take it.
   */
  passOn(error: CancelledError): Asked | Scope
  /** The request that the next step delivers. */
  pendingCancellation(): CancelledError | undefined
  /** Takes the due request: for the step that begins, or for the wait that begins, which passes it on. */
  takeCancellation(): CancelledError | undefined
  /**
   * Keeps a request that nothing in flight has taken, for the next step. With `isAround` what is around the scope was asked as well, and
   * delivers the request when the scope is over.
   */
  keepCancellation(error: CancelledError, isAround?: boolean): void
  /** Forgets what is due here and further in: the requests were withdrawn. */
  forgetDue(): void
  /** Tells the drivers of the scope, and of scopes further in, of a request. */
  cancelRequested(error: CancelledError, passedOn: boolean): void
}

// ---- what is due -------------------------------------------------------------------------------------------------

/**
 * The request that the next step of `scope` delivers: of those that are due here and around, the one that was made last. In CPython
 * there is one `_must_cancel` for all of a task, which the last request decides.
 */
export const dueIn = (scope: Scope): CancelledError | undefined => {
  if (!scope.task.scopesKeep) return scope.task.root?.due
  let last: CancelledError | undefined
  for (let at: Scope | undefined = scope; at !== undefined; at = outerOf(at)) {
    if (at.due !== undefined && (last === undefined || !covers(last, at.due))) last = at.due
  }
  return last
}

/** Whether a shield stands between `scope` and what is asked of its task. */
export const isInShield = (scope: Scope): boolean => {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) if (at.isShielded === true) return true
  return false
}

/** Whether a step delivers `last` in place of `other`: `last` hides it, or is the same. */
const covers = (last: CancelledError, other: CancelledError): boolean => last === other || hides(last, other)

/** Takes {@link dueIn}, and with it all that is due in `scope` and around it. */
export const takeDueIn = (scope: Scope): CancelledError | undefined => {
  const error = dueIn(scope)
  if (error === undefined) return undefined
  for (let at: Scope | undefined = scope; at !== undefined; at = outerOf(at)) takeDue(at)
  return error
}

/** Takes what is due in `scope` itself, unless that stays. */
export const takeDue = (scope: Scope): CancelledError | undefined => {
  if (scope.isGivenUp === true) return undefined
  const error = scope.due
  scope.due = undefined
  return error
}

/** Keeps `error` for the next step of `scope`. */
export const keepDue = (scope: Scope, error: CancelledError): void => {
  if (scope.isGivenUp === true) return
  for (let at: Scope | undefined = scope; at !== undefined; at = outerOf(at)) hide(at.due, error)
  scope.due = error
  if (!scope.isRoot) scope.task.scopesKeep = true
}

/** Keeps in `scope` what was due in a scope inside it that is over, and was not withdrawn with that. */
export const takeOver = (scope: Scope, due: CancelledError | undefined): void => {
  if (due === undefined) return
  const pending = scope.pendingCancellation()
  if (pending === undefined || covers(due, pending)) scope.keepCancellation(due, isAskedAround(scope))
}

// ---- what is asked -----------------------------------------------------------------------------------------------

/** {@link Scope.passOn}, as far in as the request goes. */
export const passOn = (scope: Scope, error: CancelledError): Asked => {
  // Inwards by a loop: scopes can be in each other thousands deep.
  let asked = scope.passOn(error)
  while (typeof asked === "object" && "passOn" in asked) asked = asked.passOn(error)
  return asked
}

/**
 * Asks what `part` waits for. Gives the answer, or a generator that asks for it; false where the scope has to keep the request for the
 * next step.
 */
export const ask = (part: Scope | Wait, error: CancelledError): boolean | Asking => {
  const asked = part instanceof Wait ? part : passOn(part, error)
  if (!(asked instanceof Wait)) return asked
  const future = asked.future!
  if (future.ask !== undefined) return askOthers(asked, future, error)
  if (!future.cancelWith(error)) return refused(asked, error)
  asked.forwarded = error
  return true
}

function* askOthers(wait: Wait, future: FutureImpl, error: CancelledError): Asking {
  const answer: Answer = yield future
  if (answer === "ring") wait.leaveRing()
  if (answer !== true) return refused(wait, error)
  wait.forwarded = error
  return true
}

const refused = (wait: Wait, error: CancelledError): false => {
  // The future already brings an earlier request back to this wait, and that one is delivered in place of `error`.
  if (wait.forwarded !== undefined) hide(error, wait.forwarded)
  return false
}

/** Cancels a scope that is no root, and nothing around it. */
export const cancelOnly = (scope: Scope, error: CancelledError): void => {
  const asked = ask(scope, error)
  const passedOn = typeof asked === "object" ? new Walk(error, undefined, scope.task).through(asked) : asked
  if (!passedOn) keep(scope, error)
  scope.cancelRequested(error, passedOn)
}

/** Keeps a request that nothing in flight has taken, and takes note of that. */
export const keep = (scope: Scope, error: CancelledError, isAround?: boolean): void => {
  noteKept(scope.task, error)
  scope.keepCancellation(error, isAround)
}
