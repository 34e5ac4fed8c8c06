/**
 * Work that is over when its task is.
 */
import type * as asyncio from "@effect-asyncio/core"
import { enter, leave, Work } from "./inFlight.ts"

class TaskWork extends Work {
  readonly task: asyncio.Task<unknown, unknown>

  constructor(task: asyncio.Task<unknown, unknown>) {
    super()
    this.task = task
  }

  stop(message: string): void {
    this.task.cancelUnsafe(message, { kind: "shutdown" })
  }
}

/** Has a shutdown wait for a task. */
export const waitForAtShutdown = (task: asyncio.Task<unknown, unknown>): void => {
  const work = new TaskWork(task)
  enter(work)
  task.addDoneCallbackUnsafe(() => leave(work))
}
