import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Cause, Clock, Context, Deferred, Effect } from "effect"
import { collectReports, macrotask, run } from "../support.ts"

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => assert.fail(`resolved with ${String(value)}`),
    (error: unknown) => error
  )

describe("run", () => {
  // test_asyncio_run_return
  it("resolves with the result and closes its loop", async () => {
    const loop = makeVirtualTimeLoop()

    const result = await run(asyncio.sleep("1 second", 42), { loopFactory: () => loop })

    assert.deepStrictEqual(
      { result, running: loop.isRunning(), closed: loop.isClosed() },
      { result: 42, running: false, closed: true }
    )
  })

  // test_asyncio_run_raises
  it("rejects with the very error, defect or cancellation", async () => {
    const error = new Error("broken")
    const selfCancel = Effect.andThen(
      Effect.flatMap(asyncio.currentTask, (task) => task.cancel("stop")),
      asyncio.sleep(1)
    )

    const seen = [
      await rejection(run(Effect.fail(error))),
      await rejection(run(Effect.die(error))),
      await rejection(run(selfCancel))
    ]

    assert.strictEqual(seen[0], error)
    assert.strictEqual(seen[1], error)
    assert.deepStrictEqual([seen[2] instanceof asyncio.CancelledError, String(seen[2])], [true, "CancelledError: stop"])
  })

  // test_asyncio_run_only_coro
  it("rejects what is not an Effect, and closes the loop", async () => {
    const loop = makeVirtualTimeLoop()

    const error = await rejection(run(123 as never, { loopFactory: () => loop }))

    const message = "TypeError: An asyncio.Future, a coroutine or an awaitable is required"
    assert.deepStrictEqual([String(error), loop.isClosed()], [message, true])
  })

  // test_asyncio_run_from_running_loop
  it("rejects inside a running loop", async () => {
    const error = await run(Effect.promise(() => rejection(run(Effect.void))))

    assert.strictEqual(String(error), "RuntimeError: asyncio.run() cannot be called from a running event loop")
  })

  it("rejects in a callback of a running loop", async () => {
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      return yield* Effect.callback<unknown>((resume) => {
        loop.callSoonUnsafe(() => void rejection(run(Effect.void)).then((error) => resume(Effect.succeed(error))))
      })
    })

    const refused = "RuntimeError: asyncio.run() cannot be called from a running event loop"
    assert.strictEqual(String(await run(main)), refused)
  })

  it("is possible in a fiber from outside that a step of the loop resumes", async () => {
    const gate = await Effect.runPromise(Deferred.make<void>())
    const outside = Effect.runPromise(
      Effect.andThen(
        Deferred.await(gate),
        Effect.promise(() => run(asyncio.sleep(1, "inner")))
      )
    )

    await run(Deferred.succeed(gate, undefined))

    assert.strictEqual(await outside, "inner")
  })

  it("is refused on a loop that is running, and leaves its run and its tasks alone", async () => {
    const loop = makeVirtualTimeLoop()
    const first = run(asyncio.sleep("1 second", "first"), { loopFactory: () => loop })

    const error = await rejection(run(Effect.succeed("second"), { loopFactory: () => loop, debug: true }))

    assert.strictEqual(String(error), "RuntimeError: This event loop is already running")
    assert.deepStrictEqual(
      { running: loop.isRunning(), debug: loop.getDebug(), tasks: loop.allTasksUnsafe().length },
      { running: true, debug: false, tasks: 1 }
    )
    assert.deepStrictEqual([await first, loop.isClosed()], ["first", true])
  })

  it("is refused on a loop that is closed, before anything of it is changed", async () => {
    const loop = makeVirtualTimeLoop()
    await run(Effect.void, { loopFactory: () => loop })

    const error = await rejection(run(Effect.void, { loopFactory: () => loop, debug: true }))

    assert.deepStrictEqual([String(error), loop.getDebug()], ["RuntimeError: Event loop is closed", false])
  })

  it("can be called from a plain Effect program", async () => {
    const result = await Effect.runPromise(Effect.promise(() => run(asyncio.sleep(1, "done"))))

    assert.strictEqual(result, "done")
  })

  // test_asyncio_run_debug
  it("sets the loop's debug mode, off by default", async () => {
    const debug = Effect.map(asyncio.getRunningLoop, (loop) => loop.getDebug())
    const options = { handleSigint: false }

    const modes = {
      byDefault: await asyncio.run(debug, options),
      asked: await asyncio.run(debug, { ...options, debug: true }),
      askedOnVirtualTime: await run(debug, { debug: true }),
      setInside: await run(Effect.flatMap(asyncio.getRunningLoop, (loop) => Effect.andThen(loop.setDebug(true), debug)))
    }

    assert.deepStrictEqual(modes, { byDefault: false, asked: true, askedOnVirtualTime: true, setInside: true })
  })

  it("gives the main task its name and context", async () => {
    const Level = Context.Reference<number>("test/RunLevel", { defaultValue: () => 0 })
    const main = Effect.all([Effect.map(asyncio.currentTask, (task) => task.getName()), Level])

    const seen = await run(main, { name: "main", context: Context.add(Context.empty(), Level, 7) })

    assert.deepStrictEqual(seen, ["main", 7])
  })

  it("takes its time from the clock it is given", async () => {
    const clock: Clock.Clock = Object.create(Clock.Clock.defaultValue(), {
      monotonicTimeNanosUnsafe: { value: () => 5_000_000n }
    })
    const main = Effect.all([Effect.map(asyncio.getRunningLoop, (loop) => loop.time()), Clock.Clock, asyncio.sleep(0)])

    const [time, seen] = await asyncio.run(main, { clock, handleSigint: false })

    assert.deepStrictEqual([time, seen === clock], [5, true])
  })

  // test_asyncio_run_loop_factory
  it("calls the loop factory once, and its loop is the running one", async () => {
    const loops: Array<asyncio.EventLoop> = []
    const loopFactory = () => {
      const loop = makeVirtualTimeLoop()
      loops.push(loop)
      return loop
    }

    const running = await run(asyncio.getRunningLoop, { loopFactory })

    assert.deepStrictEqual([loops.length, loops[0] === running], [1, true])
  })

  it("keeps two runs at a time apart", async () => {
    const lines: Array<string> = []
    const count = Effect.fn("count")(function* (name: string) {
      const loop = yield* asyncio.getRunningLoop
      for (let n = 0; n < 2; n++) {
        yield* asyncio.sleep("1 second")
        yield* Effect.promise(macrotask)
        lines.push(`${name} ${(yield* asyncio.currentTask).getName()} at ${loop.time()}`)
      }
      return loop
    })

    const loops = await Promise.all([run(count("one")), run(count("two"))])

    assert.notStrictEqual(loops[0], loops[1])
    assert.deepStrictEqual(lines.sort(), [
      "one Task-1 at 1000",
      "one Task-1 at 2000",
      "two Task-1 at 1000",
      "two Task-1 at 2000"
    ])
  })
})

describe("the end of a run", () => {
  // test_asyncio_run_cancels_hanging_tasks
  it("cancels the tasks that are left and waits for their cleanup", async () => {
    const lines: Array<string> = []
    const loop = makeVirtualTimeLoop()
    const cleanup = Effect.andThen(
      asyncio.sleep("5 seconds"),
      Effect.sync(() => lines.push(`clean at ${loop.time()}`))
    )

    await run(
      Effect.gen(function* () {
        yield* asyncio.createTask(Effect.ensuring(asyncio.sleep("1 hour"), cleanup))
        yield* asyncio.createTask(Effect.ensuring(Effect.never, cleanup))
        yield* asyncio.sleep(0)
      }),
      { loopFactory: () => loop }
    )

    assert.deepStrictEqual([...lines, ...loop.allTasksUnsafe()], ["clean at 5000", "clean at 5000"])
  })

  it("lets those go first who were in the queue before it", async () => {
    const lines: Array<string> = []
    const wait = Effect.andThen(
      asyncio.sleep(0),
      Effect.sync(() => lines.push("a second iteration"))
    )

    await run(
      asyncio.createTask(
        Effect.andThen(
          Effect.sync(() => lines.push("a first iteration")),
          wait
        )
      )
    )

    assert.deepStrictEqual(lines, ["a first iteration"])
  })

  // test_asyncio_run_reports_hanging_tasks_errors
  it("reports what the tasks that are left fail with, and still gives the result", async () => {
    const loop = makeVirtualTimeLoop()
    const reports = collectReports(loop)
    const error = new Error("cleanup failed")

    const result = await run(
      Effect.gen(function* () {
        yield* asyncio.createTask(Effect.ensuring(asyncio.sleep("1 hour"), Effect.die(error)), { name: "left" })
        yield* asyncio.createTask(asyncio.catchCancelled(asyncio.sleep("1 hour"), () => Effect.void))
        yield* asyncio.sleep(0)
        return 123
      }),
      { loopFactory: () => loop }
    )

    assert.strictEqual(result, 123)
    assert.lengthOf(reports, 1)
    const report = reports[0]!
    assert.strictEqual(report.message, "unhandled exception during asyncio.run() shutdown")
    assert.strictEqual(report.exception, error)
    assert.match(report.task ?? "", /^<Task finished name='left' .* exception=Error\('cleanup failed'\)>$/)
    assert.isTrue(report.cause !== undefined && Cause.hasDies(report.cause))
  })

  it("happens also when the main task fails", async () => {
    const lines: Array<string> = []
    const left = Effect.onInterrupt(asyncio.sleep("1 hour"), () => Effect.sync(() => lines.push("cancelled")))
    const main = Effect.gen(function* () {
      yield* asyncio.createTask(left)
      yield* asyncio.sleep(0)
      return yield* Effect.fail("broken")
    })

    const error = await rejection(run(main))

    assert.deepStrictEqual([...lines, error], ["cancelled", "broken"])
  })
})
