// node client.ts
import * as cluster from "@effect-asyncio/cluster/compat"
import { postgres } from "@effect-asyncio/cluster/postgres"
import * as asyncio from "@effect-asyncio/compat"
import { resize, url } from "./resize.ts"

// The definitions that it will use, so that their workers are told at once.
const layer = postgres({ url, definitions: [resize] })

const main = async () => {
  const task = cluster.createTask(resize, { image: "a.png" }, { labels: { user: 17 } })
  console.log(await task)
}

await asyncio.run(() => cluster.open(layer, main))
