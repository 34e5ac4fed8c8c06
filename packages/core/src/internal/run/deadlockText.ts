/**
 * What is said of a run that can never end: what each task waits for, and the rings of those that wait for each other.
 */
import { abridged, plain, safely } from "../data/text.ts"
import { describeWait, mostNamed } from "../model/DeadlockError.ts"
import type { TaskImpl } from "../task/task.ts"
import { coroutineText } from "../task/taskTexts.ts"
import { holdersOf, ownersOf } from "../task/waits.ts"

export const deadlockText = (tasks: ReadonlyArray<TaskImpl>): string => {
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const nameOf = (id: number) => plain(byId.get(id)?.getName() ?? `task ${id}`)
  const rings = ringsIn(edgesOf(tasks)).map((ring) => `ring: ${ring.map(nameOf).join(" → ")}`)
  return [...abridged(tasks, mostNamed, (task) => lineOf(task, nameOf)), ...rings].map((line) => `\n  ${line}`).join("")
}

const lineOf = (task: TaskImpl, nameOf: (id: number) => string): string => {
  const owners = ownersOf(task)
  if (owners.length === 0) return describeWait(task)
  const waits = owners.map((owner) => {
    const holders = holdersOf(owner).map(nameOf)
    return `${safely(() => String(owner), "a lock")}${holders.length === 0 ? "" : `, held by ${holders.join(", ")}`}`
  })
  return `${plain(task.getName())} (${coroutineText(task)}) waits for ${waits.join(" and ")}`
}

/** Of each task those that it waits for: also those that hold what it waits for. */
const edgesOf = (tasks: ReadonlyArray<TaskImpl>): ReadonlyMap<number, ReadonlySet<number>> => {
  const edges = new Map(tasks.map(({ id }) => [id, new Set<number>()]))
  for (const task of tasks) {
    for (const awaiter of task.awaiters()) edges.get(awaiter.id)?.add(task.id)
    for (const id of ownersOf(task).flatMap(holdersOf)) if (edges.has(id)) edges.get(task.id)!.add(id)
  }
  return edges
}

/** Each with its first task again at the end. Without recursion: a chain may be of any length. */
const ringsIn = (edges: ReadonlyMap<number, ReadonlySet<number>>): ReadonlyArray<ReadonlyArray<number>> => {
  const rings: Array<ReadonlyArray<number>> = []
  const seen = new Set<number>()
  const way: Array<{ readonly id: number; readonly left: Iterator<number> }> = []
  const enter = (id: number) => {
    seen.add(id)
    way.push({ id, left: edges.get(id)!.values() })
  }
  for (const start of edges.keys()) {
    if (!seen.has(start)) enter(start)
    for (let last = way.at(-1); last !== undefined; last = way.at(-1)) {
      const { done, value } = last.left.next()
      if (done === true) way.pop()
      else {
        const begin = way.findIndex(({ id }) => id === value)
        if (begin >= 0) rings.push([...way.slice(begin).map(({ id }) => id), value])
        else if (!seen.has(value)) enter(value)
      }
    }
  }
  return rings
}
