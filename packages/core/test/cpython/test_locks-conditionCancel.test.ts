import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"
import { iteration, noteTo } from "./locksSupport.ts"

/**
 * One of two consumers is notified of an item, and cancelled after `before`. Gives who consumed the item, which has to
 * be the other one.
 */
const cancelNotified = (before: Effect.Effect<void>) =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    let stock = 0
    const condition = yield* asyncio.Condition.make()
    const consume = (name: string) =>
      condition.use(
        Effect.gen(function* () {
          for (;;) {
            yield* condition.waitFor(() => stock !== 0)
            if (stock < 0) return
            stock--
            lines.push(name)
          }
        })
      )
    const [first, second] = [yield* asyncio.createTask(consume("first")), yield* asyncio.createTask(consume("second"))]
    yield* iteration

    const produce = Effect.gen(function* () {
      stock++
      yield* condition.notify(1)
      yield* before
      yield* first.cancel()
      // Nobody tells the producer that the item is gone.
      yield* Effect.flip(
        asyncio.timeout(
          10,
          condition.waitFor(() => stock === 0)
        )
      )
      stock = -1
      yield* condition.notifyAll
    })
    yield* condition.use(produce)

    yield* second
    assert.deepStrictEqual([first.cancelled(), String(condition)], [true, "<Condition [unlocked]>"])
    return lines
  })

describe("CPython test_locks", () => {
  it("takes the lock again when a wait is cancelled (ConditionTests.test_wait_cancel)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const condition = yield* asyncio.Condition.make()
        yield* condition.acquire
        const task = yield* asyncio.createTask(condition.wait)
        let waiting = ""
        yield* loop.callSoon(() => {
          waiting = String(condition)
          task.cancelUnsafe()
        })

        const error = yield* Effect.flip(task)

        assert.strictEqual(error._tag, "CancelledError")
        assert.deepStrictEqual(
          [waiting, String(condition)],
          ["<Condition [unlocked, waiters:1]>", "<Condition [locked]>"]
        )
      })
    ))

  it("holds the lock when it was cancelled while others held the lock (ConditionTests.test_wait_cancel_contested)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const condition = yield* asyncio.Condition.make()
        yield* condition.acquire
        const task = yield* asyncio.createTask(condition.wait)
        yield* iteration
        const whileWaiting = condition.locked()
        yield* condition.acquire
        yield* condition.notify()
        yield* loop.callSoon(() => void task.cancelUnsafe())
        yield* loop.callSoon(() => Effect.runSync(condition.release))

        yield* Effect.ignore(task)

        assert.deepStrictEqual(
          { whileWaiting, conditionLocked: condition.locked(), taskCancelling: task.cancelling() },
          { whileWaiting: false, conditionLocked: true, taskCancelling: 1 }
        )
      })
    ))

  it("is cancelled as soon as it has the lock when it was notified before (ConditionTests.test_wait_cancel_after_notify)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const note = noteTo(lines)
        const condition = yield* asyncio.Condition.make()
        const body = Effect.andThen(Effect.andThen(note("waits"), condition.wait), note("not reached"))
        const task = yield* asyncio.createTask(condition.use(body))
        yield* iteration
        yield* condition.acquire
        yield* condition.notify()
        yield* iteration

        yield* task.cancel()
        yield* iteration
        const whileContested = task.done()
        yield* condition.release
        yield* iteration

        assert.deepStrictEqual(
          { whileContested, cancelled: task.cancelled(), lines },
          { whileContested: false, cancelled: true, lines: ["waits"] }
        )
        assert.strictEqual(String(condition), "<Condition [unlocked]>")
      })
    ))

  it("ends with the cancellation that reached the wait (ConditionTests.test_cancelled_error_wakeup)", () =>
    run(
      Effect.gen(function* () {
        let seen: asyncio.CancelledError | undefined
        const condition = yield* asyncio.Condition.make()
        const waiting = asyncio.catchCancelled(
          condition.waitFor(() => false),
          (error) => {
            seen = error
            return Effect.fail(error)
          }
        )
        const task = yield* asyncio.createTask(condition.use(waiting))
        yield* iteration

        yield* task.cancel("foo")

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual(
          { errorIsSeen: error === seen, reason: error.reason, cancelled: task.cancelled() },
          { errorIsSeen: true, reason: "foo", cancelled: true }
        )
      })
    ))

  it("ends with the cancellation that reached it while it took the lock (ConditionTests.test_cancelled_error_re_aquire)", () =>
    run(
      Effect.gen(function* () {
        let seen: asyncio.CancelledError | undefined
        let wake = false
        const condition = yield* asyncio.Condition.make()
        const waiting = asyncio.catchCancelled(
          condition.waitFor(() => wake),
          (error) => {
            seen = error
            return Effect.fail(error)
          }
        )
        const task = yield* asyncio.createTask(condition.use(waiting))
        yield* iteration
        yield* condition.acquire
        wake = true
        yield* condition.notify()
        yield* iteration

        yield* task.cancel("foo")
        yield* condition.release

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual(
          { errorIsSeen: error === seen, reason: error.reason, text: String(condition) },
          { errorIsSeen: true, reason: "foo", text: "<Condition [unlocked]>" }
        )
      })
    ))

  it("ends with the last of several cancellations", () =>
    run(
      Effect.gen(function* () {
        const condition = yield* asyncio.Condition.make()
        const task = yield* asyncio.createTask(condition.use(condition.wait))
        yield* iteration
        yield* condition.acquire

        for (const message of ["first", "second", "third"]) {
          yield* task.cancel(message)
          yield* iteration
          yield* iteration
        }

        const whileContested = task.done()
        yield* condition.release
        const error = yield* Effect.flip(task)
        assert.deepStrictEqual(
          { whileContested, reason: error.reason, cancelling: task.cancelling(), text: String(condition) },
          { whileContested: false, reason: "third", cancelling: 3, text: "<Condition [unlocked]>" }
        )
      })
    ))

  it("wakes another when one is cancelled that was notified and has not run (ConditionTests.test_cancelled_wakeup)", () =>
    run(
      Effect.gen(function* () {
        const consumers = yield* cancelNotified(Effect.void)

        assert.deepStrictEqual(consumers, ["second"])
      })
    ))

  it("wakes another when one is cancelled that was notified and takes the lock (ConditionTests.test_cancelled_wakeup_relock)", () =>
    run(
      Effect.gen(function* () {
        const consumers = yield* cancelNotified(iteration)

        assert.deepStrictEqual(consumers, ["second"])
      })
    ))
})
