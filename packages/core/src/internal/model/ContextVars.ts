/**
 * The values of context variables, as a program may look at them.
 */
import type * as Effect from "effect/Effect"

/**
 * The values of context variables that a task starts with and sets: a copy of its creator's, unless it is given one.
 *
 * **asyncio**
 *
 * [`contextvars.Context`](https://docs.python.org/3/library/contextvars.html#contextvars.Context), which PEP 567 describes.
 *
 * @category models
 * @since 0.1.0
 */
export interface ContextVars {
  /** The values that are set, by variable. */
  readonly values: ReadonlyMap<object, unknown>
  /** A copy, which is then independent. */
  copy(): ContextVars
  /**
   * Runs an Effect that sees and sets these values instead of those of the task it runs in. What it starts, tasks and callbacks, has a
   * copy of them. A {@link RuntimeError}, a defect: it is entered already, by the code around or as the values of the task itself.
   */
  run<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
  /** {@link run} for a function: until it returns. What it goes on with later has the values of its task. */
  runUnsafe<Args extends ReadonlyArray<unknown>, A>(call: (...args: Args) => A, ...args: Args): A
  /** How it prints: how many variables it has. */
  toString(): string
}
