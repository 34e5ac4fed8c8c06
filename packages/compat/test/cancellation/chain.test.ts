import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { run } from "../support.ts"

describe("a long chain of tasks that await each other", () => {
  it("is cancelled from its head to the sleeper at its end, and every signal aborts", () =>
    run(async () => {
      const aborted: Array<string> = []
      const tasks = [asyncio.createTask(() => asyncio.sleep("1 hour"))]
      for (let i = 0; i < 20_000; i++) {
        const next = tasks[i]!
        tasks.push(
          asyncio.createTask(async (task) => {
            if (i % 10_000 === 0) task.signal.addEventListener("abort", () => aborted.push(`link ${i}`))
            await next
          })
        )
      }
      await asyncio.sleep(0)

      tasks[tasks.length - 1]!.cancel("all of you")

      await asyncio.wait(tasks)
      const ended = {
        allCancelled: tasks.every((task) => task.cancelled()),
        allAskedOnce: tasks.every((task) => task.cancelling() === 1)
      }
      assert.deepStrictEqual(ended, { allCancelled: true, allAskedOnce: true })
      assert.deepStrictEqual(aborted, ["link 10000", "link 0"])
    }))
})
