import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

describe("tasks that await each other in a ring", () => {
  it("all end when one of them is cancelled", async () => {
    const main = Effect.gen(function* () {
      const tasks: Array<asyncio.Task<unknown, unknown>> = []
      const follow = (i: number): Effect.Effect<unknown, unknown> => Effect.suspend(() => tasks[i]!)
      for (const next of [1, 2, 0]) tasks.push(yield* asyncio.createTask(follow(next)))
      yield* asyncio.sleep(0)

      yield* tasks[0]!.cancel("break the ring")

      yield* asyncio.wait(tasks)
      return tasks.map((task) => [task.cancelled(), task.cancelling()])
    })

    const ended = await asyncio.run(main, { loopFactory: makeVirtualTimeLoop, handleSigint: false })

    assert.deepStrictEqual(ended, [
      [true, 1],
      [true, 1],
      [true, 1]
    ])
  })

  it("are ended by a timeout in one of them, which is not cancelled itself", async () => {
    const main = Effect.gen(function* () {
      const tasks: Array<asyncio.Task<unknown, unknown>> = []
      const follow = (i: number): Effect.Effect<unknown, unknown> => Effect.suspend(() => tasks[i]!)
      const timed = Effect.flip(asyncio.timeout(1, follow(1)))
      tasks.push(yield* asyncio.createTask(timed), yield* asyncio.createTask(follow(0)))

      yield* asyncio.wait(tasks)

      const error = yield* tasks[0]!.result()
      return [error instanceof asyncio.TimeoutError, ...tasks.map((task) => [task.cancelled(), task.cancelling()])]
    })

    const ended = await asyncio.run(main, { loopFactory: makeVirtualTimeLoop, handleSigint: false })

    assert.deepStrictEqual(ended, [true, [false, 0], [true, 1]])
  })

  it("are cleared away at the end of the run", async () => {
    const tasks: Array<asyncio.Task<unknown, unknown>> = []
    const follow = (i: number): Effect.Effect<void> => Effect.ignore(Effect.suspend(() => tasks[i]!))
    const main = Effect.gen(function* () {
      for (const next of [1, 0]) tasks.push(yield* asyncio.createTask(follow(next)))
      yield* asyncio.sleep(0)
    })

    await asyncio.run(main, { loopFactory: makeVirtualTimeLoop, handleSigint: false })

    assert.isTrue(tasks.every((task) => task.done()))
  })
})
