// node worker.ts: as many of them as there is work for. SIGTERM ends one, and what it runs goes on in another.
import * as cluster from "@effect-asyncio/cluster/compat"
import { postgres } from "@effect-asyncio/cluster/postgres"
import * as asyncio from "@effect-asyncio/compat"
import { resize, url } from "./resize.ts"

const worker = resize.worker(
  async ({ image }) => {
    await asyncio.sleep("1 second")
    return `small ${image}`
  },
  { concurrency: 4 }
)

// `host` is for workers on several machines: the name by which the others reach this one.
const layer = postgres({ url, workers: [worker] })

const untilStopped = async () => {
  console.log("working")
  await new asyncio.Event().wait()
}

await asyncio.run(() => cluster.open(layer, untilStopped), { signals: ["SIGTERM", "SIGINT"] })
