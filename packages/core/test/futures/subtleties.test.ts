import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Cause, Effect, Exit } from "effect"
import { collectReports, run } from "../support.ts"

// See ../cancellation/subtleties.test.ts.

describe("a coroutine that gives a future", () => {
  // `Task.__step` takes the value of the coroutine as the result, whatever it is.
  it("ends with the future itself, which nobody awaits", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<string>()
        const task = yield* asyncio.createTask(Effect.sync(() => future))

        const result = yield* task

        assert.strictEqual(result, future)
        assert.isFalse(future.done())
      })
    ))
})

describe("a future that is done", () => {
  // `Future.__await__` does not yield when the future is done; `add_done_callback` goes by `call_soon` all the same.
  it("is awaited without an iteration, and yet calls its callbacks in the next one", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<number>()
        yield* future.setResult(1)
        yield* loop.callSoon(() => lines.push("iteration"))

        yield* future
        lines.push("awaited")
        yield* future.addDoneCallback(() => lines.push("callback"))
        lines.push("added")

        yield* asyncio.sleep(0)
        assert.deepStrictEqual(lines, ["awaited", "added", "iteration", "callback"])
      })
    ))
})

describe("an iteration of the loop", () => {
  // `sleep` with zero or less is a bare yield.
  for (const delay of [0, -1, -1e12]) {
    it(`is what a sleep of ${delay} takes, exactly`, () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const loop = yield* asyncio.getRunningLoop
          yield* loop.callSoon(() => {
            lines.push("first")
            loop.callSoonUnsafe(() => lines.push("second"))
          })

          yield* asyncio.sleep(delay)
          lines.push("slept")
          yield* asyncio.sleep(delay)
          lines.push("slept again")

          assert.deepStrictEqual([lines, loop.time()], [["first", "slept", "second", "slept again"], 0])
        })
      ))
  }

  // `_run_once` puts the timers that are due behind what is ready, in the order of their deadlines.
  it("runs what is ready before the timers that are past, and those by their deadlines", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const note = (line: string) => void lines.push(line)
        const loop = yield* asyncio.getRunningLoop
        yield* loop.callLater(-1, note, "-1")
        yield* loop.callLater(-2, note, "-2")
        yield* loop.callSoon(note, "soon")

        yield* asyncio.sleep(0)
        note("slept")
        yield* asyncio.sleep(0)

        assert.deepStrictEqual(lines, ["soon", "slept", "-2", "-1"])
      })
    ))
})

describe("a failure that nobody looked at", () => {
  const failing = Effect.gen(function* () {
    const task = yield* asyncio.createTask(Effect.fail("unseen"))
    yield* asyncio.wait([task])
    return task
  })

  // `Future.__log_traceback`: what counts as having looked at a failure.
  const looks: Readonly<Record<string, readonly [(task: asyncio.Task<never, string>) => unknown, number]>> = {
    "cancelling the task, which is refused": [(task) => task.cancelUnsafe(), 0],
    "asking for its exit": [(task) => task.exitUnsafe(), 0],
    "asking whether it is done or cancelled, and printing it": [
      (task) => [task.done(), task.cancelled(), String(task)],
      1
    ],
    "asking whether its failure was seen": [(task) => lowlevel.exceptionRetrieved(task), 1]
  }
  for (const [what, [look, expected]] of Object.entries(looks)) {
    it(`is reported ${expected === 0 ? "no more" : "all the same"} after ${what}`, async () => {
      const loop = makeVirtualTimeLoop()
      const reports = collectReports(loop)

      await run(Effect.map(failing, look), { loopFactory: () => loop })

      const expectedReports = expected === 0 ? [] : ["Task exception was never retrieved"]
      assert.deepStrictEqual(
        reports.map(({ message }) => message),
        expectedReports
      )
    })
  }
})

describe("a bug in a task", () => {
  // Nothing is so fatal that it would escape from the loop, not even what stops a run with Ctrl-C.
  it("is the end of the task alone, whatever is thrown", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        for (const error of [new RangeError("bug"), new asyncio.KeyboardInterrupt(), "text"]) {
          const task = yield* asyncio.createTask(
            Effect.sync(() => {
              throw error
            })
          )
          yield* asyncio.sleep(0)
          const exit = yield* Effect.exit(task)
          lines.push(Exit.isFailure(exit) && Cause.hasDies(exit.cause) ? String(Cause.squash(exit.cause)) : "alive")
        }

        assert.deepStrictEqual(lines, ["RangeError: bug", "KeyboardInterrupt", "text"])
      })
    ))
})
