/**
 * Values that belong to a task.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import { LookupError, RuntimeError, ValueError } from "./errors.ts"
import { quote } from "./internal/data/text.ts"
import { inspect } from "./internal/host/inspect.ts"
import { ownVariablesHere, ownVariablesOf, variablesHere, variablesOf } from "./internal/make/variablesOf.ts"
import { ContextVarsImpl } from "./internal/task/contextVars.ts"
import { checkOptions } from "./internal/model/arguments.ts"
import type { ContextVars } from "./internal/model/ContextVars.ts"
import { unexpectedValue, withHint } from "./internal/model/hints.ts"
import { describe, valueRepr } from "./internal/model/repr.ts"
import { ContextValues, useVariables } from "./internal/model/variables.ts"

export type { ContextVars } from "./internal/model/ContextVars.ts"

/**
 * A copy of the current task's values, for tasks that are to share one: each sees and keeps what the others set. Its `run` runs a
 * part of a task with it.
 *
 * **asyncio**
 *
 * [`contextvars.copy_context()`](https://docs.python.org/3/library/contextvars.html#contextvars.copy_context), for the `context`
 * argument of [`asyncio.create_task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task). Its `run` is
 * [`Context.run`](https://docs.python.org/3/library/contextvars.html#contextvars.Context.run), which takes an Effect here.
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
 *   return [yield* yield* asyncio.createTask(user.get(), { variables }), yield* user.get()]
 * })
 *
 * await asyncio.run(main) // => ["ada", "nobody"]
 * ```
 *
 * **Example** (A part of a task with values of its own)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
 *
 * const main = Effect.gen(function*() {
 *   const variables = yield* asyncio.copyContext
 *   yield* variables.run(user.set("ada"))
 *   return [yield* user.get(), yield* variables.run(user.get())]
 * })
 *
 * await asyncio.run(main) // => ["nobody", "ada"]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const copyContext: Effect.Effect<ContextVars> = /*#__PURE__*/ Effect.withFiberSucceed((fiber) => {
  useVariables()
  return new ContextVarsImpl(new ContextValues(variablesOf(fiber)?.values ?? new Map()))
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
 * Without a default, `get()` fails with a {@link LookupError} where nothing was set: the type parameter `E` says so.
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
 *   const child = yield* asyncio.createTask(user.get())
 *   yield* user.set("grace")
 *   return [yield* child, yield* user.get()]
 * })
 *
 * await asyncio.run(main) // => ["ada", "grace"]
 * ```
 *
 * **Example** (Setting a value for a while)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const user = asyncio.ContextVar.make<string>("user")
 *
 * const asAda = <A, E, R>(body: Effect.Effect<A, E, R>) =>
 *   Effect.acquireUseRelease(user.set("ada"), () => body, (token) => user.reset(token))
 *
 * const main = Effect.gen(function*() {
 *   return [yield* asAda(user.get("nobody")), yield* user.get("nobody")]
 * })
 *
 * await asyncio.run(main) // => ["ada", "nobody"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class ContextVar<in out A, out E = never> {
  /** Makes a variable, with a default value or without one. It is a key, and made outside of any program. */
  static make<A>(name: string, options: { readonly defaultValue: A }): ContextVar<A>
  static make<A>(name: string): ContextVar<A, LookupError>
  static make<A>(name: string, options?: { readonly defaultValue: A }): ContextVar<A, LookupError> {
    if (typeof name !== "string") {
      // When: `ContextVar.make` got no name.
      throw unexpectedValue("a string was expected for the name of a ContextVar", name, shape)
    }
    checkOptions(options, "ContextVar.make()", "{ defaultValue: 0 }")
    return new ContextVar<A, LookupError>(
      name,
      options !== undefined && "defaultValue" in options ? [options.defaultValue] : []
    )
  }

  readonly name: string
  /**
   * The error of `get()`: a {@link LookupError}, or none for a variable that has a default.
   *
   * @hidden
   */
  declare readonly "~E"?: E
  readonly #defaultValue: readonly [A?]

  private constructor(name: string, defaultValue: readonly [A?]) {
    this.name = name
    this.#defaultValue = defaultValue
  }

  /**
   * The value in the current task; where none was set `fallback` if it is given, and otherwise the default. Fails with a
   * {@link LookupError} where there is none of them.
   */
  get(): Effect.Effect<A, E>
  get<B>(fallback: B): Effect.Effect<A | B>
  get<B>(...fallback: readonly [B?]): Effect.Effect<A | B, E> {
    return Effect.withFiber((fiber) => {
      const found = this.#find(variablesOf(fiber), fallback)
      return found.length === 0 ? Effect.fail(this.#lookupError() as E) : Effect.succeed(found[0] as A | B)
    })
  }

  /** Sets the value for the current task. The token is for {@link reset}. */
  set(value: A): Effect.Effect<Token<A>> {
    return Effect.withFiberSucceed((fiber) => this.#write(ownVariablesOf(fiber), value))
  }

  /**
   * Takes back what {@link set} has done: the variable has the value that it had before, or none. A defect: a {@link RuntimeError} for
   * a token that was used, a {@link ValueError} for one of another variable, or of another task or context.
   */
  reset(token: Token<A>): Effect.Effect<void> {
    return Effect.withFiberSucceed((fiber: Fiber.Fiber<unknown, unknown>) => this.#reset(ownVariablesOf(fiber), token))
  }

  /** {@link get} in a callback of the loop, or in plain code that a task calls. Throws the LookupError. */
  getUnsafe(): A
  getUnsafe<B>(fallback: B): A | B
  getUnsafe<B>(...fallback: readonly [B?]): A | B {
    const found = this.#find(variablesHere(), fallback)
    if (found.length === 0) throw this.#lookupError()
    return found[0] as A | B
  }

  /** {@link set} in a callback of the loop, for the rest of it and what it registers, or in plain code that a task calls. */
  setUnsafe(value: A): Token<A> {
    return this.#write(ownVariablesHere(), value)
  }

  /** {@link reset} in a callback of the loop, or in plain code that a task calls. Throws. */
  resetUnsafe(token: Token<A>): void {
    this.#reset(ownVariablesHere(), token)
  }

  /** How it prints: its name and its default, in Python's format. */
  toString(): string {
    const byDefault = this.#defaultValue.length === 0 ? "" : ` default=${valueRepr(this.#defaultValue[0])}`
    return `<ContextVar name=${quote(this.name)}${byDefault}>`
  }

  /** The value, in a list; an empty list where there is none. */
  #find(context: ContextValues | undefined, fallback: readonly [unknown?]): readonly [unknown?] {
    if (context?.values.has(this) === true) return [context.values.get(this)]
    return fallback.length > 0 ? fallback : this.#defaultValue
  }

  #lookupError(): LookupError {
    // When: `get()` of a ContextVar without a default, where none was set.
    return withHint(
      new LookupError(this.toString()),
      "Set it before, give it a default value, or say what to take instead: `get(fallback)`."
    )
  }

  #write(context: ContextValues, value: A): Token<A> {
    const { values } = context
    const oldValue = values.has(this) ? (values.get(this) as A) : Token.MISSING
    context.values = new Map(values).set(this, value)
    return makeToken(this, oldValue, context)
  }

  #reset(context: ContextValues, token: Token<A>): void {
    if (!(token instanceof Token)) {
      // When: `reset` of a ContextVar got something else than what `set` has given.
      const given = describe(token)
      throw withHint(new TypeError(`expected an instance of Token, got ${given}`), "Give it what `set` has given.")
    }
    token.use(this, context)
    const values = new Map(context.values)
    if (token.oldValue === Token.MISSING) values.delete(this)
    else values.set(this, token.oldValue)
    context.values = values
  }

  /** @internal */
  [inspect](): string {
    return this.toString()
  }
}

const shape = "Write `ContextVar.make(name, { defaultValue })`."

let makeToken: <A>(
  variable: ContextVar<A, unknown>,
  oldValue: A | typeof Token.MISSING,
  context: ContextValues
) => Token<A>

/**
 * What {@link ContextVar.set} gives, for {@link ContextVar.reset}. It serves once, in the task or context that it was made in.
 *
 * **asyncio**
 *
 * Same as [`contextvars.Token`](https://docs.python.org/3/library/contextvars.html#contextvars.Token).
 *
 * **Example** (The value before)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const user = asyncio.ContextVar.make<string>("user")
 *
 * const main = Effect.gen(function*() {
 *   const first = yield* user.set("ada")
 *   const second = yield* user.set("grace")
 *   return [first.oldValue === asyncio.Token.MISSING, second.oldValue]
 * })
 *
 * await asyncio.run(main) // => [true, "ada"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Token<out A> {
  /** The {@link oldValue} where the variable had none. */
  static readonly MISSING: unique symbol = Symbol.for("@effect-asyncio/core/Token.MISSING")

  static {
    makeToken = (variable, oldValue, context) => new Token(variable, oldValue, context)
  }

  /** The variable that was set. */
  readonly variable: ContextVar<never, unknown>
  /** The value that it had before, or {@link Token.MISSING}. */
  readonly oldValue: A | typeof Token.MISSING
  readonly #context: ContextValues
  #used = false

  private constructor(variable: object, oldValue: A | typeof Token.MISSING, context: ContextValues) {
    this.variable = variable as ContextVar<never, unknown>
    this.oldValue = oldValue
    this.#context = context
  }

  /** How it prints, in Python's format: whether it was used, and its variable. */
  toString(): string {
    return `<Token${this.#used ? " used" : ""} var=${this.variable.toString()}>`
  }

  /** @internal */
  use(variable: object, context: ContextValues): void {
    if (this.#used) {
      // When: `reset` of a ContextVar a second time with the same token.
      throw withHint(
        new RuntimeError(`${this.toString()} has already been used once`),
        "Reset once, with each token that `set` has given."
      )
    }
    if (this.variable !== variable) {
      // When: `reset` of a ContextVar with the token of another one.
      throw withHint(
        new ValueError(`${this.toString()} was created by a different ContextVar`),
        "Give it to the variable that it came from."
      )
    }
    if (this.#context !== context) {
      // When: `reset` of a ContextVar in another task, callback or context than it was set in.
      throw withHint(
        new ValueError(`${this.toString()} was created in a different Context`),
        "Reset it where it was set: each task has values of its own."
      )
    }
    this.#used = true
  }

  /** @internal */
  [inspect](): string {
    return this.toString()
  }
}
