/**
 * A task for a plain fiber that asks for one.
 */
import * as Context from "effect/Context"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { CurrentTask } from "../model/references.ts"
import { adopted } from "../task/current.ts"
import { FiberTask } from "../task/fiberTask.ts"
import type { TaskLoop } from "../task/taskLoop.ts"
import { loopOf } from "./loops.ts"

/** Gives a plain fiber a task of its own. */
export const adopt = (fiber: Fiber.Fiber<unknown, unknown>): FiberTask => {
  const task = new AdoptedTask(loopOf(fiber), fiber)
  // By fiber, because its context comes and goes with the boundaries it enters; in the context, for those forked from it.
  adopted.set(fiber, task)
  fiber.setContext(Context.add(fiber.context, CurrentTask, task))
  return task
}

/** The task of a plain fiber: it did not start the fiber and does not own its failure. */
class AdoptedTask extends FiberTask {
  override readonly outlivesLoop = true

  constructor(loop: TaskLoop, fiber: Fiber.Fiber<unknown, unknown>) {
    super(loop, fiber.context, Fiber.join(fiber), undefined, loop.births.by(undefined))
    void this.enter(fiber)
    loop.register(this)
    this.root!.watch(fiber)
  }

  /** The code that runs the fiber sees how it ended. */
  override finish(exit: Exit.Exit<unknown, unknown>): void {
    super.finish(exit)
    this.markRetrieved()
  }
}
