// The job service as a client of its workers: with Effect and tasks of a cluster.
import * as asyncio from "@effect-asyncio/core"
import { serve, type Service } from "@effect-asyncio/server/effect"
import { Effect } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { readConfig } from "../../shared/config.ts"
import { log } from "../../shared/http.ts"
import { servicePlace } from "../place.ts"
import { makeJobService } from "./jobs.ts"
import { listen } from "./server.ts"
import { job, jobWorker } from "./worker.ts"

const config = readConfig()

const main = Effect.fn("main")(function* (service: Service) {
  const jobs = yield* makeJobService(config)
  const printStats = Effect.map(jobs.counts, (counts) => log("stats", counts))
  const stats = yield* asyncio.createTask(Effect.forever(Effect.andThen(asyncio.sleep(config.statsMs), printStats)))
  const loop = yield* asyncio.getRunningLoop
  const stop = yield* loop.createFuture<void>()
  service.onStop(() => stop.setResultUnsafe())
  const closed = yield* loop.createFuture<void>()
  const server = service.track(createServer()).once("close", () => closed.setResultUnsafe())
  yield* listen(server, jobs, config)
  log("listening", { port: (server.address() as AddressInfo).port })

  yield* stop

  yield* stats.cancel()
  yield* jobs.shutdown
  // Who waited for a job has the answer by now, or soon. Who has not sent a whole request will not be waited for.
  yield* asyncio.wait([closed], { timeout: "1 second" })
  server.closeAllConnections()
  yield* service.drained
  for (const view of yield* jobs.ownJobs) log("final", view)
})

const place = servicePlace(job, () => jobWorker(config))

const { exitCode } = await serve((service) => main(service).pipe(Effect.scoped, Effect.provide(place)), {
  // The jobs have a grace of their own; this is for what comes behind it.
  grace: config.graceMs + 5000,
  exit: false,
  log: (line) => log("shutdown", { line })
})
// What has started it knows 1 for a service that was in a hurry, by whatever signal.
process.exit(Math.min(exitCode, 1))
