/**
 * Values that belong to a task.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { unexpectedValue } from "./internal/model/hints.ts"
import { checkOptions } from "./internal/model/arguments.ts"
import { loopOf } from "./internal/make/loops.ts"
import { adopt } from "./internal/make/tasks.ts"
import { ContextValues, callbackVariables, currentVariables, useVariables } from "./internal/model/variables.ts"
import { taskOf } from "./internal/task/current.ts"
import { inspect } from "./internal/host/inspect.ts"
import { valueRepr } from "./internal/model/repr.ts"
import { quote } from "./internal/data/text.ts"
import type { ContextVars } from "./internal/model/ContextVars.ts"

export type { ContextVars } from "./internal/model/ContextVars.ts"

/**
 * A copy of the current task's values, for tasks that are to share one: each sees and keeps what the others set.
 *
 * **asyncio**
 *
 * [`contextvars.copy_context()`](https://docs.python.org/3/library/contextvars.html#contextvars.copy_context), for the `context`
 * argument of [`asyncio.create_task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task).
 *
 * **Example** (Two tasks with the same values)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
 *
 * const main = Effect.gen(function*() {
 *   const variables = yield* asyncio.copyContext
 *   yield* yield* asyncio.createTask(user.set("ada"), { variables })
 *   return [yield* yield* asyncio.createTask(user.get, { variables }), yield* user.get]
 * })
 *
 * await asyncio.run(main) // => ["ada", "nobody"]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const copyContext: Effect.Effect<ContextVars> = /*#__PURE__*/ Effect.withFiberSucceed((fiber) => {
  useVariables()
  const context = taskOf(fiber)?.variables ?? currentVariables(loopOf(fiber))
  return new ContextValues(context?.values ?? new Map())
})

/**
 * A variable whose value belongs to the task that set it.
 *
 * **When to use**
 *
 * An Effect program provides values downwards with a `Context.Reference`. Use a ContextVar for code that was written for
 * Python's contextvars: a value that is *set*, and is then seen by everything that follows in the same task.
 *
 * **Details**
 *
 * A task starts with a copy of its creator's values. What it sets is seen in the whole task, also by its callers and by
 * plain fibers inside it, and by no other task. A callback runs in a copy taken when it was registered.
 *
 * **asyncio**
 *
 * Same as [`contextvars.ContextVar`](https://docs.python.org/3/library/contextvars.html#contextvars.ContextVar) under asyncio.
 * What a task sees is described in PEP 567.
 *
 * **Example** (A child sees the value at its creation)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
 *
 * const main = Effect.gen(function*() {
 *   yield* user.set("ada")
 *   const child = yield* asyncio.createTask(user.get)
 *   yield* user.set("grace")
 *   return [yield* child, yield* user.get]
 * })
 *
 * await asyncio.run(main) // => ["ada", "grace"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class ContextVar<in out A> {
  /** Makes a variable with a default value. */
  static make<A>(name: string, options: { readonly defaultValue: A }): ContextVar<A> {
    if (typeof name !== "string") {
      // When: `ContextVar.make` got no name.
      throw unexpectedValue("a string was expected for the name of a ContextVar", name, shape)
    }
    checkOptions(options ?? null, "ContextVar.make()", "{ defaultValue: 0 }")
    return new ContextVar(name, options.defaultValue)
  }

  readonly name: string
  readonly #defaultValue: A

  private constructor(name: string, defaultValue: A) {
    this.name = name
    this.#defaultValue = defaultValue
  }

  /** The value in the current task, the default where none was set. */
  get get(): Effect.Effect<A> {
    return Effect.withFiberSucceed((fiber) => this.#read(taskOf(fiber)?.variables ?? currentVariables(loopOf(fiber))))
  }

  /** Sets the value for the current task. */
  set(value: A): Effect.Effect<void> {
    return Effect.withFiberSucceed((fiber) => this.#write(valuesOf(fiber), value))
  }

  /** {@link get} in a callback of the loop, or in plain code that a task calls. */
  getUnsafe(): A {
    return this.#read(runningValues() ?? currentVariables(undefined))
  }

  /** {@link set} in a callback of the loop, for the rest of it and what it registers, or in plain code that a task calls. */
  setUnsafe(value: A): void {
    this.#write(runningValues() ?? callbackVariables(), value)
  }

  /** How it prints: its name and its default, in Python's format. */
  toString(): string {
    return `<ContextVar name=${quote(this.name)} default=${valueRepr(this.#defaultValue)}>`
  }

  #read(context: ContextValues | undefined): A {
    return context?.values.has(this) === true ? (context.values.get(this) as A) : this.#defaultValue
  }

  #write(context: ContextValues, value: A): void {
    context.values = new Map(context.values).set(this, value)
  }

  /** @internal */
  [inspect](): string {
    return this.toString()
  }
}

/** The values of the task whose code is on the JavaScript stack, `undefined` in a callback. */
const runningValues = (): ContextValues | undefined => {
  const fiber = Fiber.getCurrent()
  return fiber === undefined || taskOf(fiber) === undefined ? undefined : valuesOf(fiber)
}

const valuesOf = (fiber: Fiber.Fiber<unknown, unknown>): ContextValues => {
  useVariables()
  const task = taskOf(fiber) ?? adopt(fiber)
  return (task.variables ??= new ContextValues(new Map()))
}

const shape = "Write `ContextVar.make(name, { defaultValue })`."
