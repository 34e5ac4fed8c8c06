/**
 * What an error says beside its message: what to do, and whose code it was.
 */
import * as Fiber from "effect/Fiber"
import { hideOwnFrames, withStackOf } from "../host/stack.ts"
import { CurrentTask } from "./references.ts"
import { describe } from "./repr.ts"
import type { Task } from "./Task.ts"

/**
 * What an error says beside its message, which stays asyncio's to the letter. Node.js, Bun and Deno print it with the error, as
 * Python prints the notes of an exception (PEP 678).
 *
 * @category models
 * @since 0.1.0
 */
export interface ErrorNotes {
  /** What to do about it. */
  readonly hint?: string | undefined
  /** The name of the task whose code it was, `undefined` outside of any task. */
  readonly task?: string | undefined
}

/**
 * Adds to an error what to do about it, and the name of the task whose code it was: the current one, unless another is given.
 * Outside of debug mode, the frames of core and compat and of Effect go from its stack.
 *
 * **When to use**
 *
 * In libraries on top of this one, whose errors should say as much as its own do.
 *
 * **Example** (An error that says how to go on)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const main = Effect.sync(() => {
 *   const error = lowlevel.withHint(new Error("the pool is closed"), "Open the pool inside `main`.")
 *   return [error.message, error.task, error.hint]
 * })
 *
 * await asyncio.run(main) // => ["the pool is closed", "Task-1", "Open the pool inside `main`."]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const withHint = <E extends Error>(
  error: E,
  hint: string,
  task: Task<unknown, unknown> | undefined = currentTask()
): E & ErrorNotes => {
  if (task?.loop.getDebug() !== true) hideOwnFrames(error)
  return note(error, hint, task)
}

/** {@link withHint} for an error without a stack, which is part of what a program does and costs no more than it must. */
export const note = <E extends Error>(
  error: E,
  hint: string,
  task: Task<unknown, unknown> | undefined = currentTask()
): E & ErrorNotes => Object.assign(error, task === undefined ? { hint } : { task: task.getName(), hint })

/** {@link withHint} for an error that the loop makes, with no code of the program on the stack: only in debug mode it has one. */
export const noteOfLoop = <E extends Error>(
  make: () => E,
  hint: string,
  task: Task<unknown, unknown> | undefined
): E & ErrorNotes => note(task?.loop.getDebug() === true ? make() : withStackOf(0, make), hint, task)

const currentTask = () => Fiber.getCurrent()?.getRef(CurrentTask) ?? currentAmbientTask()

let ambientTask: () => Task<unknown, unknown> | undefined = () => undefined

/**
 * The task of code that runs in no fiber, as far as {@link setAmbientTask} knows it.
 *
 * @internal
 */
export const currentAmbientTask = (): Task<unknown, unknown> | undefined => ambientTask()

/**
 * Tells {@link withHint} how to find out whose code is running where it runs in no fiber. For packages that run other kinds
 * of coroutine.
 *
 * **Example** (Whose code an error comes from)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * let current: asyncio.Task<unknown, unknown> | undefined
 * lowlevel.setAmbientTask(() => current)
 *
 * const task = await asyncio.run(asyncio.currentTask)
 * // A library does so around each piece of code that it runs for the task.
 * current = task
 * const error = lowlevel.withHint(new Error("the pool is closed"), "Open it first.")
 * current = undefined
 *
 * error.task // => "Task-1"
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const setAmbientTask = (find: () => Task<unknown, unknown> | undefined): void => {
  const before = ambientTask
  ambientTask = () => find() ?? before()
}

/**
 * The TypeError for an argument of the wrong type: `expected`, and what was given instead, with a hint as of {@link withHint}.
 *
 * **Example** (A function was needed)
 *
 * ```ts import.meta.vitest
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * String(lowlevel.unexpectedValue("a function was expected by retry()", 3, "Write `retry(() => work(3))`."))
 * // => "TypeError: a function was expected by retry(), got 3"
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const unexpectedValue = (
  expected: string,
  given: unknown,
  hint: string,
  task?: Task<unknown, unknown>
): TypeError & ErrorNotes => withHint(new TypeError(`${expected}, got ${describe(given)}`), hint, task)
