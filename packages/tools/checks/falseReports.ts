/**
 * Whether `leaks`, or the report of a deadlock, ever names a task that goes on: on every program of the pages, on the host's clock, and on the
 * scripts of the conformance corpus.
 *
 *   npm run dev -- leaks:false           all; words choose pages
 *
 * A task that nothing can wake stays where it is. So a report is false where a task that it names does anything afterwards, unless its
 * run is over and cancels it, and where a run ends that was said never to end. A program is cut off some seconds after the last look.
 */
import { spawn } from "node:child_process"
import { globSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join, relative } from "node:path"
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"
import { text } from "node:stream/consumers"
import { extract } from "../docs/examples.ts"
import { isProgram, root } from "../repository.ts"
import type { Line } from "./falseReportsOf.ts"

// After the last look, in milliseconds.
const patience = 2000

export interface Looked {
  readonly name: string
  /** How many tasks were looked at. */
  readonly tasks: number
  /** The tasks that were reported, by name. */
  readonly lost: ReadonlyArray<string>
  /** Whether the program was said never to end. */
  readonly isDeadlock: boolean
  /** What was reported and went on. */
  readonly wrong: ReadonlyArray<string>
}

const lookAt = async (...args: ReadonlyArray<string>): Promise<Looked> => {
  const watch = join(import.meta.dirname, "falseReportsOf.ts")
  const child = spawn(
    process.execPath,
    ["--no-warnings", "--conditions=@effect-asyncio/source", "--import", watch, ...args],
    { stdio: ["ignore", "ignore", "pipe", "pipe"] }
  )
  const saying = text(child.stderr as Readable)
  let timer: NodeJS.Timeout | undefined
  let isCutOff = false
  const lines: Array<Line> = []
  for await (const written of createInterface({ input: child.stdio[3] as Readable })) {
    const line = JSON.parse(written) as Line
    lines.push(line)
    if (!("isLast" in line) || !line.isLast) continue
    timer = setTimeout(() => {
      isCutOff = true
      child.kill("SIGKILL")
    }, patience)
  }
  const said = await saying
  clearTimeout(timer)
  const isDeadlock = said.includes("The run never ends: ")
  const wrong = lines.flatMap((line) => ("wentOn" in line ? [line.wentOn] : []))
  return {
    name: relative(root, args[0]!),
    tasks: lines.reduce((sum, line) => sum + ("tasks" in line ? line.tasks : 0), 0),
    lost: [...new Set(lines.flatMap((line) => ("lost" in line ? line.lost : [])))],
    isDeadlock,
    wrong: isDeadlock && !isCutOff && !said.includes("DeadlockError") ? [...wrong, "the run ends"] : wrong
  }
}

/** The programs of the pages. */
export const programFiles = (): ReadonlyArray<string> => {
  extract()
  return globSync("docs/.examples/pages/**/*.ts", { cwd: root }).sort()
}

export const lookAtProgram = (file: string): Promise<Looked> => lookAt(join(root, file))

/** Every so manieth script of the corpus. */
export const lookAtCorpus = (every: number): Promise<Looked> =>
  lookAt(join(root, "packages/conformance/src/atOnce.ts"), String(every))

const print = ({ isDeadlock, lost, name, wrong }: Looked): void => {
  if (wrong.length > 0) console.log(`${name}: FALSE: ${wrong.join(", ")}`)
  if (lost.length > 0) console.log(`${name}: lost: ${lost.join(", ")}`)
  if (isDeadlock) console.log(`${name}: never ends`)
}

const main = async (words: ReadonlyArray<string>): Promise<void> => {
  const files = programFiles().filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  const all: Array<Looked> = words.length === 0 ? [await lookAtCorpus(1)] : []
  all.forEach(print)
  const waiting = files.values()
  const work = async () => {
    for (const file of waiting) {
      const looked = await lookAtProgram(file)
      all.push(looked)
      print(looked)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  const sum = (of: (looked: Looked) => number) => all.reduce((count, looked) => count + of(looked), 0)
  const reports = sum(({ isDeadlock, lost }) => lost.length + Number(isDeadlock))
  const wrong = sum((looked) => looked.wrong.length)
  console.log(
    `${files.length} programs, ${sum(({ tasks }) => tasks)} tasks looked at, ${reports} reports, ${wrong} of them false`
  )
  process.exitCode = wrong === 0 ? 0 : 1
}

if (isProgram(import.meta.url)) await main(process.argv.slice(2))
