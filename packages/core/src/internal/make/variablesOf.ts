/**
 * The values of context variables that some code sees and sets.
 */
import * as Fiber from "effect/Fiber"
import type { AnyFiber } from "../model/AnyFiber.ts"
import { enteredIn } from "../model/enteredVariables.ts"
import { callbackVariables, ContextValues, currentVariables, useVariables } from "../model/variables.ts"
import { taskOf } from "../task/current.ts"
import { loopOf } from "./loops.ts"
import { adopt } from "./adopt.ts"

/** The values that the code on `fiber` sees, if any was set. */
export const variablesOf = (fiber: AnyFiber): ContextValues | undefined => {
  const task = taskOf(fiber)
  return enteredIn(task, fiber)?.values ?? task?.variables ?? currentVariables(loopOf(fiber))
}

/** The values that the code on `fiber` sets. */
export const ownVariablesOf = (fiber: AnyFiber): ContextValues => {
  useVariables()
  const task = taskOf(fiber)
  return enteredIn(task, fiber)?.values ?? ((task ?? adopt(fiber)).variables ??= new ContextValues(new Map()))
}

/** The values that code outside of Effect sees: that of a callback, or plain code that a task calls. */
export const variablesHere = (): ContextValues | undefined => {
  const fiber = fiberOfTask()
  return fiber === undefined
    ? (enteredIn(undefined, undefined)?.values ?? currentVariables(undefined))
    : variablesOf(fiber)
}

/** The values that code outside of Effect sets. */
export const ownVariablesHere = (): ContextValues => {
  const fiber = fiberOfTask()
  return fiber === undefined ? (enteredIn(undefined, undefined)?.values ?? callbackVariables()) : ownVariablesOf(fiber)
}

/** The fiber on the JavaScript stack, if it is part of a task. */
const fiberOfTask = (): AnyFiber | undefined => {
  const fiber = Fiber.getCurrent()
  return fiber === undefined || taskOf(fiber) === undefined ? undefined : fiber
}
