/**
 * The last request that each task had to keep for a step of its own, because what it waits for has not taken it.
 */
import type { CancelledError } from "../model/CancelledError.ts"
import { isOnStack } from "./onStack.ts"
import type { TaskImpl } from "./task.ts"

const kept = new WeakMap<TaskImpl, CancelledError>()
// The tasks whose own code was on the stack then.
const onStack = new WeakSet<TaskImpl>()

/** Takes note that `task` has to keep `error`. */
export const noteKept = (task: TaskImpl, error: CancelledError): void => {
  kept.set(task, error)
  if (isOnStack(task)) onStack.add(task)
  else onStack.delete(task)
}

/** The last request that `task` had to keep. `gather` ends with it where its last child has not ended cancelled. */
export const lastKeptBy = (task: TaskImpl): CancelledError | undefined => kept.get(task)

/** Whether that is `error`, and code of `task` was on the stack. In asyncio nothing else is due while code of a task runs. */
export const isKeptOnStack = (task: TaskImpl | undefined, error: CancelledError): boolean =>
  task !== undefined && onStack.has(task) && kept.get(task) === error
