import * as Exit from "effect/Exit"
import type * as Scheduler from "effect/Scheduler"
import type { Runnable } from "../data/readyQueue.ts"
import type { TaskImpl } from "../task/task.ts"

/** The rest of a step that has given way in the middle of a long computation. */
export class RestOfStep implements Runnable {
  readonly task: TaskImpl
  readonly resume: () => void

  constructor(task: TaskImpl, run: () => void) {
    this.task = task
    this.resume = run
  }

  run(): void {
    this.task.loop.runStep(this.task, this, Exit.void as Exit.Exit<never>)
  }

  dropped(outside: Scheduler.SchedulerDispatcher): void {
    outside.scheduleTask(this.resume, 0)
  }
}
