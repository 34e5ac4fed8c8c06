// A job service with Effect and tasks.
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import type { AddressInfo } from "node:net"
import { readConfig } from "../shared/config.ts"
import { log } from "../shared/http.ts"
import { viewOf } from "../shared/job.ts"
import { makeJobService } from "./jobs.ts"
import { makeServer } from "./server.ts"

const config = readConfig()

const main = Effect.fn("main")(function* (group: asyncio.TaskGroup<never>) {
  const loop = yield* asyncio.getRunningLoop
  const service = yield* makeJobService(config, group)
  const server = yield* makeServer(service, config, group)
  const printStats = Effect.sync(() => log("stats", service.counts()))
  const stats = yield* group.createTask(Effect.forever(Effect.andThen(asyncio.sleep(config.statsMs), printStats)))
  const stop = yield* loop.createFuture<void>()
  for (const signal of ["SIGTERM", "SIGINT"]) {
    // The second signal: somebody is in a hurry.
    process.on(signal, () => (stop.done() ? process.exit(1) : stop.setResultUnsafe()))
  }
  server.listen(config.port, "127.0.0.1", () => log("listening", { port: (server.address() as AddressInfo).port }))

  yield* stop

  yield* stats.cancel()
  const closed = yield* loop.createFuture<void>()
  server.close(() => closed.setResultUnsafe())
  yield* service.shutdown
  // Who waited for a job has the answer by now, or soon. Who has not sent a whole request will not be waited for.
  yield* asyncio.wait([closed], { timeout: "1 second" })
  server.closeAllConnections()
  for (const job of service.store.all()) log("final", viewOf(job))
})

await asyncio.run(asyncio.taskGroup(main), { handleSigint: false })
