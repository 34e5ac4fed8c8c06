// A small program on the built packages, run by smoke.ts on every runtime we support. Prints one line or throws.
// Plain JavaScript, because Node.js 20 runs no TypeScript.
import * as compat from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { Effect } from "effect"
import assert from "node:assert/strict"

/** @type {Array<string>} */
const lines = []

const worker = Effect.fn("worker")(function* () {
  yield* core.sleep("1 hour").pipe(Effect.ensuring(Effect.sync(() => lines.push("core cleans up"))))
})

await core.run(
  Effect.gen(function* () {
    const task = yield* core.createTask(worker(), { name: "core worker" })
    yield* core.sleep(1)
    yield* task.cancel("stop")
    const error = yield* Effect.flip(task)
    lines.push(`${task.getName()}: ${error.reason}, asked by ${error.requestedBy}`)
  })
)

await compat.run(async () => {
  /** @type {Array<string | undefined>} */
  const order = []
  const count = (/** @type {string} */ name) => async () => {
    for (let i = 0; i < 2; i++) {
      order.push(`${name} ${i}`)
      for (let j = 0; j < 5; j++) await Promise.resolve()
      order.push(compat.currentTask()?.getName())
      await compat.sleep(0)
    }
  }
  await Promise.all(["a", "b"].map((name) => compat.createTask(count(name), { name })))
  lines.push(order.join(" "))

  const task = compat.createTask(() => compat.sleep("1 hour"), { name: "compat worker" })
  await compat.sleep(1)
  task.cancel("stop")
  const error = await task.then(undefined, (error) => error)
  assert(error instanceof compat.CancelledError)
  lines.push(`${task.getName()}: ${error.reason}, asked by ${error.requestedBy}`)
})

assert.deepEqual(lines, [
  "core cleans up",
  "core worker: stop, asked by Task-1",
  "a 0 a b 0 b a 1 a b 1 b",
  "compat worker: stop, asked by Task-1"
])
const { versions } = process
const runtime = versions.deno
  ? `Deno ${versions.deno}`
  : versions.bun
    ? `Bun ${versions.bun}`
    : `Node.js ${versions.node}`
console.log(`${runtime}: tasks, steps and cancellation work`)
