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
  /** Makes the one request that the timeout or group withdraws at its end. */
  cancel(error: CancelledError): void
  /** Withdraws the request of {@link cancel}; gives how many requests are left. */
  uncancel(error: CancelledError): number
  /** Has the next await deliver a request from outside that {@link cancel} has hidden; the count stays. */
  askAgain(error: CancelledError): void
  cancelling(): number
  /** The request that is due, if there is one. */
  pendingCancellation(): CancelledError | undefined
  /** The loop is closed, so that no time limit is kept any more. Undefined where the target ends with its task. */
  loopClosed?(): void
}
