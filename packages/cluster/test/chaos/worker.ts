// A worker to which something is going to happen: `worker.ts SETTINGS`, as JSON.
import { postgres } from "@effect-asyncio/cluster/postgres"
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import { workerOf } from "./definitions.ts"
import type { WorkerSettings } from "./fleet.ts"
import { openLog } from "./log.ts"

const { log, version, ...settings } = JSON.parse(process.argv[2] ?? "") as WorkerSettings
const workers = [workerOf(openLog(log), version)]

const main = Effect.gen(function* () {
  console.log("ready")
  yield* Effect.never
})

await asyncio.run(Effect.provide(main, postgres({ ...settings, workers, maxConnections: 4 })), { signals: ["SIGTERM"] })
