/**
 * The values of context variables. A task, and a callback, has a holder of its own, made from a copy of its creator's
 * when it was created. Maps are never changed, only replaced, so that a copy costs nothing.
 *
 * A program that sets no variable has no holders at all.
 */
import { unexpectedValue } from "./hints.ts"

export class VariablesHolder {
  values: ReadonlyMap<object, unknown>

  constructor(values: ReadonlyMap<object, unknown>) {
    this.values = values
  }
}

/** Knows the task whose code is running: a loop. */
interface Loop {
  /** The holder of that task, if there is a task and it has one. */
  taskVariables(): VariablesHolder | undefined
}

// Whether any variable was ever set; until then nothing is copied.
let inUse = false
// The holder of the callback that is running.
let ofCallback: VariablesHolder | undefined

export const useVariables = (): void => {
  inUse = true
}

/** The holder of the code that is running in `loop`. */
export const currentVariables = (loop: Loop | undefined): VariablesHolder | undefined =>
  loop?.taskVariables() ?? ofCallback

/** A holder for a task or callback that is created now. */
export const copyVariables = (loop: Loop): VariablesHolder | undefined =>
  inUse ? new VariablesHolder(currentVariables(loop)?.values ?? new Map()) : undefined

/** Refuses what `copyContext` has not made. */
export const checkVariables = (variables: unknown): void => {
  if ((variables as { readonly values?: unknown } | null)?.values instanceof Map) return
  // When: the option `variables` of a task is none of what `copyContext` gives.
  throw unexpectedValue("the variables of a task were expected", variables, "Give it what `copyContext` gives.")
}

/** Makes `variables` those of the callback that runs from here on; gives back those of the code around it. */
export const enterVariables = (variables: VariablesHolder | undefined): VariablesHolder | undefined => {
  const outer = ofCallback
  ofCallback = variables
  return outer
}

/** Ends {@link enterVariables}, which gave `outer`. */
export const leaveVariables = (outer: VariablesHolder | undefined): void => {
  ofCallback = outer
}

/** The holder of the callback that is running, for it to set a value in. */
export const callbackVariables = (): VariablesHolder => {
  inUse = true
  return (ofCallback ??= new VariablesHolder(new Map()))
}
