// A worker that is going to be killed: `worker.ts URL LOG`.
import * as cluster from "@effect-asyncio/cluster"
import { postgres } from "@effect-asyncio/cluster/postgres"
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import { work } from "./definitions.ts"
import { openLog } from "./log.ts"

const [, , url = "", file = ""] = process.argv
const log = openLog(file)
const tick = 20

const worker = work.worker(
  Effect.fnUntraced(function* ({ millis }) {
    const { attempt, name } = (yield* cluster.currentAttempt)!
    log({ name, attempt, what: "begins" })
    const working = Effect.gen(function* () {
      for (let left = millis; left > 0; left -= tick) {
        yield* asyncio.sleep(Math.min(tick, left))
        log({ name, attempt, what: "ticks" })
      }
      log({ name, attempt, what: "ends" })
      return name
    })
    return yield* asyncio.catchCancelled(working, (error) => {
      log({ name, attempt, what: "stops" })
      return Effect.fail(error)
    })
  }),
  { concurrency: 20 }
)

const main = Effect.gen(function* () {
  console.log("ready")
  yield* Effect.never
})

await asyncio.run(Effect.provide(main, postgres({ url, workers: [worker], maxConnections: 4 })))
