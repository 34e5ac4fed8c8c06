/**
 * What `leaks`, and the reports of deadlocks, say of the programs.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { json, start } from "../test/process.ts"
import type { Program } from "./go.ts"
import { nameOf, programs } from "./programs.ts"

export interface Result {
  readonly program: Program
  /** Of its lost tasks, how many each of them names. */
  readonly byLeaks: number
  readonly byDeadlock: number
}

export interface Results {
  readonly results: ReadonlyArray<Result>
  /** Tasks that are named although something can wake them. */
  readonly falsePositives: ReadonlyArray<string>
  /** How many tasks there were that something can wake. */
  readonly healthy: number
}

/** The tasks that wait in a `select` belong to the one that does. */
const withoutCases = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.filter((name) => !name.includes(", case "))

const askLeaks = async () => {
  const process = await start("../../microbenchmarks/leaking.ts")
  try {
    const { leaks, tasks } = await json("leaks", String(process.pid))
    const names: ReadonlyArray<string> = leaks.map(({ name }: { name: string }) => name)
    return { found: withoutCases(names), healthy: tasks - names.length }
  } finally {
    await process.end()
  }
}

const askDeadlocks = async (): Promise<ReadonlyArray<string>> => {
  const file = fileURLToPath(new URL("./deadlocks.ts", import.meta.url))
  const child = spawn(process.execPath, ["--conditions=@effect-asyncio/source", "--no-warnings", file], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const closed = once(child, "close")
  const printed = await text(child.stdout)
  const [status] = (await closed) as [number | null]
  if (status !== 0) throw new Error(`deadlocks.ts ended with ${status}`)
  return withoutCases(JSON.parse(printed))
}

/** How many of the lost tasks of a program are among the names. */
const countOf = (program: Program, names: ReadonlySet<string>): number =>
  program.lost.filter((task) => names.has(nameOf(program, task))).length

export const measure = async (): Promise<Results> => {
  const { found, healthy } = await askLeaks()
  const inDeadlocks = await askDeadlocks()
  const lost = new Set(programs.flatMap((program) => program.lost.map((task) => nameOf(program, task))))
  const waitingForAll = new Set(programs.map((program) => nameOf(program, "waits for all")))
  return {
    results: programs.map((program) => ({
      program,
      byLeaks: countOf(program, new Set(found)),
      byDeadlock: countOf(program, new Set(inDeadlocks))
    })),
    falsePositives: [...found, ...inDeadlocks.filter((name) => !waitingForAll.has(name))].filter(
      (name) => !lost.has(name)
    ),
    healthy
  }
}
