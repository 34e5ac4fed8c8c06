// A worker of the job service in a process of its own. At SIGTERM it takes no more jobs, and gives back what it cannot end in time.
import * as cluster from "@effect-asyncio/cluster/compat"
import * as asyncio from "@effect-asyncio/compat"
import { readConfig } from "../../shared/config.ts"
import { log } from "../../shared/http.ts"
import { workerPlace } from "../place.ts"
import { jobWorker } from "./worker.ts"

const config = readConfig()
const place = workerPlace(jobWorker(config), config)

const untilStopped = async (): Promise<void> => {
  log("working", {})
  await new asyncio.Event().wait()
}

await asyncio.run(() => cluster.open(place, untilStopped), { signals: ["SIGTERM", "SIGINT"] })
