import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

describe("a task factory", () => {
  it("makes every task of the loop, also those of a gather, with options of its choice", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        let count = 0
        const factory: asyncio.TaskFactory = (make, options) => make({ ...options, name: `made ${++count}` })
        const name = Effect.map(asyncio.currentTask, (task) => task.getName())
        yield* loop.setTaskFactory(factory)

        const names = [
          yield* yield* asyncio.createTask(name),
          ...(yield* asyncio.gather([name, Effect.andThen(name, name)]))
        ]

        assert.strictEqual(loop.getTaskFactory(), factory)
        yield* loop.setTaskFactory(undefined)
        assert.deepStrictEqual(
          [...names, yield* yield* asyncio.createTask(name, { name: "usual" })],
          ["made 1", "made 2", "made 3", "usual"]
        )
      })
    ))

  it("must return the task it made", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        yield* loop.setTaskFactory((() => "no task") as unknown as asyncio.TaskFactory)

        const defect = yield* Effect.catchDefect(asyncio.createTask(Effect.void), Effect.succeed)

        assert.strictEqual(String(defect), "TypeError: a task factory must return the task it made, got 'no task'")
      })
    ))

  it("must be a function, and stays what it was if it is not", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        yield* loop.setTaskFactory(asyncio.eagerTaskFactory)

        const defect = yield* Effect.catchDefect(loop.setTaskFactory(1 as never), Effect.succeed)

        assert.strictEqual(String(defect), "TypeError: task factory must be a callable or undefined")
        assert.strictEqual(loop.getTaskFactory(), asyncio.eagerTaskFactory)
      })
    ))
})
