/**
 * Values that belong to a task.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { current, runNow } from "./internal/current.ts"

const wrappers = new WeakMap<object, object>()

/**
 * A variable whose value belongs to the task that set it.
 *
 * **Details**
 *
 * A task starts with a copy of its creator's values. What it sets is seen in the whole task, also by the functions that
 * called the one that set it, and by no other task. That is what `AsyncLocalStorage` does not offer, where a value is seen
 * further in only. A callback of the loop runs in a copy taken when it was registered.
 *
 * Without a default, `get()` throws a {@link LookupError} where nothing was set.
 *
 * **asyncio**
 *
 * Same as [`contextvars.ContextVar`](https://docs.python.org/3/library/contextvars.html#contextvars.ContextVar) under asyncio.
 * What a task sees is described in PEP 567.
 *
 * **Example** (A child sees the value at its creation)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
 *
 * await asyncio.run(async () => {
 *   user.set("ada")
 *   const child = asyncio.createTask(() => user.get())
 *   user.set("grace")
 *   return [await child, user.get()]
 * }) // => ["ada", "grace"]
 * ```
 *
 * **Example** (Setting a value for a while)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const user = asyncio.ContextVar.make<string>("user")
 *
 * await asyncio.run(async () => {
 *   const seen: Array<string> = []
 *   {
 *     using _ = user.set("ada")
 *     seen.push(user.get("nobody"))
 *   }
 *   return [...seen, user.get("nobody")]
 * }) // => ["ada", "nobody"]
 * ```
 *
 * **Example** (Set, and taken back)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 *
 * const user = asyncio.ContextVar.make<string>("user")
 *
 * await asyncio.run(() => {
 *   const token = user.set("ada")
 *   const inside = user.get()
 *   user.reset(token)
 *   return [inside, user.get("nobody")]
 * }) // => ["ada", "nobody"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class ContextVar<in out A> {
  /** The same variable as core knows it. */
  readonly core: asyncio.ContextVar<A, unknown>

  private constructor(core: asyncio.ContextVar<A, unknown>) {
    this.core = core
    wrappers.set(core, this)
  }

  /** Makes a variable, with a default value or without one. */
  static make<A>(name: string, options?: { readonly defaultValue: A }): ContextVar<A> {
    return new ContextVar<A>(asyncio.ContextVar.make<A>(name, options as { readonly defaultValue: A }))
  }

  /** The wrapper of a variable of core. The same variable always has the same wrapper. */
  static of<A>(core: asyncio.ContextVar<A, unknown>): ContextVar<A> {
    const known = wrappers.get(core) as ContextVar<A> | undefined
    if (known !== undefined) return known
    if (!lowlevel.safely(() => core instanceof asyncio.ContextVar, false)) {
      // When: `ContextVar.of` got something else than a variable of core.
      throw lowlevel.unexpectedValue(
        "a ContextVar of core was expected",
        core,
        "Give it what core's `ContextVar.make` gives."
      )
    }
    return new ContextVar<A>(core)
  }

  get name(): string {
    return this.core.name
  }

  /** How it prints: its name and its default, in Python's format. */
  toString(): string {
    return this.core.toString()
  }

  /**
   * The value in the current task; where none was set `fallback` if it is given, and otherwise the default. Throws a
   * {@link LookupError} where there is none of them.
   */
  get(): A
  get<B>(fallback: B): A | B
  get(...fallback: []): unknown {
    return current()?.task === undefined ? this.core.getUnsafe(...fallback) : runNow(this.core.get(...fallback))
  }

  /**
   * Sets the value for the current task; in a callback, for the rest of it and what it registers. The token is for {@link reset}, and
   * for `using token = user.set(value)`.
   */
  set(value: A): Token<A> {
    return new Token(current()?.task === undefined ? this.core.setUnsafe(value) : runNow(this.core.set(value)), this)
  }

  /**
   * Takes back what {@link set} has done: the variable has the value that it had before, or none. Throws a {@link RuntimeError} for a token
   * that was used, a {@link ValueError} for one of another variable, or of another task or context.
   */
  reset(token: Token<A>): void {
    const core = token instanceof Token ? token.core : (token as asyncio.Token<A>)
    if (current()?.task === undefined) this.core.resetUnsafe(core)
    else runNow(this.core.reset(core))
  }

  /** @internal */
  [lowlevel.inspect](): string {
    return this.toString()
  }
}

/**
 * What {@link ContextVar.set} gives, for {@link ContextVar.reset}. It serves once, in the task or context that it was made in. With
 * `using` it resets at the end of the block.
 *
 * **asyncio**
 *
 * Same as [`contextvars.Token`](https://docs.python.org/3/library/contextvars.html#contextvars.Token), which is a context manager from
 * Python 3.14 on.
 *
 * **Example** (The value before)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const user = asyncio.ContextVar.make<string>("user")
 *
 * await asyncio.run(async () => {
 *   const first = user.set("ada")
 *   const second = user.set("grace")
 *   return [first.oldValue === asyncio.Token.MISSING, second.oldValue]
 * }) // => [true, "ada"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Token<in out A> {
  /** The {@link oldValue} where the variable had none. */
  static readonly MISSING: typeof asyncio.Token.MISSING = /*#__PURE__*/ Symbol.for(
    "@effect-asyncio/core/Token.MISSING"
  ) as never

  /** The same token as core knows it. */
  readonly core: asyncio.Token<A>
  /** The variable that was set. */
  readonly variable: ContextVar<A>

  /** @internal */
  constructor(core: asyncio.Token<A>, variable: ContextVar<A>) {
    this.core = core
    this.variable = variable
  }

  /** The value that the variable had before, or {@link Token.MISSING}. */
  get oldValue(): A | typeof asyncio.Token.MISSING {
    return this.core.oldValue
  }

  /** How it prints, in Python's format: whether it was used, and its variable. */
  toString(): string {
    return this.core.toString()
  }

  /** {@link ContextVar.reset}, at the end of a block with `using`. */
  [Symbol.dispose](): void {
    this.variable.reset(this)
  }

  /** @internal */
  [lowlevel.inspect](): string {
    return this.toString()
  }
}

/**
 * The values of context variables that a task starts with and sets: a copy of its creator's, unless it is given one.
 *
 * **asyncio**
 *
 * Same as [`contextvars.Context`](https://docs.python.org/3/library/contextvars.html#contextvars.Context).
 *
 * **Example** (A call with values of its own)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
 *
 * await asyncio.run(async () => {
 *   const variables = asyncio.copyContext()
 *   variables.run(() => user.set("ada"))
 *   return [user.get(), variables.values.get(user)]
 * }) // => ["nobody", "ada"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class ContextVars {
  /** The same values as core knows them. */
  readonly core: asyncio.ContextVars

  /** @internal */
  constructor(core: asyncio.ContextVars) {
    this.core = core
  }

  /** The values that are set, by variable. */
  get values(): ReadonlyMap<object, unknown> {
    const entries = this.core.values as ReadonlyMap<asyncio.ContextVar<unknown, unknown>, unknown>
    return new Map(Array.from(entries, ([variable, value]) => [ContextVar.of(variable), value]))
  }

  /** A copy, which is then independent. */
  copy(): ContextVars {
    return new ContextVars(this.core.copy())
  }

  /**
   * Calls a function that sees and sets these values instead of those of the task it runs in, until it returns. What it starts, tasks
   * and callbacks, has a copy of them. An async function is a TypeError: give it to `createTask` with the option `variables`. A
   * {@link RuntimeError}: they are entered already, by the code around or as the values of the task itself.
   */
  run<Args extends ReadonlyArray<unknown>, A>(call: (...args: Args) => A, ...args: Args): A {
    if (isAsync(call)) {
      // When: `run` of a context got an async function, which would have left it at its first await.
      throw lowlevel.unexpectedValue(
        "a function that is not async was expected by run() of a context",
        call,
        "Make it a task: `await createTask(async () => ..., { variables })`."
      )
    }
    return this.core.runUnsafe(call, ...args)
  }

  /** How it prints: how many variables it has. */
  toString(): string {
    return this.core.toString()
  }

  /** @internal */
  [lowlevel.inspect](): string {
    return this.toString()
  }
}

const isAsync = (call: unknown): boolean => Object.prototype.toString.call(call) === "[object AsyncFunction]"

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
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
 *
 * await asyncio.run(async () => {
 *   const variables = asyncio.copyContext()
 *   await asyncio.createTask(() => user.set("ada"), { variables })
 *   return [await asyncio.createTask(() => user.get(), { variables }), user.get()]
 * }) // => ["ada", "nobody"]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const copyContext = (): ContextVars => new ContextVars(runNow(asyncio.copyContext))
