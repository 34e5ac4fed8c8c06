import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { run } from "../support.ts"

/** A task of a loop that is not running. */
const taskOf = <A, E>(loop: asyncio.EventLoop, body: Effect.Effect<A, E>) =>
  Effect.runSync(Effect.provideService(asyncio.createTask(body), asyncio.RunningLoop, loop))

const plain = () => Effect.succeed("test")

describe("CPython test_tasks", () => {
  it("makes a task that is done with its coroutine's result, on the loop it was made on (test_task_class)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const task = yield* asyncio.createTask(Effect.succeed("ok"))

        yield* task

        assert.deepStrictEqual(
          { done: task.done(), result: yield* task.result(), sameLoop: task.loop === loop },
          { done: true, result: "ok", sameLoop: true }
        )
      })
    ))

  it("composes nested awaits (test_task_basics)", () =>
    run(
      Effect.gen(function* () {
        const inner1 = Effect.fn("inner1")(function* () {
          yield* asyncio.sleep(0)
          return 42
        })
        const inner2 = Effect.fn("inner2")(function* () {
          yield* asyncio.sleep(0)
          return 1000
        })
        const outer = Effect.fn("outer")(function* () {
          return (yield* inner1()) + (yield* inner2())
        })

        const sum = yield* yield* asyncio.createTask(outer())

        assert.strictEqual(sum, 1042)
      })
    ))

  it("raises a RuntimeError inside a task that awaits itself (test_task_awaits_on_itself)", () =>
    run(
      Effect.gen(function* () {
        const selfish = Effect.fn("selfish")(function* () {
          return yield* Effect.catchDefect(yield* asyncio.currentTask, (defect) => Effect.succeed(defect))
        })
        const task = yield* asyncio.createTask(selfish(), { name: "narcissus" })

        const defect = yield* task

        assert.instanceOf(defect, asyncio.RuntimeError)
        assert.match(
          String(defect),
          /^RuntimeError: Task cannot await on itself: <Task pending name='narcissus' coro=</
        )
      })
    ))

  it("raises a RuntimeError inside a task that awaits the future of another loop (test_other_loop_future)", () =>
    run(
      Effect.gen(function* () {
        const foreign = asyncio.newEventLoop().createFutureUnsafe<void>()
        const task = yield* asyncio.createTask(foreign, { name: "stray" })

        yield* Effect.exit(task)

        const error = yield* task.exception()
        assert.instanceOf(error, asyncio.RuntimeError)
        assert.match(
          String(error),
          /^RuntimeError: Task <Task pending name='stray' .*> got Future <Future pending> attached to a different loop$/
        )
        assert.isFalse(foreign.done())
      })
    ))

  it("refuses to have the task's outcome set, and leaves it unharmed (test_task_set_methods)", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(asyncio.sleep(0, "value"))

        const defects = [
          yield* Effect.catchDefect(task.setResult("forced"), Effect.succeed),
          yield* Effect.catchDefect(task.setException(undefined as never), Effect.succeed)
        ]

        assert.deepStrictEqual(defects.map(String), [
          "RuntimeError: Task does not support set_result operation",
          "RuntimeError: Task does not support set_exception operation"
        ])
        assert.deepStrictEqual([task.done(), yield* task], [false, "value"])
      })
    ))

  it("waits as one of the future's callbacks and receives the very object it is set to (test_step_result_future)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const value = {}
        let received: unknown
        const future = yield* loop.createFuture<object>()
        const task = yield* asyncio.createTask(Effect.map(future, (result) => void (received = result)))
        yield* asyncio.sleep(0)
        const waiting = String(future)

        yield* future.setResult(value)

        yield* asyncio.sleep(0)
        assert.strictEqual(waiting, "<Future pending cb=[Task.task_wakeup()]>")
        assert.strictEqual(received, value)
        assert.deepStrictEqual([task.done(), yield* task.result()], [true, undefined])
      })
    ))

  it("runs the coroutine that a plain function returns (test_coroutine_non_gen_function)", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(plain())

        assert.strictEqual(yield* task, "test")
      })
    ))

  it("completes with a future that the coroutine returns, without awaiting it (test_coroutine_non_gen_function_return_future)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<string>()
        const task = yield* asyncio.createTask(Effect.succeed(future))

        const returned = yield* task

        assert.deepStrictEqual(
          { returnedIsFuture: returned === future, done: returned.done() },
          { returnedIsFuture: true, done: false }
        )
      })
    ))

  it("knows the current task inside of it only (test_current_task)", async () => {
    const loop = makeVirtualTimeLoop()
    let inside: object | undefined
    const task = taskOf(
      loop,
      Effect.gen(function* () {
        inside = { inTask: (yield* asyncio.currentTask) === task, ofLoop: loop.currentTaskUnsafe() === task }
      })
    )
    const before = loop.currentTaskUnsafe()

    await loop.runUntilComplete(task)

    assert.deepStrictEqual(inside, { inTask: true, ofLoop: true })
    assert.deepStrictEqual({ before, after: loop.currentTaskUnsafe() }, { before: undefined, after: undefined })
  })

  it("is the current task to itself while tasks hand control back and forth (test_current_task_with_interleaving_tasks)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const lines: Array<string> = []
        const note = Effect.map(asyncio.currentTask, (task) => void lines.push(task.getName()))
        const [forth, back] = [yield* loop.createFuture<void>(), yield* loop.createFuture<void>()]
        const one = yield* asyncio.createTask(Effect.all([note, forth, note, back.setResult(), note]), { name: "one" })
        const two = yield* asyncio.createTask(Effect.all([note, forth.setResult(), note, back, note]), { name: "two" })

        yield* asyncio.wait([one, two])

        assert.deepStrictEqual(lines, ["one", "two", "two", "one", "one", "two"])
      })
    ))

  it("lets a run be stopped, which leaves the task to a later run (test_stop_while_run_in_complete)", async () => {
    const runner = new asyncio.Runner({ loopFactory: makeVirtualTimeLoop, handleSigint: false })
    const loop = runner.getLoop()
    const times: Array<number> = []
    let task!: asyncio.Task<unknown, unknown>
    const main = Effect.gen(function* () {
      task = yield* asyncio.currentTask
      for (;;) {
        yield* asyncio.sleep(100)
        times.push(loop.time())
        if (times.length === 2) loop.stopUnsafe()
      }
    })

    const stopped = await runner.run(main).then(() => "completed", String)

    assert.strictEqual(stopped, "RuntimeError: Event loop stopped before Future completed.")
    assert.deepStrictEqual(
      { done: task.done(), running: loop.isRunning(), times },
      { done: false, running: false, times: [100, 200] }
    )
    await runner.run(asyncio.sleep(150))
    task.cancelUnsafe()
    await runner.run(Effect.ignore(task))
    await runner.close()
    assert.deepStrictEqual(
      { cancelled: task.cancelled(), times, time: loop.time() },
      { cancelled: true, times: [100, 200, 300], time: 350 }
    )
  })
})
