import * as Exit from "effect/Exit"
import type { CancelledError } from "../model/CancelledError.ts"
import type { TaskLoop } from "./taskLoop.ts"
import { FutureImpl } from "./future.ts"
import type { Timer } from "../data/heap.ts"

/** A future that time finishes: the timer itself, because nothing is made as often. Cancelling it takes it off the heap. */
export class SleepFuture extends FutureImpl<void, never> implements Timer {
  readonly due: number
  sequence = 0
  queued = false

  constructor(loop: TaskLoop, due: number) {
    super(loop)
    this.due = due
    loop.addTimer(this)
  }

  override get shared(): boolean {
    return false
  }

  get label(): string {
    return "set_result_unless_cancelled()"
  }

  run(): void {
    if (this.exit === undefined) this.complete(Exit.void)
  }

  override cancelWith(error: CancelledError): boolean {
    this.loop.removeTimer(this)
    return super.cancelWith(error)
  }
}
