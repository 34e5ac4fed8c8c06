/**
 * Values of context variables that a program has in its hand: `copyContext`, and the context of a callback.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { inspect } from "../host/inspect.ts"
import type { AnyFiber } from "../model/AnyFiber.ts"
import { checkEffect, checkFunction } from "../model/arguments.ts"
import type { ContextVars } from "../model/ContextVars.ts"
import { callEntered, type Entered, enteredIn, serviceOf } from "../model/enteredVariables.ts"
import { RuntimeError } from "../model/errors.ts"
import { currentAmbientTask, withHint } from "../model/hints.ts"
import { ContextValues, type InHand, useVariables } from "../model/variables.ts"
import { taskOf } from "./current.ts"
import type { TaskImpl } from "./task.ts"

export class ContextVarsImpl implements InHand {
  readonly inner: ContextValues

  constructor(inner: ContextValues) {
    this.inner = inner
  }

  get values(): ReadonlyMap<object, unknown> {
    return this.inner.values
  }

  copy(): ContextVars {
    return new ContextVarsImpl(new ContextValues(this.values))
  }

  run<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.withFiber((fiber) => {
      checkEffect(effect, "run() of a context")
      return Effect.provideContext(effect, serviceOf(this.#enter(taskOf(fiber), fiber)))
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
    let isEntered = task?.variables === this.inner
    for (let at = outer; at !== undefined; at = at.outer) isEntered ||= at.values === this.inner
    if (isEntered) {
      // When: `run` of a context inside of a `run` of the same one, or in a task that was made with it.
      throw withHint(
        new RuntimeError(`cannot enter context: ${this.toString()} is already entered`),
        "Call the code as it is, or enter a copy: `variables.copy()`."
      )
    }
    const within = task ?? fiber
    return { values: this.inner, isTask: task !== undefined, within: within && new WeakRef(within), outer }
  }

  toString(): string {
    return `<Context of ${this.values.size} variable${this.values.size === 1 ? "" : "s"}>`
  }

  [inspect](): string {
    return this.toString()
  }
}
