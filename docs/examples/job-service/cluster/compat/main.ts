// The job service as a client of its workers: with async functions and tasks of a cluster.
import * as cluster from "@effect-asyncio/cluster/compat"
import * as asyncio from "@effect-asyncio/compat"
import { serve, type Service } from "@effect-asyncio/server"
import type { AddressInfo } from "node:net"
import { readConfig } from "../../shared/config.ts"
import { log } from "../../shared/http.ts"
import { servicePlace } from "../place.ts"
import { JobService } from "./jobs.ts"
import { makeServer } from "./server.ts"
import { job, jobWorker } from "./worker.ts"

const config = readConfig()

const main = async (service: Service, group: asyncio.TaskGroup): Promise<void> => {
  const jobs = new JobService(config)
  const server = makeServer(jobs, config)
  const stats = group.createTask(async () => {
    for (;;) {
      await asyncio.sleep(config.statsMs)
      log("stats", await jobs.counts())
    }
  })
  const stop = new asyncio.Event()
  service.onStop(() => stop.set())
  const closed = new asyncio.Event()
  server.once("close", () => closed.set())
  const { port } = (await service.listen(server, { port: config.port, host: "127.0.0.1" })) as AddressInfo
  log("listening", { port })

  await stop.wait()

  stats.cancel()
  await jobs.shutdown()
  // Who waited for a job has the answer by now, or soon. Who has not sent a whole request will not be waited for.
  await asyncio.moveOn("1 second", () => closed.wait())
  server.closeAllConnections()
  await service.drained()
  for (const view of await jobs.accepted()) log("final", view)
}

const place = servicePlace(job, () => jobWorker(config))

const { exitCode } = await serve(
  (service) => cluster.open(place, () => asyncio.taskGroup((group) => main(service, group))),
  {
    // The jobs have a grace of their own; this is for what comes behind it.
    grace: config.graceMs + 5000,
    exit: false,
    log: (line) => log("shutdown", { line })
  }
)
// What has started it knows 1 for a service that was in a hurry, by whatever signal.
process.exit(Math.min(exitCode, 1))
