/**
 * The table of `ps --wide`: what CPython's has not.
 */
import type { AwaitRow, CancellationRow, Dump, LoopRow, Ref, TaskRow } from "../protocol.ts"
import { tasksOf } from "./awaits.ts"
import { duration } from "./durations.ts"
import { framesOf } from "./frames.ts"
import { printable } from "./printable.ts"
import { table } from "./table.ts"

const titles = ["id", "name", "state", "waits for", "since", "created", "by", "labels", "cancellation", "stack"]

/** The lines of the table. */
export const wideTable = (dump: Dump): ReadonlyArray<string> => {
  const tasks = tasksOf(dump)
  const rows = dump.loops.flatMap((loop) =>
    loop.tasks.map((task) => [
      String(task.id),
      printable(task.name),
      task.state,
      runsText(task) ?? waitsText(task, loop, tasks),
      task.waitingSince === undefined ? "?" : duration(loop.time - task.waitingSince),
      `${duration(loop.time - task.createdAt)} ago`,
      refText(task.createdBy),
      labelsText(task.labels),
      task.cancellation === undefined ? "" : cancellationText(task.cancellation, loop),
      framesOf(task)
        .map(({ name }) => name)
        .join(" -> ")
    ])
  )
  return table(titles, rows)
}

/** What a task waits for, in words. */
export const waitsText = (task: TaskRow, loop: LoopRow, tasks: ReadonlyMap<number, TaskRow>): string =>
  task.waits.length === 0
    ? "elsewhere, or running"
    : task.waits.map((each) => waitText(each, task, loop, tasks)).join(" and ")

/** Where a task of a cluster runs; undefined for all others. */
const runsText = ({ remote }: TaskRow): string | undefined =>
  remote?.state === "running"
    ? `runs on ${printable(remote.runner ?? "a worker")}${remote.attempt > 1 ? `, attempt ${remote.attempt}` : ""}`
    : undefined

/** What a task does, in words. */
export const doesText = (task: TaskRow, loop: LoopRow, tasks: ReadonlyMap<number, TaskRow>): string =>
  runsText(task) ?? `waits for ${waitsText(task, loop, tasks)}`

const waitText = (each: AwaitRow, task: TaskRow, loop: LoopRow, tasks: ReadonlyMap<number, TaskRow>): string => {
  switch (each.kind) {
    case "iteration":
      return "the next iteration"
    case "sleep":
      return `sleep, ${duration(each.until! - loop.time)} left`
    case "task":
      return nameOf(each.task!, tasks)
    case "object": {
      const holders = holdersOf(each, loop)
      const what = printable(`${each.text ?? ""}.${each.operation ?? ""}`)
      return holders.length === 0 ? what : `${what}, held by ${many(holders.map((id) => nameOf(id, tasks)))}`
    }
    case "thread":
      return "a thread"
    case "promise":
      return "a promise"
    case "future":
      return "a future"
    default: {
      // Those that it waits for beside these, one by one.
      const others = new Set(task.waits.map(({ task }) => task))
      const these = (awaitedBy(loop).get(task.id) ?? []).filter(({ id }) => !others.has(id))
      return `${each.kind} of ${many(these.map(({ name }) => printable(name)))}`
    }
  }
}

const heldIn = new WeakMap<LoopRow, ReadonlyMap<number, ReadonlyArray<number>>>()

/** The tasks that hold what is waited for, as far as that is known: found once for all that wait. */
export const holdersOf = ({ object }: AwaitRow, loop: LoopRow): ReadonlyArray<number> => {
  let known = heldIn.get(loop)
  if (known === undefined) heldIn.set(loop, (known = new Map(loop.objects.map(({ holders, id }) => [id, holders]))))
  return object === undefined ? [] : (known.get(object) ?? [])
}

const awaitedIn = new WeakMap<LoopRow, ReadonlyMap<number, ReadonlyArray<TaskRow>>>()

/** Of each task of a loop those that it waits for: found once for all of them. */
const awaitedBy = (loop: LoopRow): ReadonlyMap<number, ReadonlyArray<TaskRow>> => {
  let known = awaitedIn.get(loop)
  if (known === undefined) {
    const found = new Map<number, Array<TaskRow>>()
    for (const task of loop.tasks) {
      for (const awaiter of task.awaiters) {
        const others = found.get(awaiter)
        if (others === undefined) found.set(awaiter, [task])
        else others.push(task)
      }
    }
    awaitedIn.set(loop, (known = found))
  }
  return known
}

/** Names of tasks, of which the first few say enough. */
export const many = (names: ReadonlyArray<string>): string =>
  names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ") || "nothing"

/** How a task is called. */
export const nameOf = (id: number, tasks: ReadonlyMap<number, TaskRow>): string => {
  const task = tasks.get(id)
  return task === undefined ? `task ${id}` : printable(task.name)
}

/** The name of what created a task, or asked for something. */
export const refText = (ref: Ref | undefined): string => (ref === undefined ? "" : printable(ref.name))

/** Labels as one writes them for `--label`. */
export const labelsText = (labels: TaskRow["labels"]): string =>
  Object.entries(labels)
    .map(([label, value]) => printable(`${label}=${value}`))
    .join(" ")

/** A cancellation: its kind, which task has asked for it and why, and how long ago. */
export const cancellationText = (cancellation: CancellationRow, loop: Pick<LoopRow, "time">): string => {
  const { askedAt, kind, reason, requestedBy } = cancellation
  const by = requestedBy === undefined ? "" : ` by ${refText(requestedBy)}`
  const why = reason === undefined ? "" : `: ${printable(reason)}`
  const ago = askedAt === undefined ? "" : `, ${duration(loop.time - askedAt)} ago`
  return `${printable(kind)}${by}${why}${ago}`
}
