/**
 * Whether the loops themselves wake all of their tasks, which can be told without a look at the heap: a task goes on that waits for a timer
 * of a loop that runs, for a task that is waked, or for a future that is done. So does the main task of a run, which can be cancelled.
 * What else can wake a task only a heap snapshot tells, see reached.ts.
 */
import type { EventLoopImpl } from "../make/eventLoop.ts"
import type { FutureImpl } from "../task/future.ts"
import { SleepFuture } from "../task/sleepFuture.ts"
import { TaskImpl } from "../task/task.ts"
import { loopsOfThisCopy } from "../make/loops.ts"

/** Whether each task of the loops is waked by a loop. */
export const loopsWakeAll = (loops: ReadonlyArray<EventLoopImpl> = loopsOfThisCopy()): boolean => {
  const doubtful = loops.flatMap((loop) => loop.allTasksUnsafe().filter((task) => !isWakedAtOnce(task)))
  const waked = wakedOf(doubtful)
  return doubtful.every((task) => waked.has(task))
}

/** What the loops wake, of these and of what they wait for. Nothing here recurses: tasks may wait for each other in a long chain. */
const wakedOf = (tasks: ReadonlyArray<TaskImpl>): ReadonlySet<FutureImpl> => {
  const waiting = new Map<FutureImpl, Array<FutureImpl>>()
  const waked = new Set<FutureImpl>()
  const known = new Set<FutureImpl>(tasks)
  // A set gives what is added while it is gone through, too.
  for (const future of known) {
    if (isWakedAtOnce(future)) {
      waked.add(future)
      continue
    }
    for (const awaited of future.awaiting()) {
      known.add(awaited)
      const others = waiting.get(awaited)
      if (others === undefined) waiting.set(awaited, [future])
      else others.push(future)
    }
  }
  for (const future of waked) for (const other of waiting.get(future) ?? []) waked.add(other)
  return waked
}

/** Most tasks that a loop wakes need no table. */
const isWakedAtOnce = (future: FutureImpl): boolean => {
  if (isWakedByItself(future)) return true
  for (const awaited of future.awaiting()) if (isWakedByItself(awaited)) return true
  return false
}

const isWakedByItself = (future: FutureImpl): boolean => {
  // The tasks that wait for it are on the queue.
  if (future.exit !== undefined) return true
  const loop = future.loop as EventLoopImpl
  if (!loop.isRunning()) return false
  if (future instanceof SleepFuture) return future.queued
  // Its first step is on the queue, it is in a step, or it is what the run waits for.
  return future instanceof TaskImpl && (future.root === undefined || loop.running === future || loop.lastRun === future)
}
