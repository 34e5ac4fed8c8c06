/**
 * `cancel`: asks tasks to cancel themselves, and says what becomes of them.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { readDump } from "../client/dump.ts"
import type { Talk } from "../client/talking.ts"
import { InspectError } from "../errors.ts"
import { defaultKind, whyNotKind } from "../kinds.ts"
import { hasLabel } from "../labels.ts"
import type { Asked, Dump, Hello, Outcome, Selection, TaskRow } from "../protocol.ts"
import { tasksOf } from "../text/awaits.ts"
import { calledOf } from "../text/called.ts"
import { framesOf } from "../text/frames.ts"
import { printable } from "../text/printable.ts"
import { knownAs } from "../text/where.ts"
import { doesText, many } from "../text/wide.ts"
import { type CommonOptions, type Io, printJson, printLines } from "./io.ts"
import { connected } from "./show.ts"

export interface CancelOptions extends CommonOptions {
  readonly label?: ReadonlyArray<string>
  readonly tree?: string
  readonly reason?: string
  /** One of those that the process takes. */
  readonly kind?: string
  /** How long to wait for their ends, in milliseconds. */
  readonly wait: number
}

const betweenLooks = 50

export const cancel = (io: Io, target: string, task: string | undefined, options: CancelOptions): Promise<number> => {
  const ways = [task, options.label, options.tree].filter((way) => way !== undefined)
  if (ways.length !== 1)
    throw new InspectError("say which tasks: TASK, --label KEY=VALUE or --tree TASK, and one of them", 2)
  return connected(io, target, options, async (connection) => {
    const { kind, reason } = options
    checkKind(connection.hello, kind)
    const select = await selectionFor(connection, task, options)
    const asked = await connection.ask<Asked>({ request: "cancel", select, reason, kind })
    const outcomes = await waitFor(connection, asked, options.wait)
    if (options.json === true) await printJson(io, outcomes)
    else await print(io, outcomes, await readDump(connection), options)
    return outcomes.length > 0 && outcomes.every(({ state }) => state !== "pending") ? 0 : 1
  })
}

/** Refuses a kind that the process does not take, which an older one would not even look at. */
const checkKind = (hello: Hello, kind = defaultKind): void => {
  const problem = whyNotKind(kind, hello.kinds ?? [defaultKind])
  if (problem !== undefined) throw new InspectError(`${calledOf(hello)}: ${printable(problem)}`, 2)
}

const selectionFor = async (
  connection: Talk,
  task: string | undefined,
  { label, tree }: CancelOptions
): Promise<Selection> => {
  if (label !== undefined) return { labels: await labelsFor(connection, label) }
  const wanted = (task ?? tree)!
  const found = knownAs(await readDump(connection), wanted).flatMap((known) => known.task ?? [])
  if (found.length === 0)
    throw new InspectError(`${calledOf(connection.hello)} has no task ${printable(wanted)} that is not done`)
  if (found.length > 1) {
    const ids = found.map(({ id }) => id).join(", ")
    throw new InspectError(`${found.length} tasks are called ${printable(wanted)}: say which by its number (${ids})`)
  }
  const ids = found.map(({ id }) => id)
  return task === undefined ? { trees: ids } : { tasks: ids }
}

type Label = readonly [key: string, value: string]

/** What a text may say: a key and a value may both have a `=` in them. */
const labelsIn = (text: string): ReadonlyArray<Label> => {
  const labels = Array.from(text.matchAll(/=/g), ({ index }): Label => [text.slice(0, index), text.slice(index + 1)])
  return labels.filter(([key]) => key !== "")
}

/** The labels that are meant: of what a text may say that what a task has; where none has any, the key ends at the first `=`. */
const labelsFor = async (connection: Talk, texts: ReadonlyArray<string>): Promise<Record<string, string>> => {
  const all = texts.map(labelsIn)
  const wrong = texts[all.findIndex((labels) => labels.length === 0)]
  if (wrong !== undefined) throw new InspectError(`--label takes KEY=VALUE, and not ${printable(wrong)}`, 2)
  const tasks = all.some(({ length }) => length > 1)
    ? (await readDump(connection)).loops.flatMap((loop) => loop.tasks)
    : []
  const labels = new Map<string, string>()
  for (const [i, readings] of all.entries()) {
    const known = readings.filter((label) => tasks.some(({ labels }) => hasLabel(labels, ...label)))
    if (known.length > 1) throw ambiguous(texts[i]!, known, tasks)
    const [key, value] = known[0] ?? readings[0]!
    if (labels.has(key)) throw new InspectError(`--label has ${printable(key)} twice: a task has one value of it`, 2)
    labels.set(key, value)
  }
  return Object.fromEntries(labels)
}

const ambiguous = (text: string, known: ReadonlyArray<Label>, tasks: ReadonlyArray<TaskRow>): InspectError => {
  const each = known.map((label) => {
    const names = tasks
      .filter(({ labels }) => hasLabel(labels, ...label))
      .map(({ id, name }) => `${printable(name)} (${id})`)
    return `${JSON.stringify(label[0])} is ${JSON.stringify(label[1])} of ${many(names)}`
  })
  return new InspectError(
    `--label ${printable(text)} says more than one thing: ${printable(each.join("; "))}. Cancel by numbers`
  )
}

/** What has become of them, when all have ended or the time is up. */
const waitFor = async (connection: Talk, asked: Asked, wait: number): Promise<ReadonlyArray<Outcome>> => {
  const end = Date.now() + wait
  for (;;) {
    const outcomes = await connection.ask<ReadonlyArray<Outcome>>({ request: "outcome", cancel: asked.cancel })
    const left = end - Date.now()
    if (left <= 0 || outcomes.every(({ state }) => state !== "pending")) return outcomes
    await sleep(Math.min(betweenLooks, left))
  }
}

/** Why there was no task to ask. */
const whyNobody = (label: CancelOptions["label"], { loops }: Dump): string => {
  if (label === undefined) return "it has ended by itself"
  const there = new Set(loops.flatMap(({ tasks }) => tasks.flatMap(labelTexts)))
  const others = there.size === 0 ? "no task has labels" : `there are ${many([...there])}`
  return `none has ${label.map(printable).join(" and ")}; ${others}`
}

const labelTexts = ({ labels }: TaskRow): ReadonlyArray<string> =>
  Object.entries(labels).map(([key, value]) => printable(`${key}=${value}`))

const print = async (
  io: Io,
  outcomes: ReadonlyArray<Outcome>,
  dump: Dump,
  { label, wait }: CancelOptions
): Promise<void> => {
  if (outcomes.length === 0) return io.err(`no task was asked: ${whyNobody(label, dump)}\n`)
  const tasks = tasksOf(dump)
  const loops = new Map(dump.loops.flatMap((loop) => loop.tasks.map(({ id }) => [id, loop] as const)))
  const lines = outcomes.flatMap(({ id, name, state, task }) => {
    const title = `${printable(name)} (${id})`
    if (state !== "pending") return [`${title}: ${state}`]
    const goesOn = `${title}: asked, and has not ended in ${wait / 1000} s`
    if (task === undefined) return [goesOn]
    const loop = loops.get(id) ?? dump.loops[0]!
    return [
      goesOn,
      `  ${doesText(task, loop, tasks)}`,
      ...framesOf(task).map((frame) => `    ${frame.name}${frame.place === undefined ? "" : ` ${frame.place}`}`)
    ]
  })
  const ended = outcomes.filter(({ state }) => state !== "pending").length
  if (outcomes.length > 1) lines.push(`${ended} of ${outcomes.length} have ended`)
  await printLines(io, lines)
}
