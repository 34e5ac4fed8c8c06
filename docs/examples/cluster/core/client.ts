// node client.ts
import * as cluster from "@effect-asyncio/cluster"
import { postgres } from "@effect-asyncio/cluster/postgres"
import * as asyncio from "@effect-asyncio/core"
import { Console, Effect } from "effect"
import { resize, url } from "./resize.ts"

// The definitions that it will use, so that their workers are told at once.
const layer = postgres({ url, definitions: [resize] })

const main = Effect.gen(function* () {
  const task = yield* cluster.createTask(resize, { image: "a.png" }, { labels: { user: 17 } })
  yield* Console.log(yield* task)
})

await asyncio.run(Effect.provide(main, layer))
