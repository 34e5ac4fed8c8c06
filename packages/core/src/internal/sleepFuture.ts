import * as Exit from "effect/Exit"
import type { CancelledError } from "../errors.ts"
import type { EventLoopImpl } from "./eventLoop.ts"
import { FutureImpl } from "./future.ts"
import { TimerHandleImpl } from "./handle.ts"

/** A future that a timer finishes. Cancelling it removes the timer. */
export class SleepFuture extends FutureImpl<void, never> {
  readonly #timer: TimerHandleImpl

  constructor(loop: EventLoopImpl, when: number) {
    super(loop)
    const ring = () => {
      if (this.exit === undefined) this.complete(Exit.void)
    }
    this.#timer = loop.addTimer(new TimerHandleImpl(loop, ring, "set_result_unless_cancelled", when))
  }

  override cancelWith(error: CancelledError): boolean {
    this.#timer.cancelUnsafe()
    return super.cancelWith(error)
  }
}
