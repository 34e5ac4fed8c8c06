import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"
import { andFinally, forever, logTo, MyError, started } from "./scopeSupport.ts"

/** Ends `time` milliseconds after it began, however often it is cancelled. */
const ignoringCancels = (time: number) =>
  Effect.gen(function* () {
    const loop = yield* asyncio.getRunningLoop
    const end = loop.time() + time
    while (loop.time() < end) {
      yield* asyncio.catchCancelled(asyncio.sleep(end - loop.time()), () => Effect.void)
    }
  })

/** Sleeps, and when it is cancelled takes 100 milliseconds for its cleanup. */
const slowToStop = andFinally(asyncio.sleep(100))(forever)

describe("CPython test_waitfor", () => {
  it("does not return before an inner task that ignores cancels has ended when it is cancelled (test_asyncio_wait_for_cancelled)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const inner = yield* asyncio.createTask(ignoringCancels(500))
        const waiter = yield* started(asyncio.waitFor(inner, 1000))
        yield* asyncio.sleep(100)

        yield* waiter.cancel()

        yield* Effect.exit(waiter)
        assert.deepStrictEqual(
          { time: loop.time(), done: inner.done(), cancelled: inner.cancelled(), cancelling: inner.cancelling() },
          { time: 500, done: true, cancelled: false, cancelling: 1 }
        )
      })
    ))

  it("does not return before an inner task that ignores cancels has ended when the time is up (test_asyncio_wait_for_timeout)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const inner = yield* asyncio.createTask(ignoringCancels(500))

        yield* asyncio.waitFor(inner, 100)

        assert.deepStrictEqual(
          { time: loop.time(), done: inner.done(), cancelled: inner.cancelled(), cancelling: inner.cancelling() },
          { time: 500, done: true, cancelled: false, cancelling: 1 }
        )
      })
    ))

  it("gives the result of a finished future even without any time (test_wait_for_timeout_less_then_0_or_0_future_done)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<string>()
        yield* future.setResult("done")

        const results = [yield* asyncio.waitFor(future, 0), yield* asyncio.waitFor(future, -1)]

        assert.deepStrictEqual([...results, loop.time()], ["done", "done", 0])
      })
    ))

  it("does not start a coroutine without any time (test_wait_for_timeout_less_then_0_or_0_coroutine_do_not_started)", () =>
    run(
      Effect.gen(function* () {
        let began = false
        const error = yield* Effect.flip(
          asyncio.waitFor(
            Effect.sync(() => (began = true)),
            0
          )
        )

        assert.deepStrictEqual([error._tag, began], ["TimeoutError", false])
        assert.strictEqual((yield* asyncio.allTasks).size, 1)
      })
    ))

  it("cancels a running task without any time, whose cleanup has run when it fails (test_wait_for_timeout_less_then_0_or_0)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const loop = yield* asyncio.getRunningLoop
        for (const timeout of [0, -1]) {
          const inner = yield* started(andFinally(logTo(lines)("cleaned up"))(asyncio.sleep(200)))

          const error = yield* Effect.flip(asyncio.waitFor(inner, timeout))

          lines.push(error._tag, `cancelled: ${inner.cancelled()}`)
        }
        const once = ["cleaned up", "TimeoutError", "cancelled: true"]
        assert.deepStrictEqual([...lines, loop.time()], [...once, ...once, 0])
      })
    ))

  it("cancels the task when the time is up, and its cleanup has run when it fails (test_wait_for)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const loop = yield* asyncio.getRunningLoop
        const inner = yield* started(andFinally(logTo(lines)("cleaned up"))(asyncio.sleep(200)))

        const error = yield* Effect.flip(asyncio.waitFor(inner, 100))

        assert.deepStrictEqual(
          { lines, tag: error._tag, done: inner.done(), cancelled: inner.cancelled() },
          { lines: ["cleaned up"], tag: "TimeoutError", done: true, cancelled: true }
        )
        assert.deepStrictEqual([loop.time(), loop.snapshot().timers], [100, 0])
      })
    ))

  it("just waits without a timeout (test_wait_for_blocking)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop

        const result = yield* asyncio.waitFor(asyncio.sleep("1 day", "done"), undefined)

        assert.deepStrictEqual([result, loop.time()], ["done", 86_400_000])
      })
    ))

  it("gives the result of a future that is resolved in the iteration the wait begins (test_wait_for_race_condition)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<string>()
        const waiter = yield* asyncio.createTask(asyncio.waitFor(future, 200))
        yield* loop.callSoon(() => future.setResultUnsafe("ok"))

        assert.strictEqual(yield* waiter, "ok")
        assert.deepStrictEqual([loop.time(), loop.snapshot().timers], [0, 0])
      })
    ))

  it("gives the result with which the inner one answers a cancellation (test_wait_for_cancellation_race_condition)", () =>
    run(
      Effect.gen(function* () {
        const inner = asyncio.catchCancelled(Effect.as(forever, 0), () => Effect.succeed(1))
        const waiter = yield* started(asyncio.waitFor(inner, "1 hour"))

        yield* waiter.cancel()

        assert.deepStrictEqual([yield* waiter, waiter.cancelled()], [1, false])
      })
    ))

  it("waits for the cleanup of a task whose time is up, and has its cancellation as the cause (test_wait_for_waits_for_task_cancellation)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const inner = yield* asyncio.createTask(slowToStop)

        const error = yield* Effect.flip(asyncio.waitFor(inner, 10))

        assert.instanceOf(error, asyncio.TimeoutError)
        assert.instanceOf(error.cause, asyncio.CancelledError)
        assert.deepStrictEqual([loop.time(), inner.cancelled()], [110, true])
      })
    ))

  it("waits for it without any time, too (test_wait_for_waits_for_task_cancellation_w_timeout_0)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const inner = yield* started(slowToStop)

        const error = yield* Effect.flip(asyncio.waitFor(inner, 0))

        assert.instanceOf(error, asyncio.TimeoutError)
        assert.instanceOf(error.cause, asyncio.CancelledError)
        assert.deepStrictEqual([loop.time(), inner.cancelled()], [100, true])
      })
    ))

  it("fails with what the inner one raises in its cleanup (test_wait_for_reraises_exception_during_cancellation)", () =>
    run(
      Effect.gen(function* () {
        const inner = andFinally(Effect.fail(new MyError()))(forever)

        const error = yield* Effect.flip(asyncio.waitFor(inner, 10))
        const task = yield* started(inner)
        const withoutTime = yield* Effect.flip(asyncio.waitFor(task, 0))

        assert.deepStrictEqual([error._tag, withoutTime._tag], ["MyError", "MyError"])
      })
    ))

  it("cancels the inner task when it is cancelled, with a timeout or without (test_cancel_blocking_wait_for, test_cancel_wait_for)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const loop = yield* asyncio.getRunningLoop
        for (const timeout of [undefined, "60 seconds"] as const) {
          const inner = yield* asyncio.createTask(Effect.onInterrupt(forever, () => log("inner")))
          const waiter = yield* started(Effect.onInterrupt(asyncio.waitFor(inner, timeout), () => log("waiter")))

          yield* waiter.cancel()

          yield* Effect.flip(waiter)
          lines.push(`${inner.cancelled()} ${waiter.cancelled()}`)
        }
        assert.deepStrictEqual(lines, ["inner", "waiter", "true true", "inner", "waiter", "true true"])
        assert.deepStrictEqual([loop.time(), loop.snapshot().timers], [0, 0])
      })
    ))

  it("gives the result of an inner one that suppresses the timeout's cancel (test_wait_for_cancel_suppressed)", () =>
    run(
      Effect.gen(function* () {
        const self = yield* asyncio.currentTask
        const loop = yield* asyncio.getRunningLoop
        const suppressing = asyncio.catchCancelled(Effect.as(forever, 0), () => asyncio.sleep(100, 42))

        const result = yield* asyncio.waitFor(suppressing, 100)

        assert.deepStrictEqual([result, loop.time(), self.cancelling()], [42, 200, 0])
      })
    ))

  it("is cancelled in the very iteration the inner one finishes, whose result can still be read (test_wait_for_issue86296)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const inner = yield* asyncio.createTask(asyncio.sleep(0, "done"))
        const waiter = yield* asyncio.createTask(
          Effect.andThen(asyncio.waitFor(inner, 60_000), logTo(lines)("went on"))
        )
        yield* asyncio.sleep(0)
        yield* asyncio.sleep(0)

        const doneBefore = inner.done() && !waiter.done()
        yield* waiter.cancel()

        yield* Effect.flip(waiter)
        assert.deepStrictEqual(
          { doneBefore, cancelled: waiter.cancelled(), lines, result: yield* inner.result() },
          { doneBefore: true, cancelled: true, lines: [], result: "done" }
        )
      })
    ))

  it("cancels a shield and not what it protects (test_zero_timeout, test_shielded_timeout)", () =>
    run(
      Effect.gen(function* () {
        for (const timeout of [0, 10]) {
          const inner = yield* started(asyncio.sleep(100, "done"))
          const shield = yield* asyncio.shieldFuture(inner)

          const error = yield* Effect.flip(asyncio.waitFor(shield, timeout))

          assert.deepStrictEqual(
            { tag: error._tag, shieldCancelled: shield.cancelled(), innerDone: inner.done() },
            { tag: "TimeoutError", shieldCancelled: true, innerDone: false }
          )
          assert.deepStrictEqual([yield* inner, inner.cancelling()], ["done", 0])
        }
      })
    ))

  it("gives the result of a shield without a timeout (test_none_timeout)", () =>
    run(
      Effect.gen(function* () {
        const inner = yield* asyncio.createTask(asyncio.sleep(100, "done"))

        const result = yield* asyncio.waitFor(asyncio.shield(inner), undefined)

        assert.deepStrictEqual([result, inner.cancelled()], ["done", false])
      })
    ))
})
