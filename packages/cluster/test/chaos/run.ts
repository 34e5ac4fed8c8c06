/**
 * Runs of tasks during which something goes wrong.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as cluster from "@effect-asyncio/cluster"
import { postgres } from "@effect-asyncio/cluster/postgres"
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import { work } from "./definitions.ts"
import { Fleet } from "./fleet.ts"
import { follow, oneOf, plan, span } from "./follow.ts"
import { readLog } from "./log.ts"
import type { Misfortune, Scene } from "./misfortunes.ts"
import { judge, type Verdict } from "./verdict.ts"

export interface ChaosOptions extends Scene {
  readonly misfortune: Misfortune
  /** The address of a database that nobody else uses. */
  readonly url: string
  readonly runs: number
  /** How many tasks each run has. */
  readonly tasks: number
  /** Milliseconds that a task takes at most. */
  readonly longest: number
  readonly workers: number
  readonly onVerdict?: (verdict: Verdict) => void
}

const oneRun = Effect.fnUntraced(function* (run: number, fleet: Fleet, log: string, options: ChaosOptions) {
  const { isHarmless = false, spread = span / 2, strike } = options.misfortune
  const striking = yield* asyncio.createTask(
    Effect.promise(async () => {
      await new Promise((resolve) => setTimeout(resolve, oneOf(span)))
      await strike(fleet, options)
    })
  )
  const plans = plan(run, options.tasks, options.longest)
  const clients = plans.map((each) => Effect.delay(follow(each), oneOf(spread)))
  const told = yield* asyncio.gather(clients)
  // Right afterwards, also where it is not yet over.
  const { tasks: listed } = yield* cluster.allTasks({ labels: { run }, limit: 1000 })
  yield* striking
  const lines = readLog(log).filter(({ name }) => name.startsWith(`run ${run}, `))
  return judge({ told, lines, listed, killed: fleet.killed, isHarmless })
})

/** Runs one after the other, with the same workers and their successors. */
export const chaos = async (options: ChaosOptions): Promise<ReadonlyArray<Verdict>> => {
  const { misfortune, url, workers } = options
  const folder = mkdtempSync(join(tmpdir(), "cluster-chaos-"))
  const log = join(folder, "log.jsonl")
  const fleet = await Fleet.start({ url, log, count: workers, equip: misfortune.equip })
  const verdicts: Array<Verdict> = []
  const main = Effect.gen(function* () {
    for (let run = 0; run < options.runs; run++) {
      const verdict = yield* oneRun(run, fleet, log, options)
      verdicts.push(verdict)
      options.onVerdict?.(verdict)
    }
  })
  try {
    await asyncio.run(Effect.provide(main, postgres({ url, definitions: [work], maxConnections: 4 })))
  } finally {
    await fleet.end()
    rmSync(folder, { recursive: true, force: true })
  }
  return verdicts
}
