/**
 * Listeners of tools, which hear what goes wrong on any loop. Most programs have none.
 */
import type { EventLoop, ExceptionContext } from "../model/EventLoop.ts"
import type { AnyTask } from "../model/Task.ts"

export const hooks = {
  /** They hear of what is reported to exception handlers. */
  reports: new Set<(loop: EventLoop, context: ExceptionContext) => void>(),
  /** They hear of the tasks that a run leaves behind. */
  leftovers: new Set<(loop: EventLoop, tasks: ReadonlyArray<AnyTask>) => void>()
}
