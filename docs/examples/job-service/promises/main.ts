// A job service with promises, as one writes it without a task library.
import type { AddressInfo } from "node:net"
import { readConfig } from "../shared/config.ts"
import { log } from "../shared/http.ts"
import { viewOf } from "../shared/job.ts"
import { JobService } from "./jobs.ts"
import { makeServer } from "./server.ts"

const config = readConfig()
const service = new JobService(config)
const server = makeServer(service, config)
const stats = setInterval(() => log("stats", service.counts()), config.statsMs)
let stopping = false

const stop = async (): Promise<void> => {
  // The second signal: somebody is in a hurry.
  if (stopping) process.exit(1)
  stopping = true
  clearInterval(stats)
  server.close()
  await service.shutdown()
  for (const job of service.store.all()) log("final", viewOf(job))
  process.exit(0)
}

process.on("SIGTERM", () => void stop())
process.on("SIGINT", () => void stop())
server.listen(config.port, "127.0.0.1", () => log("listening", { port: (server.address() as AddressInfo).port }))
