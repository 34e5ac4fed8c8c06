/**
 * What deserves a look: tasks that keep others waiting, that cannot go on, or that have failed without a word.
 */
import type { LiveTask, Picture } from "./picture.ts"

export interface Warning {
  readonly kind: "blocks" | "ignores" | "lost" | "ring" | "orphaned" | "unretrieved"
  /** The tasks that it is about, the first of all. */
  readonly tasks: ReadonlyArray<number>
  /** In one sentence, without the names of the tasks. */
  readonly text: string
  /** The name of the first task, if that has ended. */
  readonly name?: string
}

/** A step that takes so many milliseconds keeps all others waiting for as long. */
const longStep = 500
/** So long, in milliseconds, a task may take to end that was asked to. */
const untilIgnores = 5000

/** @param lost Tasks of which it was found out that nothing can wake them. */
export const warningsOf = (picture: Picture, lost: ReadonlyArray<number> = []): ReadonlyArray<Warning> => {
  const found: Array<Warning> = []
  for (const task of picture.tasks.values()) {
    if (task.longest >= longStep) found.push(blocks(task))
    const asked = task.cancelling > 0 ? task.cancellation?.askedAt : undefined
    const ago = asked === undefined ? 0 : picture.timeOf(task) - asked
    if (ago >= untilIgnores) {
      found.push({
        kind: "ignores",
        tasks: [task.id],
        text: `was asked to cancel itself ${seconds(ago)} ago, and goes on`
      })
    }
  }
  for (const id of lost) {
    if (picture.tasks.has(id)) found.push({ kind: "lost", tasks: [id], text: "waits for what nothing can complete" })
  }
  for (const ring of ringsOf(picture)) {
    found.push({ kind: "ring", tasks: ring, text: `waits for itself, in a ring of ${ring.length}` })
  }
  for (const { holders, text, waiting } of picture.objects) {
    const [first] = waiting
    if (first === undefined || holders.length === 0 || holders.some((id) => picture.tasks.has(id))) continue
    // The holder may be newer than what was told of tasks.
    if (!holders.every((id) => picture.ended.some((each) => each.id === id))) continue
    found.push({ kind: "orphaned", tasks: [first.task], text: `waits for ${text}, whose holder has ended` })
  }
  for (const { error, id, name, unretrieved } of picture.ended) {
    if (!unretrieved) continue
    found.push({
      kind: "unretrieved",
      tasks: [id],
      name,
      text: `has failed, and nobody has heard of it: ${error ?? ""}`
    })
  }
  return found
}

const blocks = ({ id, kind, longest }: LiveTask): Warning => ({
  kind: "blocks",
  tasks: [id],
  text:
    kind === "running"
      ? `has computed for ${seconds(longest)} without letting others go on`
      : `has computed for ${seconds(longest)} in one step, while all others waited`
})

const seconds = (millis: number): string => `${(millis / 1000).toFixed(1)} s`

/** Tasks that wait for each other, also by way of locks: each ring once. */
export const ringsOf = (picture: Picture): ReadonlyArray<ReadonlyArray<number>> => {
  const holders = new Map(picture.objects.map(({ holders, id }) => [id, holders]))
  const waitsFor = (task: LiveTask): ReadonlyArray<number> => {
    if (task.kind === "task") return [task.on]
    if (task.kind === "object") return holders.get(task.on) ?? []
    // A group, gather or wait: those whose first awaiter it is.
    const below = picture.waiting.childrenOf(task.id)
    return below === undefined ? [] : Array.from(below, ({ id }) => id)
  }
  const rings: Array<ReadonlyArray<number>> = []
  const done = new Set<number>()
  for (const start of picture.tasks.values()) {
    // A ring is entered at a task that awaits another one, or a lock; most tasks are done with here.
    if (done.has(start.id) || (start.kind !== "task" && start.kind !== "object")) continue
    const way: Array<number> = []
    const onWay = new Map<number, number>()
    const left: Array<Iterator<number>> = []
    const enter = (id: number) => {
      done.add(id)
      onWay.set(id, way.length)
      way.push(id)
      const task = picture.tasks.get(id)
      left.push((task === undefined ? [] : waitsFor(task))[Symbol.iterator]())
    }
    enter(start.id)
    while (way.length > 0) {
      const next = left.at(-1)!.next()
      if (next.done === true) {
        onWay.delete(way.pop()!)
        left.pop()
      } else if (onWay.has(next.value)) rings.push(way.slice(onWay.get(next.value)))
      else if (!done.has(next.value)) enter(next.value)
    }
  }
  return rings
}
