import type * as Scheduler from "effect/Scheduler"
import type { Runnable } from "../data/readyQueue.ts"

/** What a plain fiber goes on with. */
export class FiberStep implements Runnable {
  readonly run: () => void
  readonly #priority: number
  /** Debug mode: which fiber asked for it. */
  readonly label: string | undefined

  constructor(run: () => void, priority: number, label: string | undefined) {
    this.run = run
    this.#priority = priority
    this.label = label
  }

  dropped(outside: Scheduler.SchedulerDispatcher): void {
    outside.scheduleTask(this.run, this.#priority)
  }
}
