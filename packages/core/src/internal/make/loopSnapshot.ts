/**
 * What a loop tells of itself.
 */
import type { EventLoop, LoopSnapshot } from "../model/EventLoop.ts"

export const snapshotOfLoop = (
  loop: EventLoop,
  state: LoopSnapshot["state"],
  ready: number,
  timers: number
): LoopSnapshot => ({
  time: loop.time(),
  state,
  debug: loop.getDebug(),
  ready,
  timers,
  tasks: loop.allTasksUnsafe().map((task) => task.snapshot()),
  endedTasks: loop.endedTasks
})
