// A worker of the job service in a process of its own. At SIGTERM it takes no more jobs, and gives back what it cannot end in time.
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { readConfig } from "../../shared/config.ts"
import { log } from "../../shared/http.ts"
import { workerPlace } from "../place.ts"
import { jobWorker } from "./worker.ts"

const config = readConfig()

const untilStopped = Effect.suspend(() => {
  log("working", {})
  return Effect.never
})

const place = workerPlace(jobWorker(config), config)

await asyncio.run(Effect.provide(untilStopped, place), { signals: ["SIGTERM", "SIGINT"] })
