/**
 * Runs of tasks during which a worker is killed, or the database is away.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as cluster from "@effect-asyncio/cluster"
import { postgres } from "@effect-asyncio/cluster/postgres"
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { work } from "./definitions.ts"
import { Fleet } from "./fleet.ts"
import { readLog } from "./log.ts"
import { judge, type Told, type Verdict } from "./verdict.ts"

export interface ChaosOptions {
  /** The address of a database that nobody else uses. */
  readonly url: string
  readonly runs: number
  /** How many tasks each run has. */
  readonly tasks: number
  readonly workers: number
  /** What goes wrong in each run, at a moment of its own. */
  readonly strike: (fleet: Fleet) => Promise<void>
  readonly onVerdict?: (verdict: Verdict) => void
}

/** Milliseconds in which what happens in a run begins. */
const span = 800

/** Milliseconds after which a task that nobody has told the end of is lost. */
const patience = 120_000

const pause = Schedule.spaced("100 millis")

const oneOf = (limit: number): number => Math.floor(Math.random() * limit)

/** A task of a run: what its client knows of it when it has ended. */
const follow = (name: string, run: number): Effect.Effect<Told, never, cluster.Cluster> =>
  Effect.gen(function* () {
    const creating = cluster.createTask(work, { millis: oneOf(400) }, { name, labels: { run } })
    // A database that is away is asked again: the name is the same.
    const isAway = ({ _tag }: { readonly _tag: string }) => _tag === "DatabaseError"
    const task = yield* Effect.orDie(Effect.retry(creating, { while: isAway, schedule: pause }))
    const asked = Math.random() < 0.2
    if (asked) {
      const loop = yield* asyncio.getRunningLoop
      loop.callLaterUnsafe(oneOf(span), () => void task.cancelUnsafe("chaos"))
    }
    yield* Effect.orDie(asyncio.wait([task], { timeout: patience }))
    const at = Date.now()
    if (!task.done()) return { name, outcome: "nothing", at, asked }
    if (task.cancelled()) return { name, outcome: "cancelled", at, asked }
    const failure = yield* Effect.orDie(task.exception())
    return { name, outcome: failure === undefined ? "succeeded" : "failed", at, asked }
  })

const oneRun = Effect.fnUntraced(function* (run: number, fleet: Fleet, log: string, options: ChaosOptions) {
  const strike = Effect.promise(async () => {
    await new Promise((resolve) => setTimeout(resolve, oneOf(span)))
    await options.strike(fleet)
  })
  const names = Array.from({ length: options.tasks }, (_, n) => `run ${run}, task ${n}`)
  const clients = names.map((name) => Effect.delay(follow(name, run), oneOf(span / 2)))
  const striking = yield* asyncio.createTask(strike)
  const told = yield* asyncio.gather(clients)
  // Right afterwards, also where the strike is not yet over.
  const { tasks: listed } = yield* cluster.allTasks({ labels: { run }, limit: 1000 })
  yield* striking
  const lines = readLog(log).filter(({ name }) => name.startsWith(`run ${run}, `))
  return judge({ told, lines, listed, killed: fleet.killed })
})

/** Runs one after the other, with the same workers and their successors. */
export const chaos = async (options: ChaosOptions): Promise<ReadonlyArray<Verdict>> => {
  const folder = mkdtempSync(join(tmpdir(), "cluster-chaos-"))
  const log = join(folder, "log.jsonl")
  const fleet = await Fleet.start(options.url, log, options.workers)
  const verdicts: Array<Verdict> = []
  const main = Effect.gen(function* () {
    for (let run = 0; run < options.runs; run++) {
      const verdict = yield* oneRun(run, fleet, log, options)
      verdicts.push(verdict)
      options.onVerdict?.(verdict)
    }
  })
  try {
    await asyncio.run(Effect.provide(main, postgres({ url: options.url, definitions: [work], maxConnections: 4 })))
  } finally {
    await fleet.end()
    rmSync(folder, { recursive: true, force: true })
  }
  return verdicts
}
