import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect, Exit } from "effect"
import { collectReports, run } from "../support.ts"

/** The defect of an effect, as text. */
const defectOf = (effect: Effect.Effect<unknown, unknown>): Effect.Effect<string, unknown> =>
  Effect.map(Effect.catchDefect(effect, Effect.succeed), String)

describe("CPython test_tasks", () => {
  describe("a collection of awaitables", () => {
    it("cannot be a single future or coroutine for asCompleted (test_as_completed_invalid_args)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const single = [loop.createFutureUnsafe<void>(), yield* asyncio.createTask(Effect.void), Effect.void, 1, null]

          const defects = yield* Effect.forEach(single, (each) => defectOf(asyncio.asCompleted(each as never)))

          assert.deepStrictEqual(
            defects,
            ["Future", "Task", "coroutine", "number", "null"].map(
              (kind) => `TypeError: expects an iterable of awaitables, not ${kind}`
            )
          )
        })
      ))

    it("cannot be a single future or coroutine, or empty, for wait (test_wait_invalid_args)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const single = [loop.createFutureUnsafe<void>(), yield* asyncio.createTask(Effect.void), Effect.void]

          const defects = yield* Effect.forEach([...single, []], (each) => defectOf(asyncio.wait(each as never)))

          assert.deepStrictEqual(defects, [
            "TypeError: expect a list of futures, not Future",
            "TypeError: expect a list of futures, not Task",
            "TypeError: expect a list of futures, not coroutine",
            "ValueError: Set of Tasks/Futures is empty."
          ])
        })
      ))

    it("has nobody told when one of its members was no awaitable (test_issue46672)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const reports = collectReports(loop)
          const ran: Array<string> = []
          const first = Effect.sync(() => void ran.push("first"))

          const defect = yield* defectOf(asyncio.gatherFuture([first, { a: 1 }]))

          yield* asyncio.sleep(0)
          yield* asyncio.sleep(0)
          assert.strictEqual(defect, "TypeError: An asyncio.Future, a coroutine or an awaitable is required")
          assert.deepStrictEqual([ran, reports], [["first"], []])
        })
      ))
  })

  describe("createTask", () => {
    it("refuses what is no coroutine, every time (test_create_task_with_noncoroutine)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const create = defectOf(asyncio.createTask(123 as unknown as Effect.Effect<void>))

          const defects = [yield* create, yield* create]

          assert.deepStrictEqual(defects, Array(2).fill("TypeError: a coroutine was expected, got 123"))
          assert.lengthOf(loop.allTasksUnsafe(), 1)
        })
      ))

    it("takes what an Effect.fn returns, every time (test_create_task_with_async_function)", () =>
      run(
        Effect.gen(function* () {
          const coroutine = Effect.fn("coroutine")(function* () {
            return yield* asyncio.sleep(0, "result")
          })

          const tasks = [yield* asyncio.createTask(coroutine()), yield* asyncio.createTask(coroutine())]

          assert.notStrictEqual(tasks[0], tasks[1])
          assert.deepStrictEqual(yield* Effect.all(tasks), ["result", "result"])
        })
      ))

    it("has a sibling for whatever else behaves as a coroutine (test_create_task_with_asynclike_function)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const coroutine: lowlevel.Coroutine<number, never> = {
            begin: (control) => control.nextIteration(() => control.end(Exit.succeed(42))),
            cancelRequested: () => {},
            describe: () => ({ name: "asynclike", definedAt: undefined, calledAt: undefined })
          }

          const task = lowlevel.createCoroutineTaskUnsafe(loop, coroutine)

          assert.deepStrictEqual(
            { isTask: asyncio.isTask(task), done: task.done(), result: yield* task },
            { isTask: true, done: false, result: 42 }
          )
        })
      ))

    it("makes a task of the running loop (test_bare_create_task)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop

          const task = yield* asyncio.createTask(asyncio.currentTask)

          assert.deepStrictEqual(
            { isTask: asyncio.isTask(task), sameLoop: task.loop === loop },
            { isTask: true, sameLoop: true }
          )
          assert.strictEqual(yield* task, task)
        })
      ))

    it("gives the task its name (test_bare_create_named_task)", () =>
      run(
        Effect.gen(function* () {
          const task = yield* asyncio.createTask(Effect.void, { name: "No." })

          assert.strictEqual(task.getName(), "No.")
        })
      ))

    it("with an eager start returns a task that has run (test_eager_start_true)", () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const body = Effect.sync(() => {
            lines.push("body")
            return "test"
          })

          const task = yield* asyncio.createTask(body, { eagerStart: true, name: "example" })

          lines.push(`done: ${task.done()}`)
          assert.deepStrictEqual([...lines, task.getName(), yield* task], ["body", "done: true", "example", "test"])
        })
      ))

    it("without one returns a task that has not, also where tasks start eagerly (test_eager_start_false)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          yield* loop.setTaskFactory(asyncio.eagerTaskFactory)
          const lines: Array<string> = []
          const body = Effect.sync(() => void lines.push("body"))

          const task = yield* asyncio.createTask(body, { eagerStart: false })

          lines.push(`done: ${task.done()}`)
          yield* task
          assert.deepStrictEqual([...lines, `done: ${task.done()}`], ["done: false", "body", "done: true"])
        })
      ))

    it("fails and leaves no task behind where the first step cannot be scheduled (test_error_in_call_soon)", async () => {
      const loop = makeVirtualTimeLoop()
      const reports = collectReports(loop)
      loop.closeUnsafe()
      const onClosedLoop = Effect.provideService(asyncio.createTask(Effect.void), asyncio.RunningLoop, loop)

      const defects = [
        Effect.runSync(Effect.catchDefect(onClosedLoop, Effect.succeed)),
        yieldsError(() => loop.callSoonUnsafe(() => {})),
        yieldsError(() =>
          lowlevel.createCoroutineTaskUnsafe(loop, {
            begin: () => {},
            cancelRequested: () => {},
            describe: () => ({ name: "never", definedAt: undefined, calledAt: undefined })
          })
        )
      ]

      assert.deepStrictEqual(defects.map(String), Array(3).fill("RuntimeError: Event loop is closed"))
      assert.deepStrictEqual([loop.allTasksUnsafe(), reports], [[], []])
    })
  })

  describe("sleep", () => {
    it("of nothing lets what is queued run first, then gives its result (SleepTests.test_sleep_zero)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const lines: Array<string> = []
          yield* loop.callSoon(() => lines.push("callback"))

          const result = yield* asyncio.sleep(0, 10)

          lines.push("slept")
          assert.deepStrictEqual([...lines, result, loop.time()], ["callback", "slept", 10, 0])
        })
      ))
  })
})

const yieldsError = (f: () => unknown): unknown => {
  try {
    return f()
  } catch (error) {
    return error
  }
}
