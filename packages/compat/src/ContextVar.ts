/**
 * Values that belong to a task.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import { inspect } from "@effect-asyncio/core/lowlevel"
import { runNow, current } from "./internal/current.ts"

/**
 * A variable whose value belongs to the task that set it.
 *
 * **Details**
 *
 * A task starts with a copy of its creator's values. What it sets is seen in the whole task, also by the functions that
 * called the one that set it, and by no other task. That is what `AsyncLocalStorage` does not offer, where a value is seen
 * further in only. A callback of the loop runs in a copy taken when it was registered.
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
 * @category models
 * @since 0.1.0
 */
export class ContextVar<in out A> {
  /** The same variable as core knows it. */
  readonly core: asyncio.ContextVar<A>

  private constructor(core: asyncio.ContextVar<A>) {
    this.core = core
  }

  /** Makes a variable with a default value. */
  static make<A>(name: string, options: { readonly defaultValue: A }): ContextVar<A> {
    return new ContextVar(asyncio.ContextVar.make(name, options))
  }

  get name(): string {
    return this.core.name
  }

  /** How it prints: its name and its default, in Python's format. */
  toString(): string {
    return this.core.toString()
  }

  /** The value in the current task, the default where none was set. */
  get(): A {
    return current()?.task === undefined ? this.core.getUnsafe() : runNow(this.core.get)
  }

  /** Sets the value for the current task; in a callback, for the rest of it and what it registers. */
  set(value: A): void {
    if (current()?.task === undefined) this.core.setUnsafe(value)
    else runNow(this.core.set(value))
  }

  /** @internal */
  [inspect](): string {
    return this.toString()
  }
}

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
export const copyContext = (): asyncio.ContextVars => runNow(asyncio.copyContext)
