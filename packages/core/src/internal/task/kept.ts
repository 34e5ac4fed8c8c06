/**
 * The last request that each task had to keep for a step of its own, because what it waits for has not taken it.
 */
import type { CancelledError } from "../model/CancelledError.ts"
import { isOnStack } from "./onStack.ts"
import type { TaskImpl } from "./task.ts"

const kept = new WeakMap<TaskImpl, CancelledError>()
// Those whose own code was on the stack.
const onStack = new WeakSet<TaskImpl>()

/** Takes note that `task` has to keep `error`. */
export const noteKept = (task: TaskImpl, error: CancelledError): void => {
  kept.set(task, error)
  if (isOnStack(task)) onStack.add(task)
  else onStack.delete(task)
}

/** The last request that `task` had to keep. `gather` asks a child that has ended otherwise for its message. */
export const lastKeptBy = (task: TaskImpl): CancelledError | undefined => kept.get(task)

/** Whether that is `error`, and code of `task` has made it. In asyncio nothing else is due while code of a task runs. */
export const isKeptOnStack = (task: TaskImpl | undefined, error: CancelledError): boolean =>
  task !== undefined && onStack.has(task) && kept.get(task) === error
