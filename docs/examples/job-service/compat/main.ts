// A job service with async functions and tasks.
import * as asyncio from "@effect-asyncio/compat"
import type { AddressInfo } from "node:net"
import { readConfig } from "../shared/config.ts"
import { log } from "../shared/http.ts"
import { viewOf } from "../shared/job.ts"
import { JobService } from "./jobs.ts"
import { makeServer } from "./server.ts"

const config = readConfig()

const main = async (group: asyncio.TaskGroup): Promise<void> => {
  const loop = asyncio.getRunningLoop()
  const service = new JobService(config, group)
  const server = makeServer(service, config)
  const stats = group.createTask(async () => {
    for (;;) {
      await asyncio.sleep(config.statsMs)
      log("stats", service.counts())
    }
  })
  const stop = loop.createFuture<void>()
  for (const signal of ["SIGTERM", "SIGINT"]) {
    // The second signal: somebody is in a hurry.
    process.on(signal, () => (stop.done() ? process.exit(1) : stop.setResult()))
  }
  server.listen(config.port, "127.0.0.1", () => log("listening", { port: (server.address() as AddressInfo).port }))

  await stop

  stats.cancel()
  const closed = loop.createFuture<void>()
  server.close(() => closed.setResult())
  await service.shutdown()
  // Who waited for a job has the answer by now, or soon. Who has not sent a whole request will not be waited for.
  await asyncio.wait([closed], { timeout: "1 second" })
  server.closeAllConnections()
  for (const job of service.store.all()) log("final", viewOf(job))
}

await asyncio.run(() => asyncio.taskGroup(main), { handleSigint: false })
