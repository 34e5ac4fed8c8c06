import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { collectReports, run } from "../support.ts"

/** Runs `main` to the end of its loop and gives what that reported. */
const reportsOf = async (main: Effect.Effect<unknown>): Promise<ReadonlyArray<asyncio.ExceptionContext>> => {
  const loop = makeVirtualTimeLoop()
  const reports = collectReports(loop)
  await run(main, { loopFactory: () => loop, debug: true })
  return reports
}

const failing = Effect.fn("failing")(function* () {
  yield* asyncio.sleep(0)
  return yield* Effect.fail(new TypeError("broken"))
})

/** Has a task fail, then hands it to `look`. */
const lookAtFailed = (look: (task: asyncio.Task<never, TypeError>) => Effect.Effect<unknown>) =>
  Effect.gen(function* () {
    const task = yield* asyncio.createTask(failing())
    yield* asyncio.sleep(1)
    assert.isTrue(task.done())
    yield* look(task)
  })

describe("CPython test_tasks", () => {
  describe("a failed task", () => {
    it("is not reported once somebody has tried to cancel it (test_tb_logger_not_called_after_cancel)", async () => {
      const accepted: Array<boolean> = []
      const untouched = await reportsOf(lookAtFailed(() => Effect.void))
      const cancelled = await reportsOf(
        lookAtFailed((task) => Effect.map(task.cancel(), (each) => accepted.push(each)))
      )

      assert.deepStrictEqual(
        untouched.map(({ message }) => message),
        ["Task exception was never retrieved"]
      )
      assert.deepStrictEqual([accepted, cancelled], [[false], []])
    })

    it("is reported with the place where its coroutine was made (test_task_source_traceback)", async () => {
      const line = lineAfter(new Error())
      const made = Effect.suspend(() => asyncio.createTask(failing()))

      const reports = await reportsOf(Effect.andThen(made, asyncio.sleep(1)))

      assert.deepStrictEqual(
        reports.map(({ createdAt }) => createdAt?.replace(/^.*\//, "")),
        [`test_tasks2-reports.test.ts:${line}`]
      )
    })

    it("has an error with the stack of the place where it was raised (test_exception_traceback)", () =>
      run(
        Effect.gen(function* () {
          const raising = Effect.fn("raising")(function* () {
            return yield* raise()
          })
          const task = yield* asyncio.createTask(raising())

          yield* asyncio.sleep(0)

          const error = yield* task.exception()
          assert.isTrue(task.done() && error instanceof Error)
          assert.match((error as Error).stack ?? "", /^Error: here\n\s+at raise .*test_tasks2-reports\.test\.ts/)
        })
      ))
  })
})

const raise = (): Effect.Effect<never, Error> => Effect.fail(new Error("here"))

/** The line below the one where `error` was made. */
const lineAfter = (error: Error): number => Number(/:(\d+):\d+\)?$/m.exec(error.stack ?? "")?.[1]) + 1
