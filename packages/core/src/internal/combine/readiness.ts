/**
 * The future of `group.start`: a task of the group is ready.
 *
 *     waiting ──the task tells──▶ ready: how the task ends is for the group
 *        └──────the task ends───▶ ended as the task has; with a RuntimeError where that has a result
 */
import type { CancelledError } from "../model/CancelledError.ts"
import { RuntimeError } from "../model/errors.ts"
import { withHint } from "../model/hints.ts"
import * as Exit from "effect/Exit"
import { type Asking, Walk } from "../task/cancelWalk.ts"
import { FutureImpl } from "../task/future.ts"
import type { TaskImpl } from "../task/task.ts"
import { plain } from "../data/text.ts"

export class Readiness<V> extends FutureImpl<V> {
  /** The task that is to be ready. Undefined until `start` has made it: an eager task can tell before. */
  task: TaskImpl | undefined = undefined
  // The last request that was passed on to the task.
  #asked: CancelledError | undefined = undefined

  tell(value: V): void {
    if (this.exit !== undefined) {
      // When: a task that was begun with `group.start` calls `started` twice, or when it is over.
      throw withHint(
        new RuntimeError("started() was called when it was known already how the task has started"),
        "Call it once, when the task is ready for others."
      )
    }
    // The task has not seen the request that was passed on to it, and will end because of it.
    if (this.#asked !== undefined && this.task?.root?.due !== undefined) this.completeCancelled(this.#asked)
    else this.complete(Exit.succeed(value))
  }

  /** Ends as `task` has ended, unless the task has told before; gives whether it had not. */
  memberEnded(task: TaskImpl): boolean {
    if (this.exit !== undefined) return false
    const exit = task.retrieve()
    this.setExitUnsafe(Exit.isFailure(exit) ? (exit as Exit.Failure<never, unknown>) : neverStarted(task))
    return true
  }

  // A request to the awaiter is passed on to the task, as where a task is awaited.
  override cancelWith(error: CancelledError): boolean {
    return new Walk(error).ask(this)
  }

  override ask(error: CancelledError): boolean | Asking {
    return this.exit === undefined && this.task !== undefined && this.#asking(this.task, error)
  }

  *#asking(task: TaskImpl, error: CancelledError): Asking {
    this.#asked = error
    return yield task
  }

  override awaiting(): Iterable<FutureImpl> {
    return this.exit === undefined && this.task !== undefined ? [this.task] : []
  }

  override get shared(): boolean {
    return false
  }
}

const neverStarted = (task: TaskImpl): Exit.Failure<never, never> =>
  Exit.die(
    // When: a task that was begun with `group.start` returns without having called `started`.
    withHint(
      new RuntimeError(`${plain(task.getName())} has ended without calling started()`),
      "Call `started()` when it is ready for others, or begin it with `group.createTask`.",
      task
    )
  ) as Exit.Failure<never, never>
