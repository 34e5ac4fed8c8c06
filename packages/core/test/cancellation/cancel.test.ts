import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Effect } from "effect"
import { run } from "../support.ts"

const onCancelled = (lines: Array<string>, name: string) =>
  Effect.onInterrupt(() => Effect.sync(() => lines.push(`${name} cancelled`)))

describe("cancel", () => {
  it("returns false and changes nothing when the task is done", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.succeed("value"))
        yield* task

        const accepted = yield* task.cancel()

        assert.deepStrictEqual(
          { accepted, cancelled: task.cancelled(), cancelling: task.cancelling(), result: yield* task },
          { accepted: false, cancelled: false, cancelling: 0, result: "value" }
        )
      })
    ))

  // test_cancel_with_message_before_starting_task
  it("never runs the body of a task that has not started", () =>
    run(
      Effect.gen(function* () {
        let ran = false
        const task = yield* asyncio.createTask(Effect.sync(() => (ran = true)))

        const accepted = yield* task.cancel("my message")

        assert.deepStrictEqual(
          { accepted, done: task.done(), cancelled: task.cancelled() },
          { accepted: true, done: false, cancelled: false }
        )
        const error = yield* Effect.flip(task)
        assert.deepStrictEqual(
          { reason: error.reason, ran, cancelled: task.cancelled() },
          { reason: "my message", ran: false, cancelled: true }
        )
      })
    ))

  // test_task_cancel_waiter_future
  it("cancels the awaited future inside the call and lets the task see it on its next step", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<void>()
        const task = yield* asyncio.createTask(onCancelled(lines, "task")(future))
        yield* asyncio.sleep(0)

        yield* task.cancel()

        lines.push(`future cancelled: ${future.cancelled()}, task done: ${task.done()}`)
        yield* Effect.flip(task)
        assert.deepStrictEqual(lines, ["future cancelled: true, task done: false", "task cancelled"])
        assert.isTrue(task.cancelled())
      })
    ))

  // test_task_cancel_sleeping_task, test_sleep_cancel
  it("ends a sleep at the time of the request and removes its timer", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const task = yield* asyncio.createTask(asyncio.sleep("5000 seconds"))
        yield* loop.callLater("100 millis", () => task.cancelUnsafe())

        yield* Effect.flip(task)

        assert.strictEqual(loop.time(), 100)
      })
    ))

  it("passes the request down a chain of tasks and ends them from the innermost out", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const inner = yield* asyncio.createTask(onCancelled(lines, "inner")(asyncio.sleep("1 hour")))
        const middle = yield* asyncio.createTask(onCancelled(lines, "middle")(inner))
        const outer = yield* asyncio.createTask(onCancelled(lines, "outer")(middle))
        yield* asyncio.sleep(0)

        yield* outer.cancel("stop")

        const cancelling = [inner, middle, outer].map((task) => task.cancelling())
        const error = yield* Effect.flip(outer)
        assert.deepStrictEqual(lines, ["inner cancelled", "middle cancelled", "outer cancelled"])
        assert.deepStrictEqual(cancelling, [1, 1, 1])
        assert.strictEqual(error.reason, "stop")
      })
    ))

  it("gives the result of an awaited task that refuses to the one that was cancelled", () =>
    run(
      Effect.gen(function* () {
        const stubborn = yield* asyncio.createTask(
          asyncio.catchCancelled(asyncio.sleep("1 hour", 0), () => asyncio.sleep("1 second", 42))
        )
        const waiting = yield* asyncio.createTask(stubborn)
        yield* asyncio.sleep(0)

        yield* waiting.cancel()

        assert.deepStrictEqual(
          { result: yield* waiting, cancelled: waiting.cancelled(), cancelling: waiting.cancelling() },
          { result: 42, cancelled: false, cancelling: 1 }
        )
      })
    ))

  it("replaces the value of an await that has ended but not reached the task", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<number>()
        const task = yield* asyncio.createTask(future)
        yield* asyncio.sleep(0)
        yield* future.setResult(42)

        yield* task.cancel("too late")

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual([error.reason, yield* future], ["too late", 42])
      })
    ))

  it("hides a failure that had ended the await, and counts it as seen", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<number, string>()
        const task = yield* asyncio.createTask(future)
        yield* asyncio.sleep(0)
        yield* future.setException("broken")

        yield* task.cancel()

        yield* Effect.ignore(task)
        assert.deepStrictEqual(
          { taskCancelled: task.cancelled(), futureExceptionRetrieved: lowlevel.exceptionRetrieved(future) },
          { taskCancelled: true, futureExceptionRetrieved: true }
        )
      })
    ))

  // test_cancel_yield
  it("ends a task that waits for its next step", () =>
    run(
      Effect.gen(function* () {
        let iterations = 0
        const count = Effect.andThen(
          asyncio.sleep(0),
          Effect.sync(() => iterations++)
        )
        const task = yield* asyncio.createTask(Effect.andThen(count, count))
        yield* asyncio.sleep(0)

        yield* task.cancel()

        yield* Effect.flip(task)
        assert.deepStrictEqual([iterations, task.cancelled()], [0, true])
      })
    ))

  // test_cancel_inner_future
  it("of the awaited future ends the task as cancelled, which was asked for nothing", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<void>()
        const task = yield* asyncio.createTask(future)
        yield* asyncio.sleep(0)

        yield* future.cancel("from below")

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual(
          { reason: error.reason, cancelled: task.cancelled(), cancelling: task.cancelling() },
          { reason: "from below", cancelled: true, cancelling: 0 }
        )
      })
    ))

  // test_cancel_both_task_and_inner_future
  it("of both a task and what it awaits leaves both cancelled", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<void>()
        const task = yield* asyncio.createTask(future)
        yield* asyncio.sleep(0)

        const accepted = { task: yield* task.cancel(), future: yield* future.cancel() }

        yield* Effect.flip(task)
        assert.deepStrictEqual(
          { accepted, taskCancelled: task.cancelled(), futureCancelled: future.cancelled() },
          { accepted: { task: true, future: false }, taskCancelled: true, futureCancelled: true }
        )
      })
    ))

  it("of one waiter cancels what it shares with another, to whom that is somebody else's cancellation", () =>
    run(
      Effect.gen(function* () {
        const shared = yield* asyncio.createTask(asyncio.sleep("1 hour"))
        const first = yield* asyncio.createTask(shared)
        const second = yield* asyncio.createTask(
          Effect.catchTag(shared, "CancelledError", () => Effect.succeed("caught"))
        )
        yield* asyncio.sleep(0)

        yield* first.cancel("from the first")

        const seen = yield* second
        yield* Effect.flip(first)
        assert.deepStrictEqual(
          { seen, secondCancelling: second.cancelling(), firstCancelled: first.cancelled() },
          { seen: "caught", secondCancelling: 0, firstCancelled: true }
        )
      })
    ))
})
