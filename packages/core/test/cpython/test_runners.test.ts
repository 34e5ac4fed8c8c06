import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { inspect } from "node:util"
import { collectReports, run } from "../support.ts"

const options = { loopFactory: makeVirtualTimeLoop, handleSigint: false }

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => assert.fail(`resolved with ${String(value)}`),
    (error: unknown) => error
  )

const debugMode = Effect.map(asyncio.getRunningLoop, (loop) => loop.getDebug())

const onByFactory = () => asyncio.newEventLoop({ debug: true })

describe("CPython test_runners", () => {
  describe("run", () => {
    it("resolves with the result of the main task and closes its loop (test_asyncio_run_return)", async () => {
      const loop = makeVirtualTimeLoop()

      const result = await run(asyncio.sleep(0, 42), { loopFactory: () => loop })

      assert.deepStrictEqual([result, loop.isClosed()], [42, true])
    })

    it("rejects with the very error of the main task (test_asyncio_run_raises)", async () => {
      const error = new Error("spam")

      const seen = await rejection(run(Effect.andThen(asyncio.sleep(0), Effect.fail(error))))

      assert.strictEqual(seen, error)
    })

    it("refuses what cannot be awaited (test_asyncio_run_only_coro)", async () => {
      const errors = [await rejection(run({} as never)), await rejection(run((() => Effect.void) as never))]

      for (const error of errors) assert.match(String(error), /^TypeError: .* an awaitable is required$/)
    })

    it("sets the debug mode of the loop (test_asyncio_run_debug)", async () => {
      const modes = {
        on: await run(debugMode, { debug: true }),
        off: await run(debugMode, { debug: false }),
        onByFactoryThenOff: await run(debugMode, { debug: false, loopFactory: onByFactory }),
        onByFactory: await run(debugMode, { loopFactory: onByFactory }),
        byDefault: await run(debugMode)
      }

      assert.deepStrictEqual(modes, {
        on: true,
        off: false,
        onByFactoryThenOff: false,
        onByFactory: true,
        byDefault: false
      })
    })

    it("is refused inside a running loop, whose own program goes on (test_asyncio_run_from_running_loop)", async () => {
      let began = false
      const nested = Effect.promise(() => rejection(run(Effect.sync(() => (began = true)))))

      const error = await run(nested)

      assert.match(String(error), /^RuntimeError: .* cannot be called from a running event loop$/)
      assert.isFalse(began)
    })

    it("cancels and awaits the tasks that are left before it resolves (test_asyncio_run_cancels_hanging_tasks)", async () => {
      const lines: Array<string> = []
      const left = Effect.ensuring(
        asyncio.sleep(Infinity),
        Effect.andThen(
          asyncio.sleep(10),
          Effect.sync(() => lines.push("cleaned up"))
        )
      )
      const main = Effect.gen(function* () {
        const task = yield* asyncio.createTask(left)
        yield* asyncio.sleep(0)
        return task
      })

      const task = await run(main)

      assert.deepStrictEqual(
        { done: task.done(), cancelled: task.cancelled(), lines },
        { done: true, cancelled: true, lines: ["cleaned up"] }
      )
    })

    it("reports what a task that is left fails with, and resolves all the same (test_asyncio_run_reports_hanging_tasks_errors)", async () => {
      const loop = makeVirtualTimeLoop()
      const reports = collectReports(loop)
      const error = new RangeError("1/0")
      const left = asyncio.catchCancelled(asyncio.sleep(Infinity), () => Effect.die(error))
      const main = Effect.gen(function* () {
        yield* asyncio.createTask(left, { name: "left" })
        yield* asyncio.sleep(0)
        return 123
      })

      const result = await run(main, { loopFactory: () => loop })

      assert.strictEqual(result, 123)
      assert.deepStrictEqual(
        reports.map((report) => [report.message, report.exception]),
        [["unhandled exception during asyncio.run() shutdown", error]]
      )
      assert.match(reports[0]?.task ?? "", /^<Task finished name='left' .*exception=RangeError\('1\/0'\)>$/)
    })

    it("releases what the tasks that are left hold also when they fail, and rejects with the main task's error (test_asyncio_run_closes_gens_after_hanging_tasks_errors)", async () => {
      const loop = makeVirtualTimeLoop()
      const reports = collectReports(loop)
      const lines: Array<string> = []
      const release = Effect.sync(() => lines.push("released"))
      const held = Effect.scoped(
        Effect.andThen(
          Effect.addFinalizer(() => release),
          asyncio.sleep(Infinity)
        )
      )
      const fancyExit = new Error("fancy exit")
      const main = Effect.gen(function* () {
        yield* asyncio.createTask(asyncio.catchCancelled(held, () => Effect.die(new RangeError("1/0"))))
        yield* asyncio.sleep(0)
        return yield* Effect.fail(fancyExit)
      })

      const error = await rejection(run(main, { loopFactory: () => loop }))

      assert.strictEqual(error, fancyExit)
      assert.deepStrictEqual([...lines, reports.length], ["released", 1])
    })

    it("calls the loop factory once, without arguments, and its loop is the running one (test_asyncio_run_loop_factory)", async () => {
      const calls: Array<ReadonlyArray<unknown>> = []
      const loop = makeVirtualTimeLoop()
      const loopFactory = (...args: ReadonlyArray<unknown>) => {
        calls.push(args)
        return loop
      }

      const running = await run(asyncio.getRunningLoop, { loopFactory })

      assert.deepStrictEqual(calls, [[]])
      assert.strictEqual(running, loop)
    })

    it("never prints the result of the main task (test_no_repr_is_call_on_the_task_result)", async () => {
      const result = { printed: 0, toString: () => String(++result.printed), toJSON: () => ++result.printed }
      Object.defineProperty(result, inspect.custom, { value: () => String(++result.printed) })

      const given = await run(Effect.succeed(result), { debug: true })

      assert.strictEqual(given, result)
      assert.strictEqual(result.printed, 0)
    })
  })

  describe("a Runner", () => {
    it("has debug mode off (test_non_debug)", async () => {
      await using runner = new asyncio.Runner({ ...options, debug: false })

      assert.isFalse(runner.getLoop().getDebug())
    })

    it("has debug mode on (test_debug)", async () => {
      await using runner = new asyncio.Runner({ ...options, debug: true })

      assert.isTrue(runner.getLoop().getDebug())
    })

    it("has the loop that the factory makes (test_custom_factory)", async () => {
      const loop = makeVirtualTimeLoop()

      await using runner = new asyncio.Runner({ ...options, loopFactory: () => loop })

      assert.strictEqual(runner.getLoop(), loop)
    })

    it("runs a program, and is closed with its loop at the end of the block (test_run)", async () => {
      const loop = makeVirtualTimeLoop()
      const seen: Array<unknown> = []
      const runner = new asyncio.Runner({ ...options, loopFactory: () => loop })
      {
        await using block = runner
        seen.push(await block.run(asyncio.sleep(0, "done")), loop.isClosed())
      }

      assert.deepStrictEqual({ seen, closed: loop.isClosed() }, { seen: ["done", false], closed: true })
      assert.throws(() => runner.getLoop(), asyncio.RuntimeError, "Runner is closed")
    })

    it("refuses what cannot be awaited (test_run_non_coro)", async () => {
      await using runner = new asyncio.Runner(options)

      const error = await rejection(runner.run(123 as never))

      assert.match(String(error), /^TypeError: .* an awaitable is required$/)
    })

    it("runs a future that is done (test_run_future)", async () => {
      await using runner = new asyncio.Runner(options)
      const future = runner.getLoop().createFutureUnsafe<string>()
      future.setResultUnsafe("done")

      const result = await runner.run(future)

      assert.strictEqual(result, "done")
    })

    it("runs whatever can be awaited, such as a task of an earlier run (test_run_awaitable)", async () => {
      await using runner = new asyncio.Runner(options)
      const task = await runner.run(asyncio.createTask(asyncio.sleep(10, "done")))

      const result = await runner.run(task)

      assert.strictEqual(result, "done")
    })

    it("can be closed by hand, and then is (test_explicit_close)", async () => {
      const runner = new asyncio.Runner(options)
      const loop = runner.getLoop()

      await runner.close()

      assert.throws(() => runner.getLoop(), asyncio.RuntimeError, "Runner is closed")
      assert.isTrue(loop.isClosed())
    })

    it("does nothing when it is closed a second time (test_double_close)", async () => {
      const runner = new asyncio.Runner(options)
      const loop = runner.getLoop()

      await runner.close()
      await runner.close()

      assert.isTrue(loop.isClosed())
    })

    it("runs nothing after its block (test_second_with_block_raises)", async () => {
      const runner = new asyncio.Runner(options)
      {
        await using block = runner
        await block.run(Effect.void)
      }

      const error = await rejection(runner.run(Effect.void))

      assert.strictEqual(String(error), "RuntimeError: Runner is closed")
    })

    it("keeps the context variables from one run to the next (test_run_keeps_context)", async () => {
      const variable = asyncio.ContextVar.make("var", { defaultValue: -1 })
      const get = variable.get()
      const exchange = (value: number) => Effect.flatMap(get, (old) => Effect.as(variable.set(value), old))
      await using runner = new asyncio.Runner(options)

      const seen = [await runner.run(exchange(1)), await runner.run(exchange(2)), await runner.run(get)]

      assert.deepStrictEqual(seen, [-1, 1, 2])
    })

    it("is refused inside a running loop, its own (test_recursive_run)", async () => {
      await using runner = new asyncio.Runner(options)
      let began = false
      const inner = Effect.sync(() => (began = true))

      const error = await runner.run(Effect.promise(() => rejection(runner.run(inner))))

      assert.strictEqual(String(error), "RuntimeError: Runner.run() cannot be called from a running event loop")
      assert.isFalse(began)
    })
  })
})
