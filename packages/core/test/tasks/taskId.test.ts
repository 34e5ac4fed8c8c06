import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

describe("the id of a task", () => {
  it("grows with each task, and stays when the task is renamed or done", () =>
    run(
      Effect.gen(function* () {
        const main = yield* asyncio.currentTask
        const first = yield* asyncio.createTask(Effect.void)
        const second = yield* asyncio.createTask(Effect.void, { name: "second" })
        const ids = [main.id, first.id, second.id]

        yield* second.setName("renamed")
        yield* asyncio.wait([first, second])

        assert.deepStrictEqual([main.id, first.id, second.id], ids)
        assert.isTrue(main.id < first.id && first.id < second.id)
      })
    ))

  it("is no other task's, also where another run counts its names from one again", async () => {
    const current = Effect.map(asyncio.currentTask, (task) => ({ id: task.id, name: task.getName() }))

    const first = await asyncio.run(current)
    const second = await asyncio.run(current)

    assert.deepStrictEqual([first.name, second.name], ["Task-1", "Task-1"])
    assert.isTrue(first.id < second.id)
  })
})
