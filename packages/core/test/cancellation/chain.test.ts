import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

describe("a long chain of tasks that await each other", () => {
  it("is cancelled from its head to the sleeper at its end", async () => {
    const main = Effect.gen(function* () {
      const sleeper: asyncio.Task<void> = yield* asyncio.createTask(asyncio.sleep("1 hour"))
      const tasks: Array<asyncio.Task<unknown, unknown>> = [sleeper]
      for (let i = 0; i < 20_000; i++) {
        const next = tasks[i]!
        tasks.push(yield* asyncio.createTask(next))
      }
      yield* asyncio.sleep(0)

      yield* tasks[tasks.length - 1]!.cancel("all of you")

      yield* asyncio.wait(tasks)
      return [tasks.every((task) => task.cancelled()), tasks.every((task) => task.cancelling() === 1)]
    })

    const ended = await asyncio.run(main, { loopFactory: makeVirtualTimeLoop, handleSigint: false })

    assert.deepStrictEqual(ended, [true, true])
  })
})
