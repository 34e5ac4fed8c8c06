import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { collectReports, macrotask, run } from "../support.ts"

const setUp = Effect.gen(function* () {
  const loop = yield* asyncio.getRunningLoop
  const lines: Array<string> = []
  const push = (line: string) => void lines.push(line)
  return { loop, lines, push }
})

describe("callSoon", () => {
  it("calls with its arguments in the next iteration, in the order asked", () =>
    run(
      Effect.gen(function* () {
        const { loop, lines, push } = yield* setUp
        yield* loop.callSoon(push, "first")
        loop.callSoonUnsafe((a: number, b: number) => push(`second ${a + b}`), 1, 2)
        push("asked")

        yield* asyncio.sleep(0)

        assert.deepStrictEqual(lines, ["asked", "first", "second 3"])
      })
    ))

  // test__run_once_schedule_handle
  it("from a callback waits for the iteration after", () =>
    run(
      Effect.gen(function* () {
        const { loop, lines, push } = yield* setUp
        yield* loop.callSoon(() => {
          loop.callSoonUnsafe(push, "nested")
          push("outer")
        })
        yield* loop.callSoon(push, "beside")

        yield* asyncio.sleep(0)

        push("after one iteration")
        yield* asyncio.sleep(0)
        assert.deepStrictEqual(lines, ["outer", "beside", "after one iteration", "nested"])
      })
    ))

  it("does not call what was cancelled", () =>
    run(
      Effect.gen(function* () {
        const { loop, lines, push } = yield* setUp
        const handle = yield* loop.callSoon(push, "cancelled")
        const before = handle.cancelled()

        yield* handle.cancel

        handle.cancelUnsafe()
        yield* asyncio.sleep(0)
        assert.deepStrictEqual(
          { before, cancelled: handle.cancelled(), lines },
          { before: false, cancelled: true, lines: [] }
        )
      })
    ))
})

describe("callLater and callAt", () => {
  // test_call_later_negative_delays
  it("call in the order of their times, and those that are past in the next iteration", () =>
    run(
      Effect.gen(function* () {
        const { loop, lines, push } = yield* setUp
        const now = loop.time()
        yield* loop.callLater("2 seconds", push, "later")
        yield* loop.callAt(now + 1000, push, "sooner")
        yield* loop.callLater(-1, push, "past")
        yield* loop.callAt(now - 2, push, "long past")

        yield* asyncio.sleep("2 seconds")

        assert.deepStrictEqual(lines, ["long past", "past", "sooner", "later"])
      })
    ))

  it("keep the order in which timers with the same time were made", () =>
    run(
      Effect.gen(function* () {
        const { loop, lines, push } = yield* setUp
        for (const name of ["a", "b", "c", "d", "e"]) yield* loop.callAt(100, push, name)

        yield* asyncio.sleep(200)

        assert.deepStrictEqual(lines, ["a", "b", "c", "d", "e"])
      })
    ))

  it("tell when they are due, and never call what was cancelled", () =>
    run(
      Effect.gen(function* () {
        const { loop, lines, push } = yield* setUp
        const [one, two, never] = [
          yield* loop.callLater("1 second", push, "one"),
          yield* loop.callAt(500, push, "two"),
          yield* loop.callLater(Infinity, push, "never")
        ]

        yield* two.cancel

        yield* asyncio.sleep("1 hour")
        yield* never.cancel
        assert.deepStrictEqual(
          [one, two, never].map((handle) => handle.when()),
          [1000, 500, Infinity]
        )
        assert.deepStrictEqual(lines, ["one"])
      })
    ))

  it.effect("never call inside the call, not on the loop of a clock either", () =>
    Effect.gen(function* () {
      const { loop, lines, push } = yield* setUp

      yield* loop.callLater(0, push, "now")
      yield* loop.callAt(-1, push, "past")
      push("asked")

      yield* TestClock.adjust(0)
      assert.deepStrictEqual(lines, ["asked", "past", "now"])
    })
  )

  it.effect("ring on the test's clock", () =>
    Effect.gen(function* () {
      const { loop, lines, push } = yield* setUp
      yield* loop.callLater("2 seconds", push, "two")
      const cancelled = yield* loop.callLater("1 second", push, "one")
      yield* cancelled.cancel

      yield* TestClock.adjust("1 second")
      push("between")
      yield* TestClock.adjust("1 second")

      assert.deepStrictEqual(lines, ["between", "two"])
    })
  )
})

describe("bad input to the loop", () => {
  const attempts: Record<string, [(loop: asyncio.EventLoop) => unknown, string]> = {
    "callSoon without a function": [
      (loop) => loop.callSoonUnsafe(123 as never),
      "TypeError: a callable object was expected by callSoon(), got 123"
    ],
    "callLater without a function": [
      (loop) => loop.callLaterUnsafe(1, "no" as never),
      "TypeError: a callable object was expected by callAt(), got 'no'"
    ],
    "callAt without a time": [
      (loop) => loop.callAtUnsafe(NaN, () => {}),
      "ValueError: Invalid time: NaN (not a number)"
    ],
    "callAt with something else than a time": [
      (loop) => loop.callAtUnsafe("noon" as never, () => {}),
      "TypeError: a time in milliseconds was expected by callAt(), got 'noon'"
    ],
    "callSoon with an Effect": [
      (loop) => loop.callSoonUnsafe(Effect.void as never),
      "TypeError: coroutines cannot be used with callSoon()"
    ],
    "callLater without a delay": [
      (loop) => loop.callLaterUnsafe(NaN, () => {}),
      "ValueError: Invalid delay: NaN (not a number)"
    ],
    "sleep without a delay": [
      (loop) => loop.sleepUnsafe("soon" as never),
      "TypeError: Invalid delay: 'soon' is not a duration"
    ],
    "an exception handler that is no function": [
      (loop) => loop.setExceptionHandlerUnsafe("handler" as never),
      "TypeError: A callable object or undefined is expected, got 'handler'"
    ]
  }
  for (const [name, [attempt, message]] of Object.entries(attempts)) {
    it(`is refused: ${name}`, () => {
      let seen = ""
      try {
        attempt(makeVirtualTimeLoop())
      } catch (error) {
        seen = String(error)
      }
      assert.strictEqual(seen, message)
    })
  }
})

describe("the life of a loop", () => {
  it("runs until a future is done, as often as asked", async () => {
    const loop = makeVirtualTimeLoop()
    const states: Array<boolean> = [loop.isRunning()]

    for (let n = 0; n < 2; n++) {
      const running = loop.runUntilComplete(loop.sleepUnsafe("1 second"))
      states.push(loop.isRunning())
      await running
      states.push(loop.isRunning())
    }

    assert.deepStrictEqual({ states, time: loop.time() }, { states: [false, true, false, true, false], time: 2000 })
    loop.closeUnsafe()
  })

  it("does nothing while the loop is stopped, and goes on later", async () => {
    const loop = makeVirtualTimeLoop()
    const lines: Array<string> = []
    loop.callSoonUnsafe(() => lines.push("soon"))
    loop.callLaterUnsafe(1, () => lines.push("later"))
    await Effect.runPromise(Effect.promise(() => new Promise((resolve) => void setImmediate(resolve))))
    const before = lines.length

    await loop.runUntilComplete(loop.sleepUnsafe(2))

    assert.deepStrictEqual([before, ...lines], [0, "soon", "later"])
    loop.closeUnsafe()
  })

  it("finishes the iteration in which the future is done", async () => {
    const loop = makeVirtualTimeLoop()
    const lines: Array<string> = []
    const future = loop.createFutureUnsafe<void>()
    future.addDoneCallbackUnsafe(() => {
      loop.callSoonUnsafe(() => lines.push("next iteration"))
      lines.push("this iteration")
    })
    future.setResultUnsafe()

    await loop.runUntilComplete(future)

    assert.deepStrictEqual(lines, ["this iteration"])
    loop.closeUnsafe()
  })

  it("refuses to run twice at a time, and to be closed while it runs", async () => {
    const loop = makeVirtualTimeLoop()
    const running = loop.runUntilComplete(loop.sleepUnsafe(1))

    const attempts = [() => loop.runUntilComplete(loop.sleepUnsafe(1)), () => loop.closeUnsafe()]

    assert.throws(attempts[0]!, asyncio.RuntimeError, "This event loop is already running")
    assert.throws(attempts[1]!, asyncio.RuntimeError, "Cannot close a running event loop")
    await running
    loop.closeUnsafe()
  })

  // test_close
  it("can be closed repeatedly, and then schedules nothing", () => {
    const loop = asyncio.newEventLoop()
    const lines: Array<string> = []
    loop.callSoonUnsafe(() => lines.push("dropped"))
    loop.callLaterUnsafe(1, () => lines.push("dropped"))
    const future = loop.createFutureUnsafe<void>()

    loop.closeUnsafe()
    loop.closeUnsafe()

    const attempts = [
      () => loop.callSoonUnsafe(() => {}),
      () => loop.callLaterUnsafe(1, () => {}),
      () => loop.sleepUnsafe(1),
      () => loop.runUntilComplete(future),
      () => future.addDoneCallbackUnsafe(() => {})
    ]
    for (const attempt of attempts) assert.throws(attempt, asyncio.RuntimeError, "Event loop is closed")
    assert.deepStrictEqual([loop.isClosed(), ...lines], [true])
  })

  it("is not stopped by what was complete in the very iteration in which an earlier run was cut short", async () => {
    const loop = makeVirtualTimeLoop()
    const late = loop.createFutureUnsafe<void>()
    loop.callSoonUnsafe(() => {
      loop.stopUnsafe()
      late.setResultUnsafe()
    })
    await loop.runUntilComplete(late)

    await loop.runUntilComplete(loop.sleepUnsafe(200))

    assert.strictEqual(loop.time(), 200)
    loop.closeUnsafe()
  })

  it("is not ended by a deadlock that was suspected in an earlier run", async () => {
    const loop = makeVirtualTimeLoop()
    const first = loop.runUntilComplete(loop.createFutureUnsafe())
    for (let n = 0; n < 5; n++) await macrotask()
    loop.stopUnsafe()
    await first.catch(() => {})
    for (let n = 0; n < 60; n++) await macrotask()

    await loop.runUntilComplete(loop.sleepUnsafe(200))

    assert.strictEqual(loop.time(), 200)
    loop.closeUnsafe()
  })

  it("cannot be stopped where nobody runs it", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop

        assert.throws(() => loop.stopUnsafe(), asyncio.RuntimeError, "Cannot stop a loop that nobody runs")

        assert.strictEqual(yield* asyncio.sleep(1, "goes on"), "goes on")
      })
    ))

  it("wraps every iteration as it was told", async () => {
    const lines: Array<string> = []
    const aroundIteration = (iteration: () => void) => {
      lines.push("begin")
      iteration()
      lines.push("end")
    }
    const loop = makeVirtualTimeLoop({ aroundIteration })
    loop.callSoonUnsafe(() => lines.push("callback"))

    await loop.runUntilComplete(loop.sleepUnsafe(0))

    assert.deepStrictEqual(lines.slice(0, 3), ["begin", "callback", "end"])
    loop.closeUnsafe()
  })

  it("lets the readers of a promise run before the next callback when a callback asks for it", () =>
    run(
      Effect.gen(function* () {
        const { loop, lines, push } = yield* setUp
        yield* loop.callSoon(() => {
          void Promise.resolve()
            .then(() => push("reader"))
            .then(() => push("reader of the reader"))
          lowlevel.settleMicrotasksUnsafe(loop)
        })
        yield* loop.callSoon(push, "next callback")

        yield* asyncio.sleep(0)

        assert.deepStrictEqual(lines, ["reader", "reader of the reader", "next callback"])
      })
    ))
})

describe("the loop as a scheduler", () => {
  it("can be made to take its step at once", async () => {
    const loop = makeVirtualTimeLoop()
    const lines: Array<string> = []
    const running = loop.runUntilComplete(loop.sleepUnsafe(1))
    const dispatcher = loop.makeDispatcher()
    dispatcher.scheduleTask(() => lines.push("scheduled"), 0)

    dispatcher.flush()

    assert.deepStrictEqual(lines, ["scheduled"])
    await running
    loop.closeUnsafe()
  })
})

describe("a handle that is cancelled when it is due", () => {
  it("calls nothing, and nothing goes wrong", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const reports = collectReports(loop)
        const lines: Array<string> = []
        const handle = loop.callSoonUnsafe(() => lines.push("called"))
        const timer = loop.callLaterUnsafe(1, () => lines.push("rang"))
        loop.callLaterUnsafe(0.5, () => loop.callSoonUnsafe(() => timer.cancelUnsafe()))

        handle.cancelUnsafe()
        yield* asyncio.sleep(2)

        assert.deepStrictEqual([lines, reports], [[], []])
      })
    ))
})

describe("a run that was stopped", () => {
  it("leaves no callback on what it waited for", async () => {
    const loop = asyncio.newEventLoop()
    const future = loop.createFutureUnsafe()
    loop.callSoonUnsafe(() => loop.stopUnsafe())

    const error = await loop.runUntilComplete(future).catch(String)

    assert.deepStrictEqual(
      [error, String(future)],
      ["RuntimeError: Event loop stopped before Future completed.", "<Future pending>"]
    )
    loop.closeUnsafe()
  })
})
