import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { run } from "../support.ts"

const newLoop = () => {
  const lines: Array<string> = []
  const times: Array<number> = []
  const aroundIteration = (iteration: () => void) => {
    iteration()
    times.push(loop.time())
  }
  const loop = makeVirtualTimeLoop({ aroundIteration })
  const push = (line: string) => void lines.push(line)
  return { loop, lines, push, times }
}

/** What a call throws. */
const thrownBy = (call: () => unknown): string => {
  try {
    return `returned ${String(call())}`
  } catch (error) {
    return String(error)
  }
}

describe("CPython test_base_events", () => {
  it("puts a handle that is live on the queue (test__add_callback_handle)", async () => {
    const { lines, loop, push } = newLoop()

    const handle = loop.callSoonUnsafe(push, "called")

    assert.deepStrictEqual([loop.snapshot().ready, handle.cancelled()], [1, false])
    await loop.runUntilComplete(loop.sleepUnsafe(0))
    assert.deepStrictEqual(lines, ["called"])
    loop.closeUnsafe()
  })

  it("never calls a handle that is cancelled, wherever it waits (test__add_callback_cancelled_handle)", async () => {
    const { lines, loop, push } = newLoop()
    const handles = [
      loop.callSoonUnsafe(push, "soon"),
      loop.callAtUnsafe(0, push, "due"),
      loop.callLaterUnsafe(1, push, "later")
    ]

    for (const handle of handles) handle.cancelUnsafe()

    await loop.runUntilComplete(loop.sleepUnsafe(2))
    assert.deepStrictEqual(lines, [])
    loop.closeUnsafe()
  })

  it("gives a Handle for callSoon, which is ready at once (test_call_soon)", () => {
    const { lines, loop, push } = newLoop()

    const handle = loop.callSoonUnsafe(push, "called")

    const { ready, timers } = loop.snapshot()
    assert.deepStrictEqual(
      { ready, timers, cancelled: handle.cancelled(), lines },
      { ready: 1, timers: 0, cancelled: false, lines: [] }
    )
    loop.closeUnsafe()
  })

  it("refuses to call what is no function (test_call_soon_non_callable)", () => {
    const { loop } = newLoop()

    const messages = ["spam", 123, undefined].map((callback) => thrownBy(() => loop.callSoonUnsafe(callback as never)))

    for (const message of messages) assert.match(message, /^TypeError: a callable object was expected by callSoon\(\)/)
    assert.strictEqual(loop.snapshot().ready, 0)
    loop.closeUnsafe()
  })

  it("gives a TimerHandle for callLater, which is not ready, and insists on a delay (test_call_later)", () => {
    const { loop } = newLoop()
    loop.advanceUnsafe(500)

    const handle = loop.callLaterUnsafe(10_000, () => {})

    const { ready, timers } = loop.snapshot()
    assert.deepStrictEqual([ready, timers, handle.when()], [0, 1, 10_500])
    assert.match(
      thrownBy(() => loop.callLaterUnsafe(undefined as never, () => {})),
      /^TypeError: Invalid delay/
    )
    loop.closeUnsafe()
  })

  it("calls what is overdue in the next iteration, the longest overdue first (test_call_later_negative_delays)", async () => {
    const { lines, loop, push } = newLoop()
    loop.callLaterUnsafe(-1, push, "-1")
    loop.callLaterUnsafe(-2, push, "-2")

    await loop.runUntilComplete(loop.sleepUnsafe(0))

    assert.deepStrictEqual(lines, ["-2", "-1"])
    loop.closeUnsafe()
  })

  it("calls at a time of its own clock, and insists on one (test_time_and_call_at)", async () => {
    const { loop } = newLoop()
    loop.advanceUnsafe(1000)
    const done = loop.createFutureUnsafe<number>()
    const when = loop.time() + 100
    loop.callAtUnsafe(when, () => done.setResultUnsafe(loop.time()))

    await loop.runUntilComplete(done)

    assert.deepStrictEqual([when, await Effect.runPromise(done)], [1100, 1100])
    const message = "TypeError: a time in milliseconds was expected by callAt(), got undefined"
    assert.strictEqual(
      thrownBy(() => loop.callAtUnsafe(undefined as never, () => {})),
      message
    )
    assert.strictEqual(loop.snapshot().timers, 0)
    loop.closeUnsafe()
  })

  it("does not wake up for a timer that was cancelled, but for the one after it (test__run_once)", async () => {
    const { lines, loop, push, times } = newLoop()
    const cancelled = loop.callAtUnsafe(10, push, "cancelled")
    loop.callAtUnsafe(20, push, "live")

    cancelled.cancelUnsafe()

    await loop.runUntilComplete(loop.sleepUnsafe(20))
    assert.deepStrictEqual([[...new Set(times)], lines], [[0, 20], ["live"]])
    loop.closeUnsafe()
  })

  it("calls what a callback asks for only in the iteration after (test__run_once_schedule_handle)", async () => {
    const { lines, loop, push } = newLoop()
    const iteration = loop.createFutureUnsafe<void>()
    loop.callSoonUnsafe(() => {
      push("outer")
      loop.callSoonUnsafe(push, "inner")
      iteration.setResultUnsafe()
    })
    iteration.addDoneCallbackUnsafe(() => push("one iteration later"))
    loop.callSoonUnsafe(push, "beside")

    await loop.runUntilComplete(iteration)

    assert.deepStrictEqual(lines, ["outer", "beside", "inner", "one iteration later"])
    loop.closeUnsafe()
  })

  it("keeps no timer that was cancelled, however many there are (test__run_once_cancelled_event_cleanup)", async () => {
    const { lines, loop, push } = newLoop()
    const handles = Array.from({ length: 200 }, (_, n) => loop.callLaterUnsafe(3600_000 + n, push, `${n}`))
    loop.callLaterUnsafe(1, push, "live")

    for (const handle of handles) handle.cancelUnsafe()

    assert.strictEqual(loop.snapshot().timers, 1)
    await loop.runUntilComplete(loop.sleepUnsafe("2 hours"))
    assert.deepStrictEqual(lines, ["live"])
    loop.closeUnsafe()
  })

  it("refuses in debug mode a coroutine or a function that makes one (test_call_coroutine)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const coroutines = [Effect.void, async () => {}, function* () {}, async function* () {}]

        const messages = coroutines.flatMap((coroutine) => [
          thrownBy(() => loop.callSoonUnsafe(coroutine as never)),
          thrownBy(() => loop.callLaterUnsafe(60_000, coroutine as never)),
          thrownBy(() => loop.callAtUnsafe(60_000, coroutine as never))
        ])

        const [soon, at] = ["callSoon", "callAt"].map((name) => `TypeError: coroutines cannot be used with ${name}()`)
        assert.deepStrictEqual(
          messages,
          coroutines.flatMap(() => [soon, at, at])
        )
        assert.deepStrictEqual([loop.snapshot().ready, loop.snapshot().timers], [0, 0])
      }),
      { debug: true }
    ))
})
