/**
 * Values of context variables that a part of a task, or of a callback, has entered: `ContextVars.run`.
 */
import * as Context from "effect/Context"
import type { AnyFiber } from "./AnyFiber.ts"
import type { ContextValues } from "./variables.ts"

export interface Entered {
  readonly values: ContextValues
  /**
   * The task whose code has entered them, or a fiber that is in none; undefined in a callback. A task that this code starts inherits the
   * services around, but not these values; and it must not keep its creator alive.
   */
  readonly within: WeakRef<object> | undefined
  readonly isTask: boolean
  readonly outer: Entered | undefined
}

// Whether any values were ever entered; until then no read looks for them.
let inUse = false

// Those of a function, while it is on the stack.
let ofCall: Entered | undefined

/** Those of an Effect, in its fibers, and with which function's they were entered in. */
const OfEffect = /*#__PURE__*/ Context.Reference<
  { readonly entered: Entered; readonly inCall: Entered | undefined } | undefined
>("@effect-asyncio/core/EnteredVariables", { defaultValue: () => undefined })

/** What the code that runs in `task`, and on `fiber` if it does, has entered last and not left. */
export const enteredIn = (task: object | undefined, fiber: AnyFiber | undefined): Entered | undefined => {
  if (!inUse) return undefined
  const ofEffect = fiber?.getRef(OfEffect)
  // A function that the Effect has called is further in, and so is an Effect that the function has run.
  const entered = ofCall === undefined || ofEffect?.inCall === ofCall ? ofEffect?.entered : ofCall
  if (entered === undefined) return undefined
  const within = entered.within?.deref()
  // A fiber that was in no task may have been given one since.
  const isOurs = entered.isTask ? within === task : task === undefined || within === fiber
  return isOurs ? entered : undefined
}

/** Calls `call` with `entered`. */
export const callEntered = <A>(entered: Entered, call: () => A): A => {
  inUse = true
  const outer = ofCall
  ofCall = entered
  try {
    return call()
  } finally {
    ofCall = outer
  }
}

/** The services of an Effect that has `entered`. */
export const serviceOf = (entered: Entered): Context.Context<never> => {
  inUse = true
  return Context.make(OfEffect, { entered, inCall: ofCall })
}
