/**
 * What `where` says of one task: where it stands, why it is there, and which task asked it to stop.
 */
import { InspectError } from "../errors.ts"
import { meaningOf } from "../meaning.ts"
import type { CancellationRow, Dump, EndedRow, LoopRow, Ref, RemoteRow, TaskRow } from "../protocol.ts"
import { tasksOf } from "./awaits.ts"
import { duration } from "./durations.ts"
import { framesOf } from "./frames.ts"
import { printable } from "./printable.ts"
import { cancellationText, doesText, holdersOf, labelsText, many, nameOf } from "./wide.ts"

/** A task of a dump, done or not, with its loop. */
export interface Known {
  readonly loop: LoopRow
  readonly task?: TaskRow
  readonly ended?: EndedRow
}

/**
 * The tasks that a number or a name stands for: those that are not done come first. Throws where it is the number of one and the name of
 * another; and where a number is only a name, because the task of that number may have ended a moment ago.
 */
export const knownAs = (dump: Dump, wanted: string): ReadonlyArray<Known> => {
  const { name, number } = meaningOf(wanted, (text) => /^\d+$/.test(text))
  const isIt = ({ id, name: called }: Called) => String(id) === number || called === wanted || called === name
  const alive = dump.loops.flatMap((loop) => loop.tasks.filter(isIt).map((task) => ({ loop, task })))
  const ended = dump.loops.flatMap((loop) => loop.ended.filter(isIt).map((ended) => ({ loop, ended })))
  const found: ReadonlyArray<Known> = [...alive, ...ended.toReversed()]
  if (number === undefined) return found
  const [numbered, named] = [true, false].map((is) => found.filter((each) => (String(idOf(each)) === number) === is))
  if (named!.length > 0) throw ambiguous(wanted, number, numbered!, named!)
  return numbered!
}

type Called = { readonly id: number; readonly name: string }

const calledOf = ({ ended, task }: Known): Called => (task ?? ended)!
const idOf = (known: Known): number => calledOf(known).id

const ambiguous = (
  wanted: string,
  number: string,
  numbered: ReadonlyArray<Known>,
  named: ReadonlyArray<Known>
): InspectError => {
  const textOf = (tasks: ReadonlyArray<Known>) =>
    many(
      tasks.map(
        (each) => `${printable(calledOf(each).name)} (${idOf(each)}${each.task === undefined ? ", ended" : ""})`
      )
    )
  return new InspectError(
    numbered.length === 0
      ? `no task has the number ${number}, but one is called ${wanted}: ${textOf(named)}. Say name:${wanted}`
      : `${wanted} is the number of ${textOf(numbered)} and the name of ${textOf(named)}: say number:${number} or name:${wanted}`
  )
}

/** `first` and what follows from it, until one comes again. */
const untilKnown = <T>(first: T | undefined, next: (at: T) => T | undefined): ReadonlyArray<T> => {
  const seen = new Set<T>()
  for (let at = first; at !== undefined && !seen.has(at); at = next(at)) seen.add(at)
  return [...seen]
}

/** The task that has created it, the one that has created that, and so on. */
export const creatorsOf = (known: Known, dump: Dump): ReadonlyArray<Ref> => {
  const all = new Map<number, { readonly createdBy?: Ref | undefined }>()
  for (const { ended, tasks } of dump.loops) for (const each of [...ended, ...tasks]) all.set(each.id, each)
  const refs: Array<Ref> = []
  untilKnown(known.task ?? known.ended, (at) => {
    const by = at?.createdBy
    if (by === undefined) return undefined
    refs.push(by)
    return (by.id === undefined ? undefined : all.get(by.id)) as TaskRow | undefined
  })
  return refs
}

/** The tasks that it waits for: the task that it waits for, or that holds the lock, the one that this waits for, and so on. */
export const awaitedOf = (task: TaskRow, tasks: ReadonlyMap<number, TaskRow>, loop: LoopRow): ReadonlyArray<TaskRow> =>
  untilKnown<TaskRow>(task, ({ waits }) => {
    const [only, ...others] = waits
    if (only === undefined || others.length > 0) return undefined
    const [next, ...more] = only.task === undefined ? holdersOf(only, loop) : [only.task]
    return next === undefined || more.length > 0 ? undefined : tasks.get(next)
  }).slice(1)

/** The tasks that were asked to cancel themselves and have asked the next one: from the one that asked the task upwards. */
export const askersOf = (known: Known, dump: Dump): ReadonlyArray<Asker> => {
  const all = new Map<number, Asker>()
  for (const loop of dump.loops) {
    for (const { cancellation, id, name } of loop.tasks) {
      if (cancellation !== undefined) all.set(id, { id, name, cancellation, loop })
    }
    for (const { id, kind, name, outcome, reason, requestedBy } of loop.ended) {
      if (outcome !== "cancelled") continue
      all.set(id, { id, name, cancellation: { kind: kind ?? "requested", reason, requestedBy }, loop })
    }
  }
  const next = (id: number | undefined) => (id === undefined ? undefined : all.get(id))
  const first = known.task === undefined ? known.ended?.requestedBy?.id : known.task.cancellation?.requestedBy?.id
  // A group cancels its members in the step of its own task: a task that has asked itself is no link.
  const own = (known.task ?? known.ended)?.id
  return untilKnown(next(first), (at) => next(at.cancellation.requestedBy?.id)).filter(({ id }) => id !== own)
}

/** A task that has asked another one to cancel itself, and was asked itself. */
interface Asker {
  readonly id: number
  readonly name: string
  readonly cancellation: CancellationRow
  readonly loop: LoopRow
}

const askersText = (known: Known, dump: Dump): ReadonlyArray<string> =>
  askersOf(known, dump).map(
    ({ cancellation, loop, name }) => `    ${printable(name)} was asked itself: ${cancellationText(cancellation, loop)}`
  )

/** The lines of `where`. */
export const whereText = (known: Known, dump: Dump): ReadonlyArray<string> =>
  known.task === undefined ? endedText(known, dump) : aliveText(known as Known & { readonly task: TaskRow }, dump)

const aliveText = (known: Known & { readonly task: TaskRow }, dump: Dump): ReadonlyArray<string> => {
  const { loop, task } = known
  const tasks = tasksOf(dump)
  const since = task.waitingSince === undefined ? "" : `, for ${duration(loop.time - task.waitingSince)}`
  const labels = labelsText(task.labels)
  return [
    `${printable(task.name)} (${task.id}), ${task.state}${labels === "" ? "" : `, ${labels}`}`,
    `  ${doesText(task, loop, tasks)}${since}`,
    ...awaitedOf(task, tasks, loop).map((each) => `    ${printable(each.name)}, which ${doesText(each, loop, tasks)}`),
    ...framesText(task),
    ...awaitersText(task, tasks),
    ...creationText(known, dump, task.createdAt),
    ...(task.remote === undefined ? [] : remoteText(task.remote, loop)),
    ...(task.cancellation === undefined
      ? []
      : [`  asked to cancel itself: ${cancellationText(task.cancellation, loop)}`, ...askersText(known, dump)])
  ]
}

/** What a task of a cluster has beside what others have. */
const remoteText = (remote: RemoteRow, loop: LoopRow): ReadonlyArray<string> => {
  const { attempt, client, progress, runner, served, startedAt, state } = remote
  const begun = startedAt === undefined ? "" : `, begun ${duration(loop.time - startedAt)} ago`
  return [
    `  sent by the process ${printable(client)}`,
    ...(attempt === 0
      ? []
      : [
          `  attempt ${attempt}${state === "running" ? "" : `, interrupted, on ${printable(runner ?? "a worker")}`}${begun}`
        ]),
    ...(served ? [] : ["  no worker of its definition is there"]),
    ...(progress === undefined ? [] : [`  reports ${printable(progress)}`])
  ]
}

const framesText = (task: TaskRow): ReadonlyArray<string> => {
  const frames = framesOf(task)
  return frames.length === 0
    ? []
    : [
        "  stack, innermost first:",
        ...frames.map(({ name, place }) => `    ${name}${place === undefined ? "" : ` ${place}`}`)
      ]
}

const awaitersText = (task: TaskRow, tasks: ReadonlyMap<number, TaskRow>): ReadonlyArray<string> => {
  // Which task waits for one of another process is known to that process alone.
  if (task.remote !== undefined) return []
  if (task.awaiters.length === 0) return ["  nobody waits for it"]
  // The waiters, and their waiters: each once.
  const lines: Array<string> = ["  waited for by:"]
  const seen = new Set<number>([task.id])
  const todo = task.awaiters.map((id) => ({ id, depth: 2 })).toReversed()
  for (let next = todo.pop(); next !== undefined && lines.length < 50; next = todo.pop()) {
    lines.push(`${"  ".repeat(next.depth)}${nameOf(next.id, tasks)}${seen.has(next.id) ? " (above)" : ""}`)
    if (seen.has(next.id)) continue
    seen.add(next.id)
    const { depth } = next
    todo.push(...(tasks.get(next.id)?.awaiters ?? []).map((id) => ({ id, depth: depth + 1 })).toReversed())
  }
  if (todo.length > 0) lines.push(`    ... and ${todo.length} more`)
  return lines
}

const creationText = (known: Known, dump: Dump, createdAt: number): ReadonlyArray<string> => {
  const by = creatorsOf(known, dump).map(({ name }) => printable(name))
  const ago = `${duration(known.loop.time - createdAt)} ago`
  return [by.length === 0 ? `  created ${ago}, by no task` : `  created ${ago} by ${by.join(", by ")}`]
}

const endedText = (known: Known, dump: Dump): ReadonlyArray<string> => {
  const { loop } = known
  const { createdAt, endedAt, error, id, kind, name, outcome, reason, requestedBy } = known.ended!
  const why =
    outcome === "cancelled" ? `: ${cancellationText({ kind: kind ?? "requested", reason, requestedBy }, loop)}` : ""
  return [
    `${printable(name)} (${id}), ${outcome} ${duration(loop.time - endedAt)} ago, after ${duration(endedAt - createdAt)}${why}`,
    ...(error === undefined ? [] : [`  with ${printable(error)}`]),
    ...askersText(known, dump),
    ...creationText(known, dump, createdAt)
  ]
}
