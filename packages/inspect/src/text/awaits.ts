/**
 * Which task waits for which, as `ps` and `pstree` show it.
 */
import type { Dump, TaskRow } from "../protocol.ts"

/** One task that waits for another. */
export interface Edge {
  readonly awaiter: number
  readonly task: TaskRow
}

/** The tasks of a dump, by their numbers and in order. */
export const tasksOf = (dump: Dump): ReadonlyMap<number, TaskRow> => {
  const known = new Map<number, TaskRow>()
  for (const { tasks } of dump.loops) for (const task of tasks) known.set(task.id, task)
  return known
}

/**
 * Every task with each that waits for it, in the order of the tasks. Of a cluster, where that is not known, with the one that has created it: that
 * one does not end before it.
 */
export const edgesOf = (dump: Dump): ReadonlyArray<Edge> =>
  dump.loops.flatMap(({ tasks }) => tasks).flatMap((task) => abovesOf(task).map((awaiter) => ({ awaiter, task })))

const abovesOf = ({ awaiters, createdBy, remote }: TaskRow): ReadonlyArray<number> =>
  remote === undefined ? awaiters : createdBy?.id === undefined ? [] : [createdBy.id]

/** More rings than this are not worth reading. */
const mostRings = 100

/** The rings of tasks that wait for each other, each with its first task again at the end; of very many the first ones. */
export const ringsIn = (edges: ReadonlyArray<Edge>): ReadonlyArray<ReadonlyArray<number>> => {
  const waitsFor = new Map<number, Set<number>>()
  for (const { awaiter, task } of edges) {
    const of = waitsFor.get(awaiter)
    if (of === undefined) waitsFor.set(awaiter, new Set([task.id]))
    else of.add(task.id)
  }
  const rings: Array<ReadonlyArray<number>> = []
  const seen = new Set<number>()
  // The way to where we are, and of each task on it those that are still to be looked at. Without recursion: a chain may be of any length.
  const way: Array<number> = []
  const left: Array<Iterator<number>> = []
  const onWay = new Map<number, number>()
  const enter = (id: number) => {
    seen.add(id)
    onWay.set(id, way.length)
    way.push(id)
    left.push((waitsFor.get(id) ?? []).values())
  }
  for (const start of waitsFor.keys()) {
    if (!seen.has(start)) enter(start)
    while (way.length > 0 && rings.length < mostRings) {
      const next = left.at(-1)!.next()
      if (next.done === true) {
        onWay.delete(way.pop()!)
        left.pop()
      } else if (onWay.has(next.value)) rings.push([...way.slice(onWay.get(next.value)), next.value])
      else if (!seen.has(next.value)) enter(next.value)
    }
  }
  return rings
}
