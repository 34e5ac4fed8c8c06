/**
 * The tasks whose code is on the JavaScript stack: one, and below it those that start another one eagerly.
 */
import type { Ancestor } from "./ancestry.ts"
import { currentTaskOf } from "./current.ts"
import type { TaskImpl } from "./task.ts"

// The ids of the tasks below, the outermost first.
const creators: Array<number | undefined> = []

/** Runs the first step of a task on the stack of the one that has created it. */
export const runBelow = (creator: Ancestor | undefined, task: TaskImpl): void => {
  creators.push(creator?.ref.id)
  try {
    task.run()
  } finally {
    creators.pop()
  }
}

/** Whether code of `task` is on the stack, on top or below others. */
export const isOnStack = (task: TaskImpl): boolean => creators.includes(task.id) || currentTaskOf(task.loop) === task
