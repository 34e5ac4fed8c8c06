/**
 * The end of a callback scope, as the scope knows it. What becomes of what is in flight then is in aftermath.ts.
 *
 *     open ──end, leave──▶ over, or over and to be told ──the next await ends cancelled──▶ over
 *      │                    └─a child scope leaves the request behind that told of this─▶ over and to be told
 *      └─cancelInFlight──▶ told ──end, leave──▶ over: what was begun since goes on in the scope around
 */
import type { CancelledError } from "../model/CancelledError.ts"
import type { CallbackScope, Part } from "./callbackScope.ts"
import { FiberScope } from "./fiberScope.ts"
import { takeOver } from "./scope.ts"
import { Wait } from "./wait.ts"

/** That a scope is over, whether the first await that its code still begins ends at once, or where its code goes on. */
export type Over = typeof told | typeof over | typeof overAndToBeTold | CallbackScope
// Not over yet, but what was in flight has been cancelled: what its code has begun since then is not cancelled again.
const told = "told"
export const over = "over"
export const overAndToBeTold = "over, and nothing was in flight that has heard of it"

export const isOver = (scope: CallbackScope): boolean => scope.over !== undefined && scope.over !== told

// The scope whose end an error tells of.
const scopesOfEnds = new WeakMap<CancelledError, CallbackScope>()

/** Takes note that `error` tells what is in flight in `scope` of its end. */
export const noteEnd = (scope: CallbackScope, error: CancelledError): void => void scopesOfEnds.set(error, scope)

/** Whether `error` tells of the end of a scope. */
export const tellsOfAnEnd = (error: CancelledError | undefined): boolean =>
  error !== undefined && scopesOfEnds.has(error)

/**
 * Hands over what is still due in a child scope that is over: to the scope `around`. What tells of the end of the scope that its code
 * is of is for that code alone, and `around` may be a scope in which other code goes on.
 */
export const handOverDue = (due: CancelledError | undefined, around: CallbackScope): void => {
  const ended = due && scopesOfEnds.get(due)
  if (ended === undefined) takeOver(around, due)
  else if (isOver(ended)) ended.over = overAndToBeTold
}

/** Ends a scope, whose code perhaps has `failed`. */
export const close = (scope: CallbackScope, failed: boolean): void => {
  if (isOver(scope)) return
  const busy = scope.inFlight()
  const wasTold = scope.over === told
  scope.over = failed && !wasTold && !hearsOfItsEnd(scope) ? overAndToBeTold : over
  if (!busy) return
  if (wasTold) return ending.handOver(scope, around(scope))
  const error = ending.cancelParts(scope, () => around(scope))
  if (failed) scope.driver.cancelRequested(error, true)
}

/** Cancels what is in flight in a scope that is about to end. */
export const cancelInFlight = (scope: CallbackScope): void => {
  if (isOver(scope) || !scope.inFlight()) return
  if (hearsOfItsEnd(scope)) scope.over = told
  scope.driver.cancelRequested(ending.cancelParts(scope, undefined), true)
}

const hearsOfItsEnd = (scope: CallbackScope): boolean => scope.inFlight() && scope.parts().some(hearsOfTheEnd)

/** Whether a part that is in flight when its scope is over ends cancelled: a task that is awaited does not, nor what is shielded. */
export const hearsOfTheEnd = (part: Part): boolean =>
  part instanceof Wait ? part.future?.shared !== true : part.isShielded !== true

/** The scope that code goes on in whose own scope is over. */
export const around = (scope: CallbackScope): CallbackScope => {
  const outer = scope.outer instanceof FiberScope ? scope.outer.outer : (scope.outer as CallbackScope | undefined)
  if (outer !== undefined) return isOver(outer) ? around(outer) : outer
  if (typeof scope.over === "object") return scope.over
  const aftermath = ending.aftermathOf(scope)
  // Where the code is still to be told, a look at the scope around, or a handover, must not change that.
  if (scope.over !== overAndToBeTold) scope.over = aftermath
  return aftermath
}

/** What is done at the end of a scope, by aftermath.ts, which cannot be imported here: its scopes are callback scopes. */
export interface Ending {
  aftermathOf(scope: CallbackScope): CallbackScope
  /** Cancels what is in flight in `scope`, and gives the error. What goes on is handed over to `around`, if the scope is over. */
  cancelParts(scope: CallbackScope, around: (() => CallbackScope) | undefined): CancelledError
  /** Hands what is in flight over to the scope around. */
  handOver(scope: CallbackScope, around: CallbackScope): void
  error(): CancelledError
}

export let ending: Ending

/**
 * To be called before a callback scope is made. A statement that calls it when the module is loaded would have bundlers keep
 * aftermath.ts in programs that make none.
 */
export const setEnding = (next: Ending): void => {
  ending = next
}
