import type { CancelledError } from "../model/CancelledError.ts"
import type { TaskImpl } from "./task.ts"
import type { TaskLoop } from "./taskLoop.ts"

/**
 * A timeout or a task group cancels its *cancel target*: the task, if the body runs on the task's own fiber; the scope around the
 * body, if that is only a part of a task; otherwise the plain fiber. A branch of `Effect.all` that times out must not cancel the task
 * it is a part of.
 */
export interface CancelTarget {
  readonly loop: TaskLoop
  readonly task: TaskImpl | undefined
  /** Asks for the one cancellation that the scope takes back at its end. */
  cancel(error: CancelledError): void
  /** Takes the request of {@link cancel} back; says how many are left, which are others'. */
  uncancel(error: CancelledError): number
  /** Has a request from outside that the scope has hidden delivered at the next await; the count stays. */
  askAgain(error: CancelledError): void
  cancelling(): number
  /** What was asked for and has not been delivered yet. */
  pendingCancellation(): CancelledError | undefined
  /** The loop is closed, so that no time limit is kept any more. Undefined where the scope ends with a task. */
  loopClosed?(): void
}
