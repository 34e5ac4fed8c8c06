/**
 * The values of context variables. A task, and a callback, has ContextValues of its own, which begin as a copy of its creator's.
 * Maps are never changed, only replaced, so that a copy costs nothing.
 *
 * A program that sets no variable has no ContextValues at all.
 */
import { checkOptions } from "./arguments.ts"
import type { ContextVars } from "./ContextVars.ts"
import { unexpectedValue } from "./hints.ts"

export class ContextValues {
  values: ReadonlyMap<object, unknown>

  constructor(values: ReadonlyMap<object, unknown>) {
    this.values = values
  }
}

/** Knows the task whose code is running: a loop. */
interface Loop {
  /** The values of that task, if there is a task and it has any. */
  taskVariables(): ContextValues | undefined
}

// Whether any variable was ever set; until then nothing is copied.
let inUse = false
// The values of the callback that is running.
let ofCallback: ContextValues | undefined

export const useVariables = (): void => {
  inUse = true
}

/** The values of the code that is running in `loop`. */
export const currentVariables = (loop: Loop | undefined): ContextValues | undefined =>
  loop?.taskVariables() ?? ofCallback

/** The values for a task or callback that is created now. */
export const copyVariables = (loop: Loop): ContextValues | undefined =>
  inUse ? new ContextValues(currentVariables(loop)?.values ?? new Map()) : undefined

/** What a program has in its hand of some values. */
export interface InHand extends ContextVars {
  readonly inner: ContextValues
}

/** The values that a program has given to a task. Refuses what `copyContext` has not made. */
export const givenVariables = (variables: ContextVars): ContextValues => {
  const { inner } = variables as InHand
  return inner
}

const isInHand = (value: unknown): boolean => (value as Partial<InHand> | null)?.inner?.values instanceof Map

/** Refuses options of a task that are none, and variables in them that `copyContext` has not made. */
export const checkTaskOptions = (options: { readonly variables?: unknown }): void => {
  checkOptions(options, "createTask()", '{ name: "worker" }')
  const { variables } = options
  if (variables === undefined || isInHand(variables)) return
  // When: the option `variables` of a task is none of what `copyContext` gives.
  throw unexpectedValue("the variables of a task were expected", variables, "Give it what `copyContext` gives.")
}

/** Makes `variables` those of the callback that runs from here on; gives back those of the code around it. */
export const enterVariables = (variables: ContextValues | undefined): ContextValues | undefined => {
  const outer = ofCallback
  ofCallback = variables
  return outer
}

/** Ends {@link enterVariables}, which gave `outer`. */
export const leaveVariables = (outer: ContextValues | undefined): void => {
  ofCallback = outer
}

/** The values of the callback that is running, to set one of them. */
export const callbackVariables = (): ContextValues => {
  inUse = true
  return (ofCallback ??= new ContextValues(new Map()))
}
