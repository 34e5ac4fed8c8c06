// A program on core as a user has it: its types are what the compilers are asked about, and what it prints is what the bundles do.
import * as asyncio from "@effect-asyncio/core"
import { toMillis } from "@effect-asyncio/core/lowlevel"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"

class Broken extends Error {
  readonly _tag = "Broken"
}

const worker = Effect.fn("worker")(function* (n: number) {
  if (n < 0) return yield* Effect.fail(new Broken())
  yield* asyncio.sleep("1 hour")
  return n
})

const main = Effect.fn("main")(function* () {
  const task = yield* asyncio.createTask(worker(1), { name: "worker" })
  const typed: asyncio.Task<number, Broken> = task
  yield* asyncio.sleep("10 millis")
  yield* typed.cancel("no longer needed")
  return yield* task.pipe(
    Effect.as("done"),
    Effect.catchTag("CancelledError", (error) => Effect.succeed(`${error.requestedBy}: ${error.reason}`))
  )
})

const all: Effect.Effect<readonly [string, number], asyncio.CancelledError> = asyncio.gather([
  asyncio.sleep(1, "one"),
  asyncio.sleep(2, 2)
])

void toMillis
const text = await asyncio.run(Effect.orDie(main()), { loopFactory: makeVirtualTimeLoop })
const pair = await asyncio.run(all)
console.log(`${text}, ${pair.join(" ")}`)
