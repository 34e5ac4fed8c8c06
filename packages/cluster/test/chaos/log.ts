/**
 * What tasks say of themselves, in a file that outlives the processes they run in.
 */
import { openSync, readFileSync, writeSync } from "node:fs"

export interface Line {
  readonly at: number
  readonly pid: number
  readonly name: string
  readonly attempt: number
  /** `ticks` is said again and again by one that runs. */
  readonly what: "begins" | "ticks" | "ends" | "stops"
}

/** Milliseconds on the clock that all processes of a machine share, and nobody sets: what they say can be put in order. */
export const now = (): number => Number(process.hrtime.bigint() / 1_000_000n)

/** Writes a line before it returns: what was said stays said, also when the process is killed in the next moment. */
export const openLog = (file: string): ((line: Pick<Line, "name" | "attempt" | "what">) => void) => {
  const descriptor = openSync(file, "a")
  return (line) => {
    writeSync(descriptor, `${JSON.stringify({ at: now(), pid: process.pid, ...line })}\n`)
  }
}

export const readLog = (file: string): ReadonlyArray<Line> =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((text) => text !== "")
    .map((text) => JSON.parse(text) as Line)
