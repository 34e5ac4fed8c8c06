/**
 * Values of context variables that a program has in its hand: `copyContext`.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { inspect } from "../host/inspect.ts"
import { checkEffect, checkFunction } from "../model/arguments.ts"
import type { ContextVars } from "../model/ContextVars.ts"
import { callEntered, type Entered, enteredIn, serviceOf } from "../model/enteredVariables.ts"
import { RuntimeError } from "../model/errors.ts"
import { currentAmbientTask, withHint } from "../model/hints.ts"
import { callbackVariables, ContextValues, currentVariables, useVariables } from "../model/variables.ts"
import { taskOf } from "../task/current.ts"
import type { TaskImpl } from "../task/task.ts"
import { loopOf } from "./loops.ts"
import { adopt } from "./tasks.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** The values that the code on `fiber` sees, if any was set. */
export const variablesOf = (fiber: AnyFiber): ContextValues | undefined => {
  const task = taskOf(fiber)
  return enteredIn(task, fiber)?.values ?? task?.variables ?? currentVariables(loopOf(fiber))
}

/** The values that the code on `fiber` sets. */
export const ownVariablesOf = (fiber: AnyFiber): ContextValues => {
  useVariables()
  const task = taskOf(fiber) ?? adopt(fiber)
  return enteredIn(task, fiber)?.values ?? (task.variables ??= new ContextValues(new Map()))
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

export class ContextVarsImpl extends ContextValues implements ContextVars {
  copy(): ContextVars {
    return new ContextVarsImpl(this.values)
  }

  run<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.withFiber((fiber) => {
      checkEffect(effect, "run() of a context")
      return Effect.provideContext(effect, serviceOf(this.#enter(taskOf(fiber) ?? adopt(fiber), fiber)))
    })
  }

  runUnsafe<Args extends ReadonlyArray<unknown>, A>(call: (...args: Args) => A, ...args: Args): A {
    checkFunction(call, "run() of a context", "variables.run(() => ...)")
    const fiber = Fiber.getCurrent()
    const task = fiber === undefined ? undefined : taskOf(fiber)
    return callEntered(this.#enter(task ?? (currentAmbientTask() as unknown as TaskImpl | undefined), fiber), () =>
      call(...args)
    )
  }

  #enter(task: TaskImpl | undefined, fiber: AnyFiber | undefined): Entered {
    useVariables()
    const outer = enteredIn(task, fiber)
    let isEntered = task?.variables === this
    for (let at = outer; at !== undefined; at = at.outer) isEntered ||= at.values === this
    if (isEntered) {
      // When: `run` of a context inside of a `run` of the same one, or in a task that was made with it.
      throw withHint(
        new RuntimeError(`cannot enter context: ${this.toString()} is already entered`),
        "Call the code as it is, or enter a copy: `variables.copy()`."
      )
    }
    return { values: this, task: task && new WeakRef(task), outer }
  }

  override toString(): string {
    return `<Context of ${this.values.size} variable${this.values.size === 1 ? "" : "s"}>`
  }

  [inspect](): string {
    return this.toString()
  }
}
