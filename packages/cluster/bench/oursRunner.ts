// A process that runs tasks of this package: `oursRunner.ts URL`.
import { postgres } from "@effect-asyncio/cluster/postgres"
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import { worker } from "./oursTask.ts"
import { ready, tellBegun } from "./workers.ts"

const [, , url = ""] = process.argv
const main = Effect.andThen(Effect.sync(ready), Effect.never)
await asyncio.run(Effect.provide(main, postgres({ url, workers: [worker(tellBegun)] })))
