import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { type Duration, Effect } from "effect"
import { run } from "../support.ts"

const stateWord = (task: asyncio.Task<unknown, unknown>): string => String(task).split(" ")[1] ?? ""

/** What a program may ask a task about its cancellation. */
const standing = (task: asyncio.Task<unknown, unknown>) => [stateWord(task), task.cancelling(), task.cancelled()]

/** A timeout as it is written by hand, around a sleep, and what became of it. */
const withHandWrittenTimeout = Effect.fnUntraced(function* (sleep: Duration.Input, timeout: Duration.Input) {
  const loop = yield* asyncio.getRunningLoop
  const task = yield* asyncio.currentTask
  const lines: Array<string> = []
  let timedOut = false
  const timer = yield* loop.callLater(timeout, () => {
    timedOut = true
    task.cancelUnsafe()
  })
  const block = Effect.map(asyncio.sleep(sleep), () => void lines.push("block finished"))
  yield* asyncio
    .catchCancelled(block, (error) => {
      const own = timedOut && task.uncancelUnsafe() === 0
      return Effect.fail(own ? new asyncio.TimeoutError() : error)
    })
    .pipe(
      Effect.ensuring(timer.cancel),
      Effect.catchTag("TimeoutError", () => Effect.sync(() => lines.push("timed out")))
    )
  yield* asyncio.sleep(10)
  lines.push("outer code reached")
  return lines
})

describe("CPython test_tasks", () => {
  it("counts requests up from zero and prints as cancelling (test_cancelling)", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(asyncio.sleep("10 seconds"))
        const standings = [standing(task)]

        const accepted = [yield* task.cancel()]
        standings.push(standing(task))
        accepted.push(yield* task.cancel())
        standings.push(standing(task))

        yield* Effect.flip(task)
        assert.deepStrictEqual(accepted, [true, true])
        assert.deepStrictEqual(standings, [
          ["pending", 0, false],
          ["cancelling", 1, false],
          ["cancelling", 2, false]
        ])
      })
    ))

  it("brings the count back to zero, so that the next request starts anew, until the task is done (test_uncancel_basic)", () =>
    run(
      Effect.gen(function* () {
        const standings: Array<ReadonlyArray<unknown>> = []
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            const self = yield* asyncio.currentTask
            yield* asyncio.catchCancelled(asyncio.sleep("10 seconds"), () => self.uncancel())
            yield* asyncio.sleep("10 seconds")
          })
        )
        yield* asyncio.sleep(0)

        yield* task.cancel()
        standings.push(standing(task))
        yield* asyncio.sleep(0)
        standings.push(standing(task))
        yield* task.cancel()
        standings.push(standing(task))
        yield* Effect.flip(task)
        standings.push(standing(task))
        const left = yield* task.uncancel()
        standings.push(standing(task))

        assert.deepStrictEqual(standings, [
          ["cancelling", 1, false],
          ["pending", 0, false],
          ["cancelling", 1, false],
          ["cancelled", 1, true],
          ["cancelled", 0, true]
        ])
        assert.deepStrictEqual([left, task.done()], [0, true])
      })
    ))

  it("lets a timeout be written by hand, which leaves no request behind (test_uncancel_structured_blocks)", () =>
    run(
      Effect.gen(function* () {
        const self = yield* asyncio.currentTask
        const loop = yield* asyncio.getRunningLoop

        const late = yield* withHandWrittenTimeout(1000, 100)
        const lateStanding = [self.cancelling(), loop.time()]
        const early = yield* withHandWrittenTimeout(100, 1000)
        const earlyStanding = [self.cancelling(), loop.time()]

        assert.deepStrictEqual(late, ["timed out", "outer code reached"])
        assert.deepStrictEqual(lateStanding, [0, 110])
        assert.deepStrictEqual(early, ["block finished", "outer code reached"])
        assert.deepStrictEqual(earlyStanding, [0, 220])
      })
    ))

  it("does not take somebody else's request for the hand-written timeout's own (test_uncancel_structured_blocks)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const before = yield* asyncio.createTask(withHandWrittenTimeout(1000, 100))
        const together = yield* asyncio.createTask(withHandWrittenTimeout(1000, 100))
        yield* loop.callLater(50, () => before.cancelUnsafe("from outside"))
        yield* asyncio.sleep(0)

        yield* loop.callLater(100, () => together.cancelUnsafe("from outside"))

        const first = yield* Effect.flip(before)
        yield* Effect.flip(together)
        assert.deepStrictEqual(
          { message: first.message, cancelled: before.cancelled(), cancelling: before.cancelling() },
          { message: "from outside", cancelled: true, cancelling: 1 }
        )
        assert.deepStrictEqual(
          { cancelled: together.cancelled(), cancelling: together.cancelling(), time: loop.time() },
          { cancelled: true, cancelling: 1, time: 100 }
        )
      })
    ))

  it("withdraws a cancellation that was kept for the next step (test_uncancel_resets_must_cancel)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<void>()
        const task = yield* asyncio.createTask(Effect.as(future, 42))
        yield* asyncio.sleep(0)
        yield* future.setResult()
        yield* task.cancel()
        const requested = standing(task)

        const left = yield* task.uncancel()

        assert.deepStrictEqual([requested, left], [["cancelling", 1, false], 0])
        assert.deepStrictEqual([yield* task, standing(task)], [42, ["finished", 0, false]])
      })
    ))
})
