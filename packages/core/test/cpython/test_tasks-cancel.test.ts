import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

/** Whether a task is done, is cancelled, and takes another request. */
const endOf = (task: asyncio.Task<unknown, unknown>) => ({
  done: task.done(),
  cancelled: task.cancelled(),
  accepts: task.cancelUnsafe()
})

const asCancelled = { done: true, cancelled: true, accepts: false }

const waitsFor = (task: asyncio.Task<unknown, unknown>) => task.snapshot().waitingFor

describe("CPython test_tasks", () => {
  it("ends a sleep that begins before the request arrives (test_cancel)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const task = yield* asyncio.createTask(asyncio.sleep("10 seconds", 12))
        yield* loop.callSoon(() => task.cancelUnsafe())

        const error = yield* Effect.flip(task)

        assert.instanceOf(error, asyncio.CancelledError)
        assert.deepStrictEqual([endOf(task), loop.time()], [asCancelled, 0])
      })
    ))

  it("ends a task that stands between two steps (test_cancel_yield)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* asyncio.sleep(0)
            lines.push("first")
            yield* asyncio.sleep(0)
            lines.push("second")
            return 12
          })
        )
        yield* asyncio.sleep(0)
        yield* asyncio.sleep(0)

        yield* task.cancel()

        yield* Effect.flip(task)
        assert.deepStrictEqual([endOf(task), lines], [asCancelled, ["first"]])
      })
    ))

  it("of the future that a task awaits cancels the task (test_cancel_inner_future)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<void>()
        const task = yield* asyncio.createTask(Effect.as(future, 12))
        yield* asyncio.sleep(0)

        yield* future.cancel()

        yield* Effect.flip(task)
        assert.deepStrictEqual(
          { futureCancelled: future.cancelled(), taskCancelled: task.cancelled(), taskCancelling: task.cancelling() },
          { futureCancelled: true, taskCancelled: true, taskCancelling: 0 }
        )
      })
    ))

  it("of both a task and its future leaves both cancelled (test_cancel_both_task_and_inner_future)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<void>()
        const task = yield* asyncio.createTask(Effect.as(future, 12))
        yield* asyncio.sleep(0)

        yield* future.cancel("inner")
        yield* task.cancel("outer")

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual(
          { taskDone: task.done(), futureCancelled: future.cancelled(), taskCancelled: task.cancelled() },
          { taskDone: true, futureCancelled: true, taskCancelled: true }
        )
        assert.strictEqual(error.reason, "inner")
      })
    ))

  it("cancels the awaited future inside the call, and lets the task answer with a result (test_cancel_task_catching)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const first = yield* loop.createFuture<void>()
        const second = yield* loop.createFuture<number>()
        const task = yield* asyncio.createTask(
          Effect.andThen(
            first,
            asyncio.catchCancelled(second, () => Effect.succeed(42))
          )
        )
        yield* asyncio.sleep(0)
        const waits = [waitsFor(task) === String(first)]
        yield* first.setResult()
        yield* asyncio.sleep(0)
        waits.push(waitsFor(task) === String(second))

        yield* task.cancel()

        const cancelledAtOnce = second.cancelled()
        assert.deepStrictEqual([waits, cancelledAtOnce], [[true, true], true])
        assert.deepStrictEqual([yield* task, task.cancelled()], [42, false])
      })
    ))

  it("does not touch what a task awaits after it swallowed the request (test_cancel_task_ignoring)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const [first, second, third] = [1, 2, 3].map(() => loop.createFutureUnsafe<number>())
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* first!
            yield* asyncio.catchCancelled(second!, () => Effect.void)
            return yield* third!
          })
        )
        yield* asyncio.sleep(0)
        yield* first!.setResult(1)
        yield* asyncio.sleep(0)

        yield* task.cancel()

        yield* asyncio.sleep(0)
        assert.deepStrictEqual(
          { secondCancelled: second!.cancelled(), waitsForThird: waitsFor(task) === String(third) },
          { secondCancelled: true, waitsForThird: true }
        )
        yield* third!.setResult(42)
        assert.deepStrictEqual(
          { result: yield* task, thirdCancelled: third!.cancelled(), taskCancelled: task.cancelled() },
          { result: 42, thirdCancelled: false, taskCancelled: false }
        )
      })
    ))

  it("reaches a task that cancels itself at its next await (test_cancel_current_task)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const lines: Array<string> = []
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            const self = yield* asyncio.currentTask
            yield* self.cancel()
            lines.push("goes on")
            yield* asyncio.sleep("100 seconds")
            lines.push("not reached")
            return 12
          })
        )

        yield* Effect.flip(task)

        assert.deepStrictEqual([endOf(task), lines, loop.time()], [asCancelled, ["goes on"], 0])
      })
    ))

  it("ends a task that cancels itself and then returns without an await as cancelled (test_cancel_at_end)", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* (yield* asyncio.currentTask).cancel("at the end")
            return 12
          })
        )

        const error = yield* Effect.flip(task)

        assert.deepStrictEqual([endOf(task), error.reason], [asCancelled, "at the end"])
      })
    ))

  it("by a task of itself cancels the child it awaits next, and what that waits for (test_cancel_awaited_task)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<void>()
        const child = yield* asyncio.createTask(future)
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* (yield* asyncio.currentTask).cancel()
            yield* child
          })
        )

        yield* Effect.flip(task)

        assert.deepStrictEqual(
          [task, child, future].map((each) => each.cancelled()),
          [true, true, true]
        )
      })
    ))

  it("leaves the task without anything to wait for (test_task_cancel_waiter_future)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<void>()
        const task = yield* asyncio.createTask(future)
        yield* asyncio.sleep(0)
        const before = waitsFor(task)

        yield* task.cancel()

        yield* Effect.flip(task)
        assert.deepStrictEqual([before, waitsFor(task)], ["<Future pending cb=[Task.task_wakeup()]>", undefined])
        assert.strictEqual(String(future), "<Future cancelled>")
      })
    ))

  it("gives way to a defect that the task answers it with (test_baseexception_during_cancel)", () =>
    run(
      Effect.gen(function* () {
        const defect = new Error("exit")
        const task = yield* asyncio.createTask(
          asyncio.catchCancelled(asyncio.sleep("10 seconds"), () => Effect.die(defect))
        )
        yield* asyncio.sleep(0)
        yield* task.cancel()
        const before = task.done()

        yield* asyncio.sleep(0)

        assert.deepStrictEqual(
          { before, done: task.done(), cancelled: task.cancelled() },
          { before: false, done: true, cancelled: false }
        )
        assert.strictEqual(yield* task.exception(), defect)
      })
    ))

  it("passes through inner coroutines, of which the outer one may swallow it (test_yield_future_passes_cancel)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const lines: Array<string> = []
        const future = yield* loop.createFuture<void>()
        const inner = Effect.onInterrupt(
          Effect.map(future, () => void lines.push("inner finished")),
          () => Effect.sync(() => lines.push("inner cancelled"))
        )
        const outer = asyncio.catchCancelled(
          Effect.map(inner, () => void lines.push("outer finished")),
          () => Effect.sync(() => lines.push("outer cancelled"))
        )
        const task = yield* asyncio.ensureFuture(outer)
        yield* asyncio.sleep(0)

        yield* task.cancel()

        yield* task
        assert.deepStrictEqual(lines, ["inner cancelled", "outer cancelled"])
        assert.deepStrictEqual(
          { futureCancelled: future.cancelled(), taskCancelled: task.cancelled() },
          { futureCancelled: true, taskCancelled: false }
        )
      })
    ))
})
