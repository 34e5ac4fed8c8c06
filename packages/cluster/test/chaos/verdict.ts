/**
 * Whether what was promised has been kept, from what the client was told, what the tasks have said of themselves, and what the list says.
 */
import type { TaskInfo } from "@effect-asyncio/cluster"
import type { Line } from "./log.ts"

/** What the client knows of a task in the end. */
export interface Told {
  readonly name: string
  readonly outcome: "succeeded" | "failed" | "cancelled" | "nothing"
  /** When it was told, in milliseconds since 1970. */
  readonly at: number
  /** Whether it had asked for a cancellation. */
  readonly asked: boolean
}

export interface Evidence {
  readonly told: ReadonlyArray<Told>
  readonly lines: ReadonlyArray<Line>
  readonly listed: ReadonlyArray<TaskInfo>
  /** The processes that were killed, and when. */
  readonly killed: ReadonlyMap<number, number>
}

export interface Verdict {
  readonly problems: ReadonlyArray<string>
  /** How many tasks were begun more than once. */
  readonly runTwice: number
  readonly cancelled: number
  /** How many of these had come to their end, of which nobody was told any more: their worker was killed, or the database was away. */
  readonly untold: number
}

/** Judges a run. */
export const judge = ({ killed, lines, listed, told }: Evidence): Verdict => {
  const problems: Array<string> = []
  const said = Map.groupBy(lines, ({ name }) => name)
  const infos = new Map(listed.map((info) => [info.name, info]))
  let runTwice = 0
  for (const each of told) {
    const own = said.get(each.name) ?? []
    const begun = own.filter(({ what }) => what === "begins")
    if (begun.length > 1) runTwice++
    const info = infos.get(each.name)
    const wrong = [
      ...lost(each),
      ...(info === undefined ? ["is not in the list"] : wrongInList(each, info, begun)),
      ...(each.outcome === "cancelled" ? goesOn(each, own, killed) : []),
      ...unfinished(each, own)
    ]
    const story = own.map(({ at, attempt, pid, what }) => `${at} ${pid} #${attempt} ${what}`).join(", ")
    problems.push(...wrong.map((problem) => `${each.name} (${each.outcome} at ${each.at}; ${story}): ${problem}`))
  }
  if (infos.size !== told.length) problems.push(`the list has ${infos.size} tasks, and there are ${told.length}`)
  const cancelled = told.filter(({ outcome }) => outcome === "cancelled")
  const untold = cancelled.filter(({ name }) => said.get(name)?.some(({ what }) => what === "ends") === true)
  return { problems, runTwice, cancelled: cancelled.length, untold: untold.length }
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
