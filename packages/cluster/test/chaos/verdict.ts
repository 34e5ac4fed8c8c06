/**
 * Whether what was promised has been kept, from what the client was told, what the tasks have said of themselves, and what the list says.
 */
import type { TaskInfo } from "@effect-asyncio/cluster"
import type { Line } from "./log.ts"

/** What the client knows of a task in the end. */
export interface Told {
  readonly name: string
  readonly outcome: "succeeded" | "failed" | "cancelled" | "nothing"
  /** When it was told. */
  readonly at: number
  /** Whether it had asked for a cancellation. */
  readonly asked: boolean
  /** How often it had to ask for it anew, because the database was away. */
  readonly refused: number
}

export interface Evidence {
  readonly told: ReadonlyArray<Told>
  readonly lines: ReadonlyArray<Line>
  readonly listed: ReadonlyArray<TaskInfo>
  /** The processes that were killed, and when. */
  readonly killed: ReadonlyMap<number, number>
  /** Whether nothing has happened because of which a task runs twice, or a client is refused. */
  readonly isHarmless?: boolean
}

export interface Verdict {
  readonly tasks: number
  readonly problems: ReadonlyArray<string>
  /** How many tasks were begun more than once. */
  readonly runTwice: number
  /** How many of these ran in two places at the same time. */
  readonly overlapping: number
  /** Milliseconds that the slowest task took, from its creation to its end. */
  readonly slowest: number
  readonly cancelled: number
  /** How many of these had come to their end, of which nobody was told any more: their worker was killed, or the database was away. */
  readonly untold: number
}

export const noVerdict: Verdict = {
  tasks: 0,
  problems: [],
  runTwice: 0,
  overlapping: 0,
  slowest: 0,
  cancelled: 0,
  untold: 0
}

/** What is true of two runs together. */
export const sum = (one: Verdict, other: Verdict): Verdict => ({
  tasks: one.tasks + other.tasks,
  problems: [...one.problems, ...other.problems],
  runTwice: one.runTwice + other.runTwice,
  overlapping: one.overlapping + other.overlapping,
  slowest: Math.max(one.slowest, other.slowest),
  cancelled: one.cancelled + other.cancelled,
  untold: one.untold + other.untold
})

/** Judges a run. */
export const judge = ({ isHarmless = false, killed, lines, listed, told }: Evidence): Verdict => {
  const problems: Array<string> = []
  const said = Map.groupBy(lines, ({ name }) => name)
  const infos = new Map(listed.map((info) => [info.name, info]))
  let runTwice = 0
  let overlapping = 0
  for (const each of told) {
    const own = said.get(each.name) ?? []
    const begun = own.filter(({ what }) => what === "begins")
    if (begun.length > 1) runTwice++
    if (overlaps(own)) overlapping++
    const info = infos.get(each.name)
    const wrong = [
      ...lost(each),
      ...(info === undefined ? ["is not in the list"] : wrongInList(each, info, begun)),
      ...(each.outcome === "cancelled" ? goesOn(each, own, killed) : []),
      ...unfinished(each, own),
      ...(isHarmless ? needless(each, begun) : [])
    ]
    const story = own
      .filter(({ what }, i) => what !== "ticks" || own[i + 1]?.what !== "ticks")
      .map(({ at, attempt, pid, what }) => `${at} ${pid} #${attempt} ${what}`)
      .join(", ")
    problems.push(...wrong.map((problem) => `${each.name} (${each.outcome} at ${each.at}; ${story}): ${problem}`))
  }
  if (infos.size !== told.length) problems.push(`the list has ${infos.size} tasks, and there are ${told.length}`)
  const cancelled = told.filter(({ outcome }) => outcome === "cancelled")
  const untold = cancelled.filter(({ name }) => said.get(name)?.some(({ what }) => what === "ends") === true)
  return {
    tasks: told.length,
    problems,
    runTwice,
    overlapping,
    slowest: Math.max(0, ...listed.map(({ createdAt, endedAt = createdAt }) => endedAt - createdAt)),
    cancelled: cancelled.length,
    untold: untold.length
  }
}

const lost = ({ asked, outcome }: Told): ReadonlyArray<string> => {
  if (outcome === "nothing") return ["is lost: nobody says how it has ended"]
  if (outcome === "failed") return ["has failed, which its program never does"]
  return outcome === "cancelled" && !asked ? ["was cancelled, and nobody has asked for that"] : []
}

/** The list says what the client was told, and each time that the task was begun has a number of its own. */
const wrongInList = ({ outcome }: Told, info: TaskInfo, begun: ReadonlyArray<Line>): ReadonlyArray<string> => {
  const wrong: Array<string> = []
  if (info.state !== outcome) wrong.push(`is ${info.state} in the list`)
  const numbers = new Set(begun.map(({ attempt }) => attempt))
  if (numbers.size !== begun.length) wrong.push("was begun twice as the same attempt")
  // More where a worker died between the table and the program's first word.
  if (info.attempt < Math.max(0, ...numbers)) wrong.push(`says that it has had ${info.attempt} attempts`)
  return wrong
}

/** Of a task that is told to be cancelled every attempt has said that it stops or has ended, or was killed; and says nothing afterwards. */
const goesOn = (told: Told, own: ReadonlyArray<Line>, killed: ReadonlyMap<number, number>): ReadonlyArray<string> => {
  const wrong: Array<string> = []
  for (const [attempt, lines] of Map.groupBy(own, (line) => line.attempt)) {
    const [{ pid } = { pid: 0 }] = lines
    const isOver = lines.some(({ what }) => what === "stops" || what === "ends")
    if (!killed.has(pid) && !isOver) wrong.push(`attempt ${attempt} never stopped`)
  }
  const late = own.find(({ at }) => at > told.at)
  return late === undefined ? wrong : [...wrong, `goes on ${late.at - told.at} ms after it was told to have stopped`]
}

/** A task that is told to have succeeded has come to its end. */
const unfinished = ({ outcome }: Told, own: ReadonlyArray<Line>): ReadonlyArray<string> =>
  outcome === "succeeded" && !own.some(({ what }) => what === "ends") ? ["never came to its end"] : []

const needless = ({ refused }: Told, begun: ReadonlyArray<Line>): ReadonlyArray<string> => [
  ...(begun.length > 1 ? [`was begun ${begun.length} times, for no reason`] : []),
  ...(refused > 0 ? ["was refused to its client"] : [])
]

/** Whether an attempt says something after a later one has begun. */
const overlaps = (own: ReadonlyArray<Line>): boolean =>
  own.some(({ at, attempt }) => own.some((line) => line.what === "begins" && line.attempt > attempt && line.at < at))
