/**
 * Runs of tasks whose client is killed again and again, and comes back: the process that waits for them, and, with a file, that runs them as well.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { TaskInfo } from "@effect-asyncio/cluster"
import { startProgram } from "../../../tools/servers/programs.ts"
import type { ClientSettings } from "./client.ts"
import { Fleet } from "./fleet.ts"
import { oneOf, plan, span } from "./follow.ts"
import { now, readLog } from "./log.ts"
import { judge, type Told, type Verdict } from "./verdict.ts"

export interface ReturningOptions {
  /** A database that nobody else uses, whose workers live on; without one a file that is the client's own. */
  readonly url?: string | undefined
  readonly runs: number
  readonly tasks: number
  /** Milliseconds that a task takes at most. */
  readonly longest: number
  /** How often the client is killed in each run. */
  readonly kills: number
  readonly onVerdict?: (verdict: Verdict) => void
}

/** What a client has said in a life. */
interface Life {
  readonly told: ReadonlyArray<Told>
  readonly listed: ReadonlyArray<TaskInfo> | undefined
}

const said = (output: string, what: string): ReadonlyArray<unknown> =>
  output
    .split("\n")
    // What follows the last break may have been cut off.
    .slice(0, -1)
    .filter((line) => line.startsWith(`${what} `))
    .map((line) => JSON.parse(line.slice(what.length + 1)) as unknown)

/** The life of a client: killed after so many milliseconds, or to its end. */
const live = async (
  settings: ClientSettings,
  killAfter: number | undefined,
  killed: Map<number, number>
): Promise<Life> => {
  const client = startProgram(fileURLToPath(new URL("client.ts", import.meta.url)), {
    args: [JSON.stringify(settings)]
  })
  if (killAfter !== undefined) {
    await client.line(/^ready$/)
    await new Promise((resolve) => setTimeout(resolve, killAfter))
    client.kill("SIGKILL")
  }
  const status = await client.ended
  if (killAfter !== undefined) killed.set(client.pid, now())
  if (killAfter === undefined && status !== 0)
    throw new Error(`the client has ended with ${status}:\n${client.output()}`)
  const output = client.output()
  const [listed] = said(output, "listed")
  return { told: said(output, "told") as ReadonlyArray<Told>, listed: listed as Life["listed"] }
}

const oneRun = async (run: number, log: string, folder: string, options: ReturningOptions): Promise<Verdict> => {
  const tasks = plan(run, options.tasks, options.longest)
  const cluster = options.url === undefined ? { file: join(folder, "tasks.db") } : { url: options.url }
  const killed = new Map<number, number>()
  const lives: Array<Life> = []
  for (let kill = 0; kill < options.kills; kill++) {
    lives.push(await live({ ...cluster, log, tasks }, oneOf(span), killed))
  }
  lives.push(await live({ ...cluster, log, tasks }, undefined, killed))
  const { listed = [], told } = lives.at(-1)!
  const lines = readLog(log).filter(({ name }) => name.startsWith(`run ${run}, `))
  const verdict = judge({ told: firstTold(lives, told), lines, listed, killed })
  return { ...verdict, problems: [...verdict.problems, ...contradictions(lives)] }
}

/** What was told at the end, as of when it was told first: from then on a task that was cancelled has to be silent. */
const firstTold = (lives: ReadonlyArray<Life>, last: ReadonlyArray<Told>): ReadonlyArray<Told> => {
  const all = lives.flatMap(({ told }) => told)
  return last.map((each) => ({
    ...each,
    at: Math.min(...all.filter(({ name }) => name === each.name).map(({ at }) => at))
  }))
}

/** A task has one end, in all lives. */
const contradictions = (lives: ReadonlyArray<Life>): ReadonlyArray<string> => {
  const all = lives.flatMap(({ told }) => told)
  return Array.from(
    Map.groupBy(all, ({ name }) => name),
    ([name, told]) => {
      const outcomes = new Set(told.map(({ outcome }) => outcome))
      return outcomes.size > 1 ? [`${name}: is told to be ${Array.from(outcomes).join(", and then ")}`] : []
    }
  ).flat()
}

/** Runs one after the other, on the same database or file. */
export const returning = async (options: ReturningOptions): Promise<ReadonlyArray<Verdict>> => {
  const folder = mkdtempSync(join(tmpdir(), "cluster-returning-"))
  const log = join(folder, "log.jsonl")
  const { url } = options
  const fleet = url === undefined ? undefined : await Fleet.start({ url, log, count: 2 })
  const verdicts: Array<Verdict> = []
  try {
    for (let run = 0; run < options.runs; run++) {
      const verdict = await oneRun(run, log, folder, options)
      verdicts.push(verdict)
      options.onVerdict?.(verdict)
    }
  } finally {
    await fleet?.end()
    rmSync(folder, { recursive: true, force: true })
  }
  return verdicts
}
