/**
 * An await of a plain fiber, such as a branch of `Effect.all`: it belongs to no task, and ends natively, with its fiber.
 */
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { Linked } from "../data/linkedList.ts"
import { closedError } from "../loop/runs.ts"
import { RunningLoop } from "../model/references.ts"
import { taskOf } from "./current.ts"
import type { FutureImpl } from "./future.ts"
import type { TaskImpl } from "./task.ts"
import type { TaskLoop } from "./taskLoop.ts"
import { type Resume, Wait } from "./wait.ts"

/** The loop knows its plain waits, to end them at its own end. */
export class PlainWait extends Wait implements Linked<PlainWait> {
  previous: PlainWait | undefined = undefined
  next: PlainWait | undefined = undefined
  readonly fiber: Fiber.Fiber<unknown, unknown>
  readonly #loop: TaskLoop

  constructor(loop: TaskLoop, future: FutureImpl | undefined, receiver: Resume) {
    loop.checkOpen()
    super(undefined, future, receiver)
    this.#loop = loop
    this.fiber = Fiber.getCurrent()!
    loop.plainWaits.add(this)
    loop.noteForeign()
  }

  /** Inside of a task, as in a branch of `Effect.all`, the task waits by way of it; but it is no wait of the task's. */
  override get awaiter(): TaskImpl | undefined {
    return taskOf(this.fiber)
  }

  /** Whether the fiber runs on the loop, and ends with it. One from outside may wait for something of the loop, too. */
  get inside(): boolean {
    return this.fiber.getRef(RunningLoop) === this.#loop
  }

  override run(): void {
    this.abandoned()
    super.run()
  }

  /** The loop is closed with the wait on its queue: the wait is over all the same. */
  dropped(): void {
    this.run()
  }

  override abandoned(): void {
    this.#loop.plainWaits.remove(this)
  }

  /** The loop is closed: what is awaited will never be done. */
  fail(): void {
    this.abandoned()
    if (this.dead) return
    this.dead = true
    this.resume(Exit.die(closedError()))
  }
}
