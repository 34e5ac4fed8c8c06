import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

describe("CPython test_tasks", () => {
  it("returns the result it was given, after its time (test_sleep)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const sleeper = Effect.fn("sleeper")(function* (delay: number, value: string) {
          yield* asyncio.sleep(delay / 2)
          return yield* asyncio.sleep(delay / 2, value)
        })

        const result = yield* yield* asyncio.createTask(sleeper(100, "yeah"))

        assert.deepStrictEqual([result, loop.time()], ["yeah", 100])
      })
    ))

  it("dies with a ValueError when the delay is not a number (test_sleep_when_delay_is_nan)", () =>
    run(
      Effect.gen(function* () {
        const defect = yield* Effect.catchDefect(asyncio.sleep(NaN), Effect.succeed)

        assert.instanceOf(defect, asyncio.ValueError)
        assert.strictEqual(String(defect), "ValueError: Invalid delay: NaN (not a number)")
      })
    ))

  it("removes its timer inside the call that cancels the sleeper (test_sleep_cancel)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const task = yield* asyncio.createTask(asyncio.sleep("10 seconds", "yeah"))
        yield* asyncio.sleep(0)
        const timers = [loop.snapshot().timers]

        yield* task.cancel()

        timers.push(loop.snapshot().timers)
        yield* Effect.flip(task)
        assert.deepStrictEqual([timers, loop.time()], [[1, 0], 0])
      })
    ))

  it("ends at the moment of the cancellation, which the awaiting task may catch (test_task_cancel_sleeping_task)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const doIt = Effect.gen(function* () {
          const sleeper = yield* asyncio.createTask(asyncio.sleep("5000 seconds", "slept in"))
          yield* loop.callLater(100, () => sleeper.cancelUnsafe())
          return yield* Effect.catchTag(sleeper, "CancelledError", () => Effect.succeed("cancelled"))
        })

        const result = yield* yield* asyncio.createTask(doIt)

        assert.deepStrictEqual([result, loop.time()], ["cancelled", 100])
      })
    ))
})
