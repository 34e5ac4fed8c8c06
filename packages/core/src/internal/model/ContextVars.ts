/**
 * The values of context variables, as a program may look at them.
 */

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
}
