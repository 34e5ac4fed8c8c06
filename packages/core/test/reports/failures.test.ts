import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Cause, Context, Effect, Logger, Option, References } from "effect"
import { collectGarbage } from "../collectGarbage.ts"
import { collectReports, macrotask, run } from "../support.ts"

const fail = Effect.fn("fail")(function* () {
  return yield* Effect.fail(new Error("broken"))
})

/** Runs `main` and gives what its loop reported. */
const reportsOf = async <E>(main: Effect.Effect<unknown, E>): Promise<ReadonlyArray<asyncio.ExceptionContext>> => {
  const loop = makeVirtualTimeLoop()
  const reports = collectReports(loop)
  await run(main, { loopFactory: () => loop })
  return reports
}

const failAsParent = Effect.fn("fail")(function* () {
  yield* asyncio.createTask(Effect.void)
  return yield* Effect.fail(new Error("boom"))
})

describe("a failure that nobody has looked at", () => {
  it("is reported when the loop closes, once, with the task and where it was created", async () => {
    const reports = await reportsOf(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(fail(), { name: "worker" })
        yield* asyncio.sleep(0)
        assert.isFalse(lowlevel.exceptionRetrieved(task))
      })
    )

    assert.lengthOf(reports, 1)
    const report = reports[0]!
    assert.strictEqual(report.message, "Task exception was never retrieved")
    assert.strictEqual(String(report.exception), "Error: broken")
    assert.isTrue(report.cause !== undefined && Option.isSome(Cause.findErrorOption(report.cause)))
    assert.match(
      report.task ?? "",
      /^<Task finished name='worker' coro=<fail\(\) done, defined at .*failures\.test\.ts:\d+> exception=Error\('broken'\)>$/
    )
    assert.match(report.createdAt ?? "", /failures\.test\.ts:\d+$/)
  })

  // test_future_exception_never_retrieved
  it("of a future is reported, too", async () => {
    const reports = await reportsOf(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        loop.createFutureUnsafe<void, string>().setExceptionUnsafe("broken")
      })
    )

    assert.deepStrictEqual(
      reports.map(({ exception, future, message }) => [message, exception, future]),
      [["Future exception was never retrieved", "broken", "<Future finished exception='broken'>"]]
    )
  })

  it("is reported in the order in which the tasks failed", async () => {
    const reports = await reportsOf(
      Effect.gen(function* () {
        for (const n of [1, 2, 3]) yield* asyncio.createTask(Effect.fail(n))
        yield* asyncio.sleep(0)
      })
    )

    assert.deepStrictEqual(
      reports.map(({ exception }) => exception),
      [1, 2, 3]
    )
  })

  for (const [kind, worker] of Object.entries({
    "its task": fail(),
    "its task, the last to make another,": failAsParent()
  })) {
    it(`is reported when ${kind} is collected, while the loop goes on`, async () => {
      const loop = makeVirtualTimeLoop()
      const reports = collectReports(loop)
      const collected = Effect.gen(function* () {
        for (let n = 0; n < 50 && reports.length === 0; n++) {
          yield* Effect.promise(macrotask)
          collectGarbage()
        }
      })

      const during = await run(
        Effect.gen(function* () {
          yield* asyncio.createTask(worker, { name: "worker" })
          yield* asyncio.sleep(0)
          yield* collected
          return reports.length
        }),
        { loopFactory: () => loop }
      )

      assert.deepStrictEqual([during, reports.length], [1, 1])
      assert.match(reports[0]?.task ?? "", /^<Task finished name='worker' coro=<fail\(\) done/)
    })
  }
})

describe("a failure that somebody has looked at", () => {
  // test_tb_logger_exception_retrieved, test_tb_logger_exception_result_retrieved, test_tb_logger_not_called_after_cancel
  const looks: Record<string, (task: asyncio.Task<unknown, unknown>) => Effect.Effect<unknown, unknown>> = {
    "by an await before its end": (task) => task,
    "by an await after its end": (task) => Effect.andThen(asyncio.sleep(0), task),
    "through its result": (task) => Effect.andThen(asyncio.sleep(0), task.result()),
    "through its exception": (task) => Effect.andThen(asyncio.sleep(0), task.exception()),
    "through its exit": (task) =>
      Effect.andThen(
        asyncio.sleep(0),
        Effect.sync(() => task.exitUnsafe())
      ),
    "by a cancel that came too late": (task) => Effect.andThen(asyncio.sleep(0), task.cancel()),
    "in a branch of Effect.all": (task) => Effect.all([task, asyncio.sleep(0)], { concurrency: 2 }),
    "by a boundary": (task) => asyncio.catchCancelled(task, () => Effect.void)
  }
  for (const [how, look] of Object.entries(looks)) {
    it(`is not reported: ${how}`, async () => {
      const reports = await reportsOf(
        Effect.gen(function* () {
          const task = yield* asyncio.createTask(fail())
          yield* Effect.ignore(look(task))
          assert.isTrue(lowlevel.exceptionRetrieved(task))
        })
      )

      assert.deepStrictEqual(reports, [])
    })
  }

  it("is not reported for a main task, whose run rejects with it", async () => {
    const loop = makeVirtualTimeLoop()
    const reports = collectReports(loop)

    await run(fail(), { loopFactory: () => loop }).catch(() => {})

    assert.deepStrictEqual(reports, [])
  })

  it("was a cancellation and needs no report", async () => {
    const reports = await reportsOf(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(asyncio.sleep("1 hour"))
        yield* task.cancel()
        yield* asyncio.sleep(0)
      })
    )

    assert.deepStrictEqual(reports, [])
  })
})

const throwing = (name: string) => () => {
  throw new Error(name)
}

/** Runs `main` on a loop without a handler and gives the entries of the log. */
const logOf = async (main: Effect.Effect<unknown>): Promise<ReadonlyArray<string>> => {
  const entries: Array<string> = []
  const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
    entries.push(`${logLevel}: ${[message].flat().map(String).join(" | ")}`)
  })
  const context = Context.add(Context.empty(), Logger.CurrentLoggers, new Set([logger]))
  await asyncio.run(main, { context, handleSigint: false })
  return entries
}

describe("the exception handler", () => {
  it("by default logs at level Error through the loggers of the program", async () => {
    const entries = await logOf(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        yield* loop.callSoon(throwing("in a callback"))
        yield* asyncio.createTask(Effect.fail("in a task"), { name: "worker" })
        yield* asyncio.sleep(0)
        loop.callExceptionHandlerUnsafe({ message: "only a message" })
      })
    )

    assert.deepStrictEqual(entries, [
      "Error: Exception in callback <anonymous>()\nhint: Catch it in the callback, or make it a task that somebody awaits.\nhandle: <Handle callback()> | Error: in a callback",
      "Error: only a message",
      "Error: Task exception was never retrieved\nhint: Await it, make it in a task group, or look at its `exception()`.\ntask: <Task finished name='worker' coro=<coroutine() done> exception='in a task'>"
    ])
  })

  it("by default reaches the loggers of the run's context also on a loop of the program's own making", async () => {
    const entries: Array<unknown> = []
    const logger = Logger.make(({ message }) => void entries.push(message))
    const forgotten = asyncio.createTask(Effect.fail("in a task"), { name: "worker" })

    await asyncio.run(Effect.andThen(forgotten, asyncio.sleep(0)), {
      context: Context.make(References.CurrentLoggers, new Set([logger])),
      loopFactory: makeVirtualTimeLoop,
      handleSigint: false
    })

    assert.strictEqual(entries.length, 1)
    assert.match(String(entries), /^Task exception was never retrieved\nhint: .*\ntask: <Task finished name='worker'/)
  })

  it("that throws is reported itself by the default one, with what it was told", async () => {
    const entries = await logOf(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        yield* loop.setExceptionHandler(throwing("in the handler"))
        loop.callExceptionHandlerUnsafe({ message: "the first trouble" })
        yield* loop.setExceptionHandler(undefined)
        loop.callExceptionHandlerUnsafe({ message: "another trouble" })
      })
    )

    assert.deepStrictEqual(entries, [
      "Error: Unhandled error in exception handler\nhint: Let the handler not throw. | Error: in the handler",
      "Error: the first trouble",
      "Error: another trouble"
    ])
  })
})
