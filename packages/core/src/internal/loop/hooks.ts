/**
 * Who wants to know, of whatever loop, what has gone wrong. Nobody, as a rule.
 */
import type { EventLoop, ExceptionContext } from "../model/EventLoop.ts"
import type { Task } from "../model/Task.ts"

type AnyTask = Task<unknown, unknown>

export const hooks = {
  /** Those who hear of what is reported to exception handlers. */
  reports: new Set<(loop: EventLoop, context: ExceptionContext) => void>(),
  /** Those who hear of the tasks that a run leaves behind. */
  leftovers: new Set<(loop: EventLoop, tasks: ReadonlyArray<AnyTask>) => void>()
}
