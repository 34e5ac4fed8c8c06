import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"

const one = Effect.succeed(1)

const turns = Effect.fnUntraced(function* (n) {
  for (let i = 0; i < n; i++) yield* asyncio.sleep(0)
})

const createAndAwait = Effect.fnUntraced(function* (n) {
  for (let i = 0; i < n; i++) yield* yield* asyncio.createTask(one)
})

const createThenAwait = Effect.fnUntraced(function* (n) {
  const tasks = []
  for (let i = 0; i < n; i++) tasks.push(yield* asyncio.createTask(one))
  for (const task of tasks) yield* task
})

const sleepZeroInMany = Effect.fnUntraced(function* (n) {
  const tasks = []
  for (let i = 0; i < 100; i++) tasks.push(yield* asyncio.createTask(turns(n / 100)))
  for (const task of tasks) yield* task
})

export const core = {
  name: "core",
  createAndAwait: (n) => asyncio.run(createAndAwait(n)),
  createThenAwait: (n) => asyncio.run(createThenAwait(n)),
  sleepZero: (n) => asyncio.run(turns(n)),
  sleepZeroInMany: (n) => asyncio.run(sleepZeroInMany(n))
}
