/** Runs a program of the playground: on virtual time, with what it prints and does taken down. */
import { type RecordOptions, recordRun } from "../../packages/testing/src/timeline/record.ts"
import type { Cancel, Trace } from "../../packages/testing/src/timeline/trace.ts"
import { asyncRuntime } from "./asyncRuntime.ts"
import { compile, withPlaces } from "./compile.ts"
import { textOf } from "./format.ts"
import { modulesOf } from "./modules.ts"

/** `uncaught` is the error that ended the program, or one that nobody caught. */
export type Level = "log" | "warn" | "error" | "uncaught"

export interface Line {
  readonly level: Level
  readonly text: string
}

/** What a program may do before it is stopped. */
export const limits: RecordOptions = {
  maxSteps: 1000,
  maxLines: 1000,
  /** In real milliseconds, for what waits for the real world. */
  patience: 8000
}

/** Longer lines are cut. */
const longest = 10_000

/** An error as the pages show it: the notes of the library stand below. */
const uncaughtText = (thrown: unknown): string => {
  const notes = (thrown ?? {}) as Readonly<Record<string, unknown>>
  const lines = ["task", "hint"].flatMap((note) => {
    const text = notes[note]
    return typeof text === "string" ? [`${note}: ${text}`] : []
  })
  return [String(thrown), ...lines].join("\n")
}

const levels = {
  debug: "log",
  info: "log",
  log: "log",
  trace: "log",
  dir: "log",
  table: "log",
  warn: "warn",
  error: "error"
} as const

/**
 * Runs a program, and gives what it did. Never fails. Whatever is printed in this realm from now on goes to `print`: what a
 * program prints after its end, too.
 */
export const runProgram = (source: string, print: (line: Line) => void, cancel?: Cancel): Promise<Trace> => {
  let lines = 0
  let taken: ((text: string) => void) | undefined
  const say = (level: Level, message: string) => {
    const text = withPlaces(message)
    const cut = text.length > longest ? `${text.slice(0, longest)}…` : text
    if (++lines <= limits.maxLines!) print({ level, text: cut })
    else if (lines === limits.maxLines! + 1)
      print({ level: "uncaught", text: `More than ${limits.maxLines} lines: the rest is not shown.` })
    return cut
  }
  for (const [method, level] of Object.entries(levels)) {
    Object.assign(console, { [method]: (...values: ReadonlyArray<unknown>) => taken?.(say(level, textOf(values))) })
  }
  const onUncaught = (error: unknown) => say("uncaught", uncaughtText(error))
  uncaught = onUncaught
  return recordRun(
    async (recording) => {
      taken = recording.printed
      try {
        const importModule = modulesOf(recording)
        await compile(source)(asyncRuntime, importModule, async (name) => importModule(name))
        // Reports of what the program has left behind.
        await new Promise((resolve) => void setTimeout(resolve, 0))
      } catch (error) {
        onUncaught(error)
        throw error
      }
    },
    { ...limits, cancel, asyncFunctions: source.includes('"@effect-asyncio/compat') }
  )
}

let uncaught: ((error: unknown) => void) | undefined

/** For what the host tells of: errors that nobody caught. */
export const reportUncaught = (error: unknown): void => uncaught?.(error)
