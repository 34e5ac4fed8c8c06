/**
 * What became of tasks that were asked to cancel themselves, for the code that has waited for them.
 */
import type { CancelReport, IgnoringTask } from "../model/CancelReport.ts"
import * as Exit from "effect/Exit"
import { mostNamed } from "../data/text.ts"
import type { TaskLoop } from "../task/taskLoop.ts"
import type { TaskImpl } from "../task/task.ts"
import { coroutineText } from "../task/taskTexts.ts"
import type { Selection } from "./selection.ts"

export const reportOf = (
  loop: TaskLoop,
  tasks: Iterable<TaskImpl>,
  { notFound }: Selection
): CancelReport<TaskImpl> => {
  const report = {
    cancelled: [] as Array<TaskImpl>,
    finished: [] as Array<TaskImpl>,
    failed: [] as Array<TaskImpl>,
    ignoring: [] as Array<IgnoringTask<TaskImpl>>,
    notFound
  }
  const ignoring: Array<TaskImpl> = []
  // To look at the exit in this way does not count as retrieving a failure.
  for (const task of tasks) {
    if (task.exit === undefined) ignoring.push(task)
    else if (task.cancelled()) report.cancelled.push(task)
    else if (Exit.isSuccess(task.exit)) report.finished.push(task)
    else report.failed.push(task)
  }
  if (ignoring.length > 0) report.ignoring.push(...describe(loop, ignoring))
  return report
}

const describe = (loop: TaskLoop, tasks: ReadonlyArray<TaskImpl>): ReadonlyArray<IgnoringTask<TaskImpl>> => {
  const awaited = awaitedTasks(loop)
  return tasks.map((task) => ({
    task,
    id: task.id,
    name: task.getName(),
    coroutine: coroutineText(task),
    waitingFor: wayFrom(task, awaited)
  }))
}

/** The tasks that each waits for: the call graph, the other way round. */
const awaitedTasks = (loop: TaskLoop): ReadonlyMap<TaskImpl, ReadonlyArray<TaskImpl>> => {
  const awaited = new Map<TaskImpl, Array<TaskImpl>>()
  for (const task of loop.allTasksUnsafe()) {
    for (const awaiter of task.awaiters()) {
      const others = awaited.get(awaiter)
      if (others === undefined) awaited.set(awaiter, [task])
      else others.push(task)
    }
  }
  return awaited
}

const wayFrom = (task: TaskImpl, awaited: ReadonlyMap<TaskImpl, ReadonlyArray<TaskImpl>>): ReadonlyArray<string> => {
  const way = new Set([task])
  let last = task
  const next = () => awaited.get(last)?.find((other) => !way.has(other))
  for (let other = next(); other !== undefined && way.size <= mostNamed; other = next()) way.add((last = other))
  const names = Array.from(way, (each) => each.getName()).slice(1)
  const future = last.awaited()
  return next() !== undefined
    ? [...names, "..."]
    : future === undefined || future.kind === "Task"
      ? names
      : [...names, String(future)]
}
