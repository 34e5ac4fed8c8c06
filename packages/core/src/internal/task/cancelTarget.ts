/**
 * What timeouts and task groups cancel, and what they ask of a scope.
 */
import type { CancelledError } from "../model/CancelledError.ts"
import { retold } from "./retelling.ts"
import { isAskedAround, requestsOn } from "./requestCounts.ts"
import { cancelOnly, keep, type Scope } from "./scope.ts"
import type { TaskImpl } from "./task.ts"
import type { TaskLoop } from "./taskLoop.ts"

/**
 * A timeout or a task group cancels its *cancel target*: the task, if the body runs on the task's own fiber; the scope around the
 * body, if that is only a part of a task; otherwise the plain fiber. A branch of `Effect.all` that times out must not cancel the task
 * it is a part of.
 */
export interface CancelTarget {
  readonly loop: TaskLoop
  readonly task: TaskImpl | undefined
  /** Makes the one request that the timeout or group withdraws at its end. */
  cancel(error: CancelledError): void
  /** Withdraws the request of {@link cancel}; gives how many requests are left. */
  uncancel(error: CancelledError): number
  /** Has the next await deliver a request from outside that {@link cancel} has hidden; the count stays. */
  askAgain(error: CancelledError): void
  cancelling(): number
  /** The request that is due, if there is one. */
  pendingCancellation(): CancelledError | undefined
  /** The loop is closed, so that no time limit is kept any more. Undefined where the target ends with its task. */
  loopClosed?(): void
}

// ---- a scope as a target -------------------------------------------------------------------------------------------

/** Counts the request of a timeout or a task group, and cancels the scope. */
export const request = (scope: Scope, error: CancelledError): void => {
  if (scope.isRoot) {
    // `cancelWith` marks a done task as retrieved. A timeout that outlives its task has not retrieved it.
    if (scope.task.exit === undefined) scope.task.cancelWith(error)
    return
  }
  scope.requests++
  scope.task.scopeRequests++
  scope.task.cancelRequests++
  cancelOnly(scope, error)
}

/** Withdraws {@link request}; gives how many requests are left on the scope and around it. */
export const withdraw = (scope: Scope): number => {
  if (!scope.isRoot) {
    scope.requests--
    scope.task.scopeRequests--
  }
  scope.task.uncancelUnsafe()
  const left = requestsOn(scope)
  if (left === 0) scope.forgetDue()
  return left
}

/**
 * Has the next await deliver `error`, a request from outside that the request of a timeout or a group has hidden. It is not counted
 * twice.
 */
export const askAgain = (scope: Scope, error: CancelledError): void => {
  if (requestsOn(scope) === 0) return
  // The request that is due already knows its own reason.
  const due = scope.pendingCancellation()
  const again = due === undefined ? error : retold(due)
  if (!scope.isRoot) return keep(scope, again, isAskedAround(scope))
  scope.task.uncancelUnsafe()
  scope.task.cancelWith(again)
}
