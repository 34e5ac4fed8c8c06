import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { DeadlockError, makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect, Fiber } from "effect"
import { collectReports, macrotask, run } from "../support.ts"

describe("virtual time", () => {
  it("stands still while anything can run, and then jumps to the next timer", async () => {
    const loop = makeVirtualTimeLoop()
    const main = Effect.gen(function* () {
      const times = [loop.time()]
      for (let n = 0; n < 1000; n++) yield* asyncio.sleep(0)
      times.push(loop.time())
      yield* asyncio.sleep("1 day")
      yield* Effect.sleep("1 minute")
      times.push(loop.time())
      return times
    })

    assert.deepStrictEqual(await run(main, { loopFactory: () => loop }), [0, 0, 86_460_000])
  })

  it("can be moved forward as a long computation does", async () => {
    const loop = makeVirtualTimeLoop()
    const lines: Array<string> = []
    const main = Effect.gen(function* () {
      yield* loop.callLater("2 seconds", () => lines.push("two"))
      yield* loop.callLater("1 second", () => lines.push("one"))

      loop.advanceUnsafe("3 seconds")

      lines.push("advanced")
      yield* asyncio.sleep(0)
      return loop.time()
    })

    assert.deepStrictEqual([await run(main, { loopFactory: () => loop }), ...lines], [3000, "advanced", "one", "two"])
  })

  it("is the time of Effect's clock, its timeouts and its sleeps, which end with their fiber", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const timedOut = yield* Effect.timeoutOption(Effect.sleep("1 hour"), "1 second")
        const clock = yield* Effect.clockWith((clock) =>
          Effect.all([clock.currentTimeMillis, clock.currentTimeNanos, clock.monotonicTimeNanos])
        )

        assert.deepStrictEqual(
          [timedOut._tag, clock, loop.time()],
          ["None", [1000, 1_000_000_000n, 1_000_000_000n], 1000]
        )
      })
    ))
})

/** Runs `main`, which must end in a deadlock, and gives the error. */
const deadlockOf = async (main: Effect.Effect<unknown, unknown>, options?: asyncio.RunOptions) => {
  const error = await run(main, options).then(
    () => assert.fail("the run has ended"),
    (error: unknown) => error
  )
  assert.instanceOf(error, DeadlockError)
  return error
}

/** A deadlock in a line for every task, places left out. */
const linesOf = (error: Error) =>
  error.message.replace(/ (running|done)( at [^)]*:\d+|, defined at [^)]*:\d+)?\)/g, ")").split("\n")

describe("a sleep of Infinity", () => {
  it("is nothing that time could jump to", async () => {
    const error = await deadlockOf(asyncio.sleep(Infinity))

    assert.include(error.message, "Task-1")
  })
})

/** A promise that takes a few of the host's macrotasks. */
const aFewMacrotasks = async () => {
  for (let n = 0; n < 20; n++) await macrotask()
  return "settled"
}

const holdBoth = (first: asyncio.Lock, second: asyncio.Lock) =>
  first.use(Effect.andThen(asyncio.sleep(1), second.use(Effect.void)))

describe("virtual time and promises", () => {
  // The jump to the timer is under way when the promise's reader sets an earlier one.
  it("does not jump past a timer that the reader of a promise sets", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        yield* loop.callLater(100, () => {})
        yield* Effect.promise(() => Promise.resolve())

        yield* asyncio.sleep(50)

        assert.strictEqual(loop.time(), 50)
      })
    ))
})

describe("a deadlock in virtual time", () => {
  it("names a hundred tasks at most", async () => {
    const tasks = Effect.forEach(Array.from({ length: 150 }), () => asyncio.createTask(Effect.never))

    const error = await deadlockOf(Effect.andThen(tasks, Effect.never))

    assert.isAtMost(linesOf(error).length, 102)
    assert.match(linesOf(error).at(-1)!, /^ {2}Task-151 /)
  })

  it("ends the run with an error that names every task that waits, and what for", async () => {
    const worker = Effect.fn("worker")(function* (event: asyncio.Event) {
      yield* event.wait
    })
    const main = Effect.fn("main")(function* () {
      const event = yield* asyncio.Event.make()
      const task = yield* asyncio.createTask(worker(event), { name: "worker" })
      yield* asyncio.createTask(Effect.never, { name: "stuck" })
      yield* task
    })

    const error = await deadlockOf(main())

    assert.strictEqual(error.name, "DeadlockError")
    assert.deepStrictEqual(linesOf(error), [
      "every task waits and no timer is set:",
      "  Task-1 (main()) waits for worker",
      "  worker (worker()) waits for <Future pending cb=[Task.task_wakeup()]>",
      "  stuck (coroutine()) waits for something outside of the loop"
    ])
    assert.deepStrictEqual(
      error.tasks.map((task) => task.getName()),
      ["Task-1", "worker", "stuck"]
    )
  })

  it("is found in two tasks that wait for each other's locks", async () => {
    const main = Effect.gen(function* () {
      const [a, b] = [yield* asyncio.Lock.make(), yield* asyncio.Lock.make()]
      yield* asyncio.gather([holdBoth(a, b), holdBoth(b, a)])
    })

    const error = await deadlockOf(main)

    assert.deepStrictEqual(
      linesOf(error).slice(2),
      ["Task-2", "Task-3"].map((name) => `  ${name} (coroutine()) waits for <Future pending cb=[Task.task_wakeup()]>`)
    )
  })

  it("is found when the last timer has gone", async () => {
    const loop = makeVirtualTimeLoop()
    const main = Effect.gen(function* () {
      const timer = yield* loop.callLater("1 hour", () => {})
      yield* loop.callLater("2 seconds", () => timer.cancelUnsafe())
      yield* Effect.flatten(loop.createFuture<void>())
    })

    await deadlockOf(main, { loopFactory: () => loop })

    assert.strictEqual(loop.time(), 2000)
  })

  it("leaves the tasks to be cancelled, as at the end of every run", async () => {
    const lines: Array<string> = []
    const main = Effect.onInterrupt(Effect.never, () =>
      Effect.andThen(
        asyncio.sleep(10),
        Effect.sync(() => void lines.push("cleaned up"))
      )
    )

    await deadlockOf(main)

    assert.deepStrictEqual(lines, ["cleaned up"])
  })

  it("is no failure of a task that would be reported", async () => {
    const loop = makeVirtualTimeLoop()
    const reports = collectReports(loop)

    await deadlockOf(Effect.never, { loopFactory: () => loop })

    assert.deepStrictEqual(reports, [])
  })

  it("is not suspected while a promise settles, however many rounds of the microtask queue that takes", async () => {
    const main = Effect.promise(async () => {
      for (let n = 0; n < 10_000; n++) await Promise.resolve()
      return "settled"
    })

    assert.strictEqual(await run(main), "settled")
  })

  it("is not suspected while a promise waits for a few macrotasks of the host", async () => {
    assert.strictEqual(await run(Effect.promise(aFewMacrotasks)), "settled")
  })

  it("is not suspected while a task goes from promise to promise", async () => {
    const main = Effect.gen(function* () {
      for (let n = 0; n < 6; n++) yield* Effect.promise(aFewMacrotasks)
      return "alive"
    })

    assert.strictEqual(await run(main), "alive")
  })

  it("is suspected no more when the loop has something to do again", async () => {
    const main = Effect.gen(function* () {
      yield* Effect.promise(() => Promise.resolve())
      // Each jump of the clock takes a macrotask of the host.
      for (let n = 0; n < 200; n++) yield* asyncio.sleep(1)
      return "alive"
    })

    assert.strictEqual(await run(main), "alive")
  })

  it("is not suspected while the branches of a task go from promise to promise", async () => {
    const branch = Effect.forEach([1, 2, 3], () => Effect.promise(aFewMacrotasks))
    const main = Effect.as(Effect.all([branch, branch], { concurrency: "unbounded" }), "alive")

    assert.strictEqual(await run(main), "alive")
  })

  it("is not suspected while a fiber outside of the loop brings something", async () => {
    const loop = makeVirtualTimeLoop()
    const future = loop.createFutureUnsafe<string>()
    const outside = Effect.runFork(
      Effect.andThen(
        Effect.yieldNow,
        Effect.sync(() => future.setResultUnsafe("from outside"))
      )
    )

    const result = await run(future, { loopFactory: () => loop })

    assert.strictEqual(result, "from outside")
    await Effect.runPromise(Fiber.await(outside))
  })

  it("ends the run under way only: the next one on the loop is another", async () => {
    const runner = new asyncio.Runner({ loopFactory: makeVirtualTimeLoop, handleSigint: false })

    const first = await runner.run(Effect.never).catch((error: unknown) => error)
    const second = await runner.run(asyncio.sleep("1 second", "slept"))

    assert.instanceOf(first, DeadlockError)
    assert.strictEqual(second, "slept")
    await runner.close()
  })
})
