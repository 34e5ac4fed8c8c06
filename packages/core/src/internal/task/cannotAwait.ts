/**
 * What a task must not await: itself, and what belongs to another loop.
 */
import type { AnyFiber } from "../model/AnyFiber.ts"
import { isOfOtherCopy, twoCopies } from "../model/copy.ts"
import { RuntimeError } from "../model/errors.ts"
import { withHint } from "../model/hints.ts"
import { RunningLoop } from "../model/references.ts"
import { taskOf } from "./current.ts"
import type { FutureImpl } from "./future.ts"
import type { TaskImpl } from "./task.ts"

// How tasks printed when they were about to await themselves.
const selfAwaits = new WeakMap<TaskImpl, string>()

/** Notes how `task` prints: it is about to await itself, and the line at which it does can still be seen. */
export const noteSelfAwait = (task: TaskImpl): void => void selfAwaits.set(task, task.toString())

/** The error of a task that awaits `future`. */
export const cannotAwait = (task: TaskImpl, future: FutureImpl): RuntimeError => {
  if (isOfOtherCopy(future.loop)) return twoCopies(future.loop)
  const message =
    future === task
      ? // When: a task awaits itself, directly or by way of its own name.
        `Task cannot await on itself: ${selfAwaits.get(task) ?? task}`
      : // When: a task awaits a task or a future of another run.
        `Task ${task} got Future ${future} attached to a different loop`
  const hint =
    future === task
      ? "Look at who hands this task to its own code; `currentTask` is never to be awaited."
      : "Make it inside this run, or hand over its result, or a promise of it."
  return withHint(new RuntimeError(message), hint, task)
}

/** The error of a plain fiber that awaits `future`, if it must not. */
export const cannotAwaitIn = (fiber: AnyFiber, future: FutureImpl): RuntimeError | undefined => {
  const task = taskOf(fiber)
  if (task === future) {
    // When: a plain fiber that was given a task awaits that task.
    const error = new RuntimeError(`Task cannot await on itself: ${future}`)
    return withHint(error, "Look at who hands this task to its own code.", task)
  }
  const loop = fiber.getRef(RunningLoop)
  return loop !== undefined && isOfOtherCopy(loop) ? twoCopies(loop) : undefined
}
