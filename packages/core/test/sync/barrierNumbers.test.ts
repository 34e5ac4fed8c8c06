import * as asyncio from "@effect-asyncio/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { run } from "../support.ts"

/** What tasks get from a barrier for three when those at `leaving` leave before the others have come. */
const numbers = (leaving: ReadonlyArray<number>, comeFirst: number) =>
  run(
    Effect.gen(function* () {
      const barrier = yield* asyncio.Barrier.make(3)
      const tasks: Array<asyncio.Task<number, asyncio.BrokenBarrierError>> = []
      const come = Effect.map(asyncio.createTask(barrier.wait), (task) => void tasks.push(task))
      for (let i = 0; i < comeFirst; i++) yield* come
      yield* asyncio.sleep(0)
      for (const i of leaving) yield* tasks[i]!.cancel()
      yield* asyncio.sleep(0)
      for (let i = comeFirst - leaving.length; i < 3; i++) yield* come
      const staying = tasks.filter((task) => !task.done() && task.cancelling() === 0)
      return yield* asyncio.gather(staying)
    })
  )

describe("a barrier", () => {
  it("gives everybody a number of its own when the first to come has left", async () => {
    assert.deepStrictEqual(await numbers([0], 2), [1, 0, 2])
  })

  it("gives everybody a number of its own when the last to come has left", async () => {
    assert.deepStrictEqual(await numbers([1], 2), [0, 1, 2])
  })

  it("gives the numbers from the start when all have left", async () => {
    assert.deepStrictEqual(await numbers([0, 1], 2), [0, 1, 2])
  })
})
