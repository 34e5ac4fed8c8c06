/**
 * What `leaks` says: which tasks are lost, and which wait for them.
 */
import type { Dump, TaskRow } from "../protocol.ts"
import { tasksOf } from "./awaits.ts"
import { printable } from "./printable.ts"
import { whereText } from "./where.ts"
import { waitsText } from "./wide.ts"

/** So many of those that are alike are named. */
const mostNames = 10

/** The lines. Tasks that wait for one that is lost stand below it; those that are alike are told of once. */
export function* leaksText(leaks: ReadonlyArray<TaskRow>, dump: Dump): Generator<string> {
  const lost = new Set(leaks.map(({ id }) => id))
  const tasks = tasksOf(dump)
  const loopOf = new Map(dump.loops.flatMap((loop) => loop.tasks.map((task) => [task.id, loop] as const)))
  const awaited = new Set(leaks.filter(({ id }) => lost.has(id)).flatMap(({ awaiters }) => awaiters))
  // A task that waits for another one that is lost is not the cause; in a ring every task is.
  const causes = leaks.filter(({ id }) => !awaited.has(id))
  const alike = new Map<string, Array<TaskRow>>()
  for (const task of causes.length === 0 ? leaks : causes) {
    const key = JSON.stringify([
      task.waits.map(({ kind, operation }) => [kind, operation]),
      task.stack.map(({ definedAt, location, name }) => [name, location, definedAt]),
      task.awaiters.length > 0
    ])
    const others = alike.get(key)
    if (others === undefined) alike.set(key, [task])
    else others.push(task)
  }
  for (const [one, ...others] of alike.values()) {
    if (one === undefined) continue
    const loop = loopOf.get(one.id)!
    const first = waiting(one)
    yield* whereText({ loop, task: first }, dump)
    if (others.length === 0) continue
    const names = others.slice(0, mostNames).map(({ name }) => printable(name))
    const more = others.length > mostNames ? `, and ${others.length - mostNames} more` : ""
    yield `  and ${others.length} more that wait for ${waitsText(first, loop, tasks)} there: ${names.join(", ")}${more}`
  }
}

/** A task that does not run, and waits for nothing of this package, waits for a foreign promise. */
const waiting = (task: TaskRow): TaskRow => (task.waits.length > 0 ? task : { ...task, waits: [{ kind: "promise" }] })
