// A service on a thread of its own, which the main thread has stop.
import * as asyncio from "@effect-asyncio/compat"
import { serve } from "@effect-asyncio/server"
import { requestListener } from "@effect-asyncio/server/node"
import { once } from "node:events"
import { createServer } from "node:http"
import { isMainThread, parentPort, Worker } from "node:worker_threads"

const mainThread = () =>
  serve(async (service) => {
    const worker = new Worker(new URL(import.meta.url))
    const exit = once(worker, "exit")
    service.onStop(async () => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
      worker.postMessage("shutdown")
      console.log(`thread ${String((await exit)[0])}`)
    })
    const [port] = (await once(worker, "message")) as [number]
    service.ready()
    console.log(`port ${port}`)
    await service.drained()
  })

const thread = () =>
  serve(async (service) => {
    const listener = requestListener(async (_, response) => {
      console.log("handling")
      response.end(await asyncio.sleep(50, "Ada"))
    })
    const server = createServer(listener)
    const address = await service.listen(server, { port: 0, host: "127.0.0.1" })
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    parentPort?.postMessage((address as { port: number }).port)
    await service.drained()
  })

await (isMainThread ? mainThread() : thread())
