import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"

const anotherCoroutine = Effect.fn("another_coroutine")(function* () {
  console.log("executing the coroutine")
  const task = yield* asyncio.currentTask
  console.log(`${task}`)
})

const main = Effect.fn("main")(function* () {
  console.log("main coroutine started")
  yield* anotherCoroutine()
  console.log("main coroutine done")
})

await asyncio.run(main())
