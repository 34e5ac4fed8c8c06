/**
 * Which tasks are meant.
 */
import type { Labels, Task } from "./Task.ts"

/**
 * Which tasks are meant: those with a name, the one with an id, those with these labels, and perhaps others, or those for which a
 * function gives true.
 *
 * @category models
 * @since 0.1.0
 */
export type TaskQuery = string | number | Labels | ((task: Task<unknown, unknown>) => boolean)
