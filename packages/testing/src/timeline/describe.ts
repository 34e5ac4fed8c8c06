/**
 * A trace in words: for readers who do not see the picture, and beside it for those who do.
 */
import { type Happening, type Outcome, reader, testsReason, type Trace, type Wait } from "./trace.ts"

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000]
] as const

/** A time in at most two units: `1 h`, `1 min 30 s`, `1.5 s`, `20 ms`. */
export const timeText = (millis: number): string => {
  if (millis === 0) return "0 s"
  if (millis < 1000) return `${rounded(millis)} ms`
  if (millis < 60_000) return `${rounded(millis / 1000)} s`
  const first = units.findIndex(([, size]) => millis >= size)
  const [unit, size] = units[first]!
  const [nextUnit, nextSize] = units[first + 1]!
  const rest = Math.floor((millis % size) / nextSize)
  return `${Math.floor(millis / size)} ${unit}${rest === 0 ? "" : ` ${rest} ${nextUnit}`}`
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000

export const nameOf = (trace: Trace, task: number | undefined): string =>
  task === undefined ? "the loop" : trace.tasks[task]!.name

const list = (names: ReadonlyArray<string>): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`

const withReason = (reason: string | undefined): string => (reason === undefined || reason === "" ? "" : `: ${reason}`)

/** What a task waits for, as the label of a bar. */
export const waitLabel = (trace: Trace, wait: Wait): string => {
  switch (wait.kind) {
    case "iteration":
      return "the next iteration"
    case "sleep":
      return wait.until === Infinity ? "sleeps" : `sleeps until ${timeText(wait.until)}`
    case "tasks":
      return `waits for ${list(wait.tasks.map((task) => nameOf(trace, task)))}`
    case "object":
      return `waits for a ${objectName(wait.object)}`
    case "future":
      return "waits for a future"
  }
  return wait.io === undefined ? "waits for what the loop does not know" : `waits for ${wait.io}`
}

/** The same, as short as the label of a bar has to be. `time` is when the wait began. */
export const barLabel = (trace: Trace, wait: Wait, time: number): string => {
  switch (wait.kind) {
    case "iteration":
      return ""
    case "sleep":
      return wait.until === Infinity ? "sleep" : `sleep ${timeText(wait.until - time)}`
    case "tasks":
      return `for ${wait.tasks.map((task) => nameOf(trace, task)).join(", ")}`
    case "object":
      return objectName(wait.object)
    case "future":
      return "a future"
  }
  return wait.io ?? "elsewhere"
}

/** The class of an object, by how it prints. */
const objectName = (repr: string): string => /^<(\w+)/.exec(repr)?.[1]?.toLowerCase() ?? repr

export const outcomeLabel = ({ kind, text }: Outcome): string => {
  if (kind === "returned") return "done"
  return kind === "failed" ? `failed${withReason(text)}` : "cancelled"
}

/** Which task does what in a step, without the time. */
export const stepText = (trace: Trace, n: number): string => {
  const { happenings, task, whole } = trace.steps[n]!
  const parts = happenings.map((it) => happeningText(trace, it, task, n))
  if (task === undefined) return parts.join("; ")
  const first = happenings[0]
  const begins = !trace.steps.slice(0, n).some((step) => step.task === task)
  const opening = !whole || (first?.type === "ended" && first.task === task) ? [] : [begins ? "begins" : "goes on"]
  return `${nameOf(trace, task)} ${[...opening, ...parts].join("; ")}`
}

const happeningText = (trace: Trace, it: Happening, who: number | undefined, n: number): string => {
  switch (it.type) {
    case "made":
      return `makes ${nameOf(trace, it.task)}`
    case "printed":
      return `${who === undefined ? "a callback " : ""}prints “${it.text}”`
    case "asked":
      return askedText(trace, it, who)
    case "arrived":
      return `gets the cancellation${withReason(it.reason)}${it.caught ? ", and goes on" : ""}`
    case "saw":
      return `sees that what it waited for was cancelled${withReason(it.reason)}`
    case "waits":
      return it.for.kind === "iteration" ? "lets others go first" : waitLabel(trace, it.for)
  }
  return endedText(trace, it, n)
}

const askedText = (
  trace: Trace,
  { by, reason, task, through }: Extract<Happening, { type: "asked" }>,
  who: number | undefined
): string => {
  const name = nameOf(trace, task)
  if (through !== undefined) return `the request goes on from ${nameOf(trace, through)} to ${name}`
  if (reason === testsReason) return `the test cancels ${name}`
  if (who === task) return `is to be cancelled${withReason(reason)}`
  if (who !== undefined) return `asks ${name} to cancel itself${withReason(reason)}`
  if (by === reader) return `you ask ${name} to cancel itself`
  return `${by ?? "its timeout or group"} asks ${name} to cancel itself${withReason(reason)}`
}

const endedText = (trace: Trace, { outcome, task }: Extract<Happening, { type: "ended" }>, n: number): string => {
  const began = trace.steps.slice(0, n + 1).some((step) => step.task === task && step.whole)
  if (outcome.kind === "returned") return "returns"
  if (outcome.kind === "failed") return `fails${withReason(outcome.text)}`
  return began ? "ends cancelled" : "ends cancelled before it has begun"
}

/** How the program ended. */
export const endText = ({ end }: Trace): string => {
  if (end.kind === "returned") return "The program ends."
  return end.kind === "failed" ? `The program fails: ${end.text}` : `The program was stopped: ${end.text}.`
}

/** Every step in a line. */
export const traceText = (trace: Trace): ReadonlyArray<string> =>
  trace.steps.map(({ time }, n) => `${timeText(time)}: ${stepText(trace, n)}`)
