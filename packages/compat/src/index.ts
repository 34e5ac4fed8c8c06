/**
 * Python's asyncio task layer for promise code.
 *
 * @since 0.1.0
 */
export {
  CancelledError,
  type CancelledErrorFields,
  InvalidStateError,
  KeyboardInterrupt,
  RuntimeError,
  TimeoutError,
  ValueError
} from "@effect-asyncio/core"
export * from "./run.ts"
export * from "./sleep.ts"
export { allTasks, createTask, currentTask, Task } from "./Task.ts"
export type { AsyncFunction, CreateTaskOptions } from "./Task.ts"
