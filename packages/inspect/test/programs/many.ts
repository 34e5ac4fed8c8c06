// Very many tasks, some of which change all the time: for whoever measures how tools take that. `many.ts TASKS CHANGES`: so many tasks, and
// changes in each second.
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"

const [tasks = 100_000, changes = 2000] = process.argv.slice(2).map(Number)
const perTick = Math.max(1, Math.round(changes / 100))

const work = Effect.fn("work")(function* (seconds: number) {
  yield* asyncio.sleep(seconds * 1000)
})

const shard = Effect.fn("shard")(function* (size: number) {
  yield* asyncio.taskGroup(function* (group: asyncio.TaskGroup) {
    for (let i = 0; i < size; i++) yield* group.createTask(work(36_000))
  })
})

// A change is a task that begins, or one that ends.
const churn = Effect.fn("churn")(function* () {
  for (;;) {
    for (let i = 0; i < perTick / 2; i++) yield* asyncio.createTask(work(1), { labels: { kind: "request" } })
    yield* asyncio.sleep(10)
  }
})

const main = Effect.fn("main")(function* () {
  yield* asyncio.taskGroup(function* (group: asyncio.TaskGroup) {
    for (let left = tasks; left > 0; left -= 1000) {
      yield* group.createTask(shard(Math.min(1000, left)), { name: `shard ${left / 1000}` })
    }
    if (changes > 0) yield* group.createTask(churn(), { name: "churn" })
    yield* asyncio.sleep(100)
    console.log("ready")
  })
})

await asyncio.run(main())
