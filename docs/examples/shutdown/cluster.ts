// A service of two processes: the first has them stop when it is told to, and waits for them.
import * as asyncio from "@effect-asyncio/compat"
import { serve } from "@effect-asyncio/server"
import { requestListener } from "@effect-asyncio/server/node"
import cluster from "node:cluster"
import { once } from "node:events"
import { createServer } from "node:http"

const primary = () =>
  serve(async (service) => {
    const workers = [cluster.fork(), cluster.fork()]
    service.onStop(() =>
      Promise.all(
        workers.map(async (worker) => {
          const exit = once(worker, "exit")
          worker.send("shutdown")
          console.log(`worker ${String((await exit)[0])}`)
        })
      )
    )
    await Promise.all(workers.map((worker) => once(worker, "listening")))
    service.ready()
    console.log(`port ${process.env.PORT}`)
    await service.drained()
  })

const worker = () =>
  serve(async (service) => {
    const listener = requestListener(async (_, response) => {
      console.log("handling")
      response.end(await asyncio.sleep(50, "Ada"))
    })
    const server = createServer(listener)
    await service.listen(server, { port: Number(process.env.PORT), host: "127.0.0.1" })
    await service.drained()
  })

await (cluster.isPrimary ? primary() : worker())
