/**
 * How many requests to cancel are there for a scope.
 */
import type { Scope } from "./scope.ts"

/** The scope around, as far as what is due there reaches `scope`. */
export const outerOf = (scope: Scope): Scope | undefined => (scope.isShielded === true ? undefined : scope.outer)

/**
 * How many requests for a scope, and for what is around it, were made and not withdrawn. Never more than for the task: `uncancel` may
 * have withdrawn one that a timeout has made, and the timeout does not know.
 */
export const requestsOn = (scope: Scope): number => {
  const { task } = scope
  const own = Math.max(0, task.cancelRequests - task.scopeRequests)
  if (!task.scopesKeep && task.scopeRequests === 0) return own
  let count = 0
  for (let at: Scope | undefined = scope; at !== undefined; at = outerOf(at)) count += at.isRoot ? own : at.requests
  return Math.min(count, task.cancelRequests)
}

/** Whether there are requests for what is around `scope`, beside those for `scope` only. */
export const isAskedAround = (scope: Scope): boolean => requestsOn(scope) > scope.requests
