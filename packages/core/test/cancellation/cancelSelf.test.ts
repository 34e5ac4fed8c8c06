import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

describe("cancel by the task itself", () => {
  // test_cancel_current_task
  it("reaches a task that cancels itself at its next await", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const loop = yield* asyncio.getRunningLoop
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            const self = yield* asyncio.currentTask

            yield* self.cancel("myself")

            lines.push("still running")
            yield* asyncio.sleep("100 seconds")
            lines.push("not reached")
          })
        )
        const error = yield* Effect.flip(task)
        assert.deepStrictEqual([...lines, error.reason, loop.time()], ["still running", "myself", 0])
      })
    ))

  it("lets a task that cancelled itself take one more sleep of zero as its next await", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* (yield* asyncio.currentTask).cancel()
            yield* asyncio.sleep(0)
            lines.push("not reached")
          })
        )

        yield* Effect.flip(task)

        assert.deepStrictEqual(lines, [])
      })
    ))

  // test_cancel_awaited_task
  it("cancels the task that a self-cancelled task awaits next, and what that one waits for", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<void>()
        const nested = yield* asyncio.createTask(future)
        yield* asyncio.sleep(0)
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* (yield* asyncio.currentTask).cancel()
            yield* nested
          })
        )

        yield* Effect.flip(task)

        assert.deepStrictEqual(
          [task, nested, future].map((each) => each.cancelled()),
          [true, true, true]
        )
      })
    ))

  it("does not reach a self-cancelled task that awaits something done, until it suspends", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const done = yield* asyncio.createTask(Effect.succeed("done"))
        yield* done
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* (yield* asyncio.currentTask).cancel()
            lines.push(yield* done)
            yield* asyncio.sleep(0)
            lines.push("not reached")
          })
        )

        yield* Effect.flip(task)

        assert.deepStrictEqual(lines, ["done"])
      })
    ))

  // test_cancel_at_end
  it("ends a task that cancels itself and returns without another await as cancelled", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* (yield* asyncio.currentTask).cancel("at the end")
            return 12
          })
        )

        const error = yield* Effect.flip(task)

        assert.deepStrictEqual([error.reason, task.cancelled()], ["at the end", true])
      })
    ))

  it("ends a task as cancelled that cancels itself inside a scope and returns in the same step", () =>
    run(
      Effect.gen(function* () {
        const cancelSelf = Effect.flatMap(asyncio.currentTask, (task) => task.cancel())
        const task = yield* asyncio.createTask(asyncio.catchCancelled(cancelSelf, () => Effect.void))

        const error = yield* Effect.flip(task)

        assert.deepStrictEqual([error._tag, task.cancelled()], ["CancelledError", true])
      })
    ))

  it("ends a task that cancels itself and then fails with the failure", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* (yield* asyncio.currentTask).cancel()
            return yield* Effect.fail("broken")
          })
        )

        const error = yield* Effect.flip(task)

        assert.deepStrictEqual([error, task.cancelled()], ["broken", false])
      })
    ))

  it("leaves no mark on the fiber of a task that takes the exit of the await it reaches", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            const self = yield* asyncio.currentTask
            yield* self.cancel("once")

            const exit = yield* Effect.exit(asyncio.sleep(0))

            yield* self.uncancel()
            yield* asyncio.sleep(10)
            return [exit._tag, "went on"]
          })
        )

        assert.deepStrictEqual(yield* task, ["Failure", "went on"])
      })
    ))
})
