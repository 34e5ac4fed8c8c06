import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"

const main = Effect.fn("main")(function* () {
  console.log("main coroutine started")
  const task = yield* asyncio.currentTask
  yield* task
})

await asyncio.run(main()).catch((error) => console.log(`${error}`))
