import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { run } from "../support.ts"

/** A task factory that makes tasks as usual and writes down the names it was given. */
const recording = (names: Array<string | undefined>): asyncio.TaskFactory => {
  return (make, options) => {
    names.push(options?.name)
    return make(options)
  }
}

describe("CPython test_base_events", () => {
  it("refuses a task factory that is no function (test_set_task_factory_invalid)", () => {
    const loop = makeVirtualTimeLoop()

    const attempt = () => loop.setTaskFactoryUnsafe(1 as never)

    assert.throws(attempt, TypeError, "task factory must be a callable or undefined")
    assert.isUndefined(loop.getTaskFactory())
    loop.closeUnsafe()
  })

  it("makes tasks with its task factory until that is taken back (test_set_task_factory)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const names: Array<string | undefined> = []
        const factory = recording(names)
        const before = loop.getTaskFactory()

        yield* loop.setTaskFactory(factory)

        yield* yield* asyncio.createTask(Effect.void)
        assert.deepStrictEqual([before, loop.getTaskFactory() === factory], [undefined, true])
        yield* loop.setTaskFactory(undefined)
        yield* yield* asyncio.createTask(Effect.void)
        assert.deepStrictEqual([loop.getTaskFactory(), names], [undefined, [undefined]])
      })
    ))

  it("makes the task of ensureFuture as it makes every task (test_create_task)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const names: Array<string | undefined> = []
        yield* loop.setTaskFactory(recording(names))

        const task = yield* asyncio.ensureFuture(Effect.succeed("made"))

        assert.deepStrictEqual(
          { isTask: asyncio.isTask(task), result: yield* task, count: names.length },
          { isTask: true, result: "made", count: 1 }
        )
      })
    ))

  it("makes no task when it is closed, and the coroutine never runs (test_create_task_error_closes_coro)", async () => {
    const loop = makeVirtualTimeLoop()
    let ran = false
    loop.closeUnsafe()
    const create = asyncio.createTask(Effect.sync(() => (ran = true)))

    const error = await Effect.runPromise(
      Effect.catchDefect(Effect.provideService(create, asyncio.RunningLoop, loop), Effect.succeed)
    )

    assert.deepStrictEqual([String(error), ran], ["RuntimeError: Event loop is closed", false])
    assert.deepStrictEqual(loop.allTasksUnsafe(), [])
  })

  it("keeps the name that a task is given (test_create_named_task_with_default_factory)", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.void, { name: "test_task" })

        assert.strictEqual(task.getName(), "test_task")
      })
    ))

  it("hands the name to its task factory (test_create_named_task_with_custom_factory)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const names: Array<string | undefined> = []
        yield* loop.setTaskFactory(recording(names))

        const task = yield* asyncio.createTask(Effect.void, { name: "test_task" })

        assert.deepStrictEqual([task.getName(), ...names], ["test_task", "test_task"])
      })
    ))
})
