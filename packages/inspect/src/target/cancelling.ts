/**
 * Tasks that were asked from outside to cancel themselves, and what becomes of them.
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type { AnyTask } from "@effect-asyncio/core/lowlevel"
import type { CancellationKind, CancelOptions } from "@effect-asyncio/core"
import { asker, kindsWith, whyNotKind } from "../kinds.ts"
import { hasLabel } from "../labels.ts"
import type { Outcome, Selection, TaskRow } from "../protocol.ts"

const askingTask = { id: undefined, givenName: asker } as unknown as AnyTask

/** Of so many that go on everything is told, and of more that they go on: the first ones say what they wait for. */
const mostRows = 1000

/**
 * Asks the tasks of a selection to cancel themselves, and gives those that have taken it. Throws where the process has no such kind, before any
 * is asked.
 */
export const cancelSelected = (
  { labels, tasks, trees }: Selection,
  reason: string | undefined,
  kind: string | undefined,
  own: ReadonlyArray<string> | undefined
): ReadonlyArray<AnyTask> => {
  const problem = kind === undefined ? undefined : whyNotKind(kind, kindsWith(own))
  if (problem !== undefined) throw new Error(problem)
  const options: CancelOptions | undefined = kind === undefined ? undefined : { kind: kind as CancellationKind }
  const all = lowlevel.loopsUnsafe().flatMap((loop) => loop.allTasksUnsafe())
  const asked = new Set<AnyTask>()
  const wanted = new Set(tasks)
  for (const task of all) {
    if (!wanted.has(task.id) && !hasLabels(task, labels)) continue
    if (task.cancelUnsafe(reason, options, askingTask)) asked.add(task)
  }
  const roots = new Set(trees)
  for (const task of all) {
    if (!roots.has(task.id)) continue
    for (const each of lowlevel.cancelTreeUnsafe(task, reason, options, askingTask)) asked.add(each)
  }
  return [...asked]
}

const hasLabels = (task: AnyTask, labels: Selection["labels"]): boolean =>
  labels !== undefined && Object.entries(labels).every(([key, value]) => hasLabel(task.labels, key, value))

/** What has become of tasks. */
export const outcomesOf = (
  tasks: ReadonlyArray<AnyTask>,
  rowOf: (task: AnyTask) => TaskRow
): ReadonlyArray<Outcome> => {
  let rows = 0
  return tasks.map((task) => {
    const outcome = { ...refOf(task), state: outcomeOf(task) }
    return task.done() || rows++ >= mostRows ? outcome : { ...outcome, task: rowOf(task) }
  })
}

/** How a task has ended. To ask it for its exit would count as having looked at its failure. */
export const outcomeOf = (task: AnyTask): Outcome["state"] => {
  if (!task.done()) return "pending"
  if (task.cancelled()) return "cancelled"
  return (task as { readonly exit?: { readonly _tag: string } }).exit?._tag === "Failure" ? "failed" : "finished"
}

export const refOf = (task: AnyTask): { readonly id: number; readonly name: string } => ({
  id: task.id,
  name: task.getName()
})
