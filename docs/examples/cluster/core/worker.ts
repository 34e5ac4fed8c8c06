// node worker.ts: as many of them as there is work for. SIGTERM ends one, and what it runs goes on in another.
import { postgres } from "@effect-asyncio/cluster/postgres"
import * as asyncio from "@effect-asyncio/core"
import { Console, Effect } from "effect"
import { resize, url } from "./resize.ts"

const worker = resize.worker(({ image }) => asyncio.sleep("1 second", `small ${image}`), { concurrency: 4 })

// `host` is for workers on several machines: the name by which the others reach this one.
const layer = postgres({ url, workers: [worker] })

const untilStopped = Effect.andThen(Console.log("working"), Effect.never)

await asyncio.run(Effect.provide(untilStopped, layer), { signals: ["SIGTERM", "SIGINT"] })
