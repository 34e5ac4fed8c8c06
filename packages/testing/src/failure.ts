/**
 * What a failure tells: where, what does not hold, what happened, and how to see it again.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { hideOwnFrames } from "./run/stack.ts"
import type { CheckName } from "./run/subject.ts"
import { svg } from "./timeline/svg.ts"
import { stepText, timeText } from "./timeline/describe.ts"
import type { Trace } from "./timeline/trace.ts"

/**
 * A program does not hold: there is a place where it cannot be cancelled, or a schedule that breaks it.
 *
 * @category errors
 * @since 0.1.0
 */
export class ProgramFailure extends Error {
  override readonly name: string = "ProgramFailure"
  /** Which checks have found something, and what. */
  declare readonly findings: ReadonlyArray<{ readonly check: CheckName; readonly text: string }>
  /** What `at` of a sweep, or `replay`, takes to see it again. */
  declare readonly replay: string
  /** How many runs it took until one failed, that one among them. */
  declare readonly runs: number
  /** Everything that happened in that run, a line for each step. */
  declare readonly timeline: string
  /** The same as a picture. */
  declare readonly svg: string

  constructor(parts: FailureParts) {
    super(textOf(parts))
    // Where Node.js prints an uncaught error, it prints what is in it as well.
    const { findings, replay, runs, title, trace } = parts
    const hidden = { findings, replay, runs, timeline: timelineOf(trace, Infinity), svg: pictureOf(trace, title) }
    for (const [name, value] of Object.entries(hidden)) Object.defineProperty(this, name, { value })
    hideOwnFrames(this)
  }

  /** What a test runner shows beside the stack: nothing that is in the message already. */
  toJSON(): object {
    const { message, name, stack } = this
    return { name, message, stack }
  }
}

export interface FailureParts {
  /** What was done to the program, in a line. */
  readonly title: string
  /** More of it, below. */
  readonly details: ReadonlyArray<string>
  readonly findings: ReadonlyArray<{ readonly check: CheckName; readonly text: string }>
  readonly trace: Trace
  readonly replay: string
  readonly runs: number
  /** The line of code that shows it again. */
  readonly replayLine: string
  readonly notes: ReadonlyArray<string>
  /** Where the picture is written to; false for nowhere. */
  readonly picture: string | false
}

const indented = (text: string, by: string): string => text.replaceAll("\n", `\n${by}`)

const textOf = (parts: FailureParts): string =>
  [
    parts.title,
    ...parts.details.map((line) => `  ${line}`),
    "",
    ...parts.findings.map(({ check, text }) => `  ${check}: ${indented(text, "    ")}`),
    "",
    ...timelineOf(parts.trace, mostLines)
      .split("\n")
      .map((line) => `  ${line}`),
    "",
    ...(parts.picture === false ? [] : [`  picture  ${parts.picture}`]),
    ...(parts.replayLine === "" ? [] : [`  replay   ${parts.replayLine}`]),
    ...parts.notes.map((line) => `  ${line}`)
  ].join("\n")

// So much of a long run is read; all of it is in `timeline`.
const mostLines = 40

/** Every step in a line, the times in a column. */
export const timelineOf = (trace: Trace, most: number): string => {
  const lines = trace.steps.map(({ time }, n) => ({ time: timeText(time), text: stepText(trace, n) }))
  const width = Math.max(0, ...lines.map(({ time }) => time.length))
  let last = ""
  const told = lines.map(({ text, time }) => {
    const shown = time === last ? "" : time
    last = time
    return `${shown.padStart(width)}  ${text}`
  })
  if (told.length <= most) return told.join("\n")
  const head = Math.floor(most / 4)
  const left = told.length - most
  return [...told.slice(0, head), `${"".padStart(width)}  ... ${left} more steps`, ...told.slice(head - most)].join(
    "\n"
  )
}

const pictureOf = (trace: Trace, title: string): string => svg(trace, { title, id: "run", css: readStyles() })

const readStyles = (): string => {
  try {
    return readFileSync(new URL("../src/timeline/timeline.css", import.meta.url), "utf8")
  } catch {
    // Beside a bundle there are no files: better a picture without colours than none of the failure.
    return ""
  }
}

/** Writes the picture of a run, and says where. */
export const writePicture = (trace: Trace, title: string, name: string): string | false => {
  try {
    const folder = join(tmpdir(), "effect-asyncio")
    mkdirSync(folder, { recursive: true })
    const file = join(folder, `${name.replace(/[^\w.=-]+/g, "-").slice(0, 80)}.svg`)
    writeFileSync(file, pictureOf(trace, title))
    return file
  } catch {
    // A file system that cannot be written to must not hide the failure.
    return false
  }
}
