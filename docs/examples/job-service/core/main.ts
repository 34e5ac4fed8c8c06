// A job service with Effect and tasks.
import * as asyncio from "@effect-asyncio/core"
import { serve, type Service } from "@effect-asyncio/server/effect"
import { Effect } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { readConfig } from "../shared/config.ts"
import { log } from "../shared/http.ts"
import { viewOf } from "../shared/job.ts"
import { makeJobService } from "./jobs.ts"
import { listen } from "./server.ts"

const config = readConfig()

const main = Effect.fn("main")(function* (service: Service, group: asyncio.TaskGroup<never>) {
  const jobs = yield* makeJobService(config, group)
  const printStats = Effect.sync(() => log("stats", jobs.counts()))
  const stats = yield* group.createTask(Effect.forever(Effect.andThen(asyncio.sleep(config.statsMs), printStats)))
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
  for (const job of jobs.store.all()) log("final", viewOf(job))
})

const inGroup = (service: Service) => asyncio.taskGroup((group: asyncio.TaskGroup<never>) => main(service, group))

const { exitCode } = await serve((service) => Effect.scoped(inGroup(service)), {
  // The jobs have a grace of their own; this is for what comes behind it.
  grace: config.graceMs + 5000,
  exit: false,
  log: (line) => log("shutdown", { line })
})
// What has started it knows 1 for a service that was in a hurry, by whatever signal.
process.exit(Math.min(exitCode, 1))
