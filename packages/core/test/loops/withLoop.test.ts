import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Context, Deferred, Effect, Exit, Fiber, Layer, ManagedRuntime, Scope } from "effect"
import { TestClock } from "effect/testing"
import { collectReports, macrotask, run } from "../support.ts"

/** A task that waits until it is cancelled, and then cleans up for an iteration. */
const worker = (lines: Array<string>, name: string) =>
  asyncio.createTask(
    Effect.ensuring(
      asyncio.sleep(Infinity),
      Effect.andThen(
        asyncio.sleep(0),
        Effect.sync(() => lines.push(`${name} cleaned up`))
      )
    ),
    { name }
  )

/** Starts a worker and lets it come to its await. */
const startWorker = (lines: Array<string>, name: string) => Effect.tap(worker(lines, name), asyncio.sleep(0))

const runningLoop = asyncio.getRunningLoop

describe("withLoop", () => {
  it("gives the program's result when the tasks that it leaves behind are cancelled and have cleaned up", async () => {
    const lines: Array<string> = []
    const program = Effect.gen(function* () {
      yield* startWorker(lines, "one")
      yield* startWorker(lines, "two")
      lines.push("leaving")
      return yield* runningLoop
    })

    const loop = await Effect.runPromise(asyncio.withLoop(program))

    assert.deepStrictEqual(lines, ["leaving", "one cleaned up", "two cleaned up"])
    assert.deepStrictEqual(
      { running: loop.isRunning(), closed: loop.isClosed(), count: loop.allTasksUnsafe().length },
      { running: false, closed: true, count: 0 }
    )
  })

  it("does the same when the program fails or is interrupted", async () => {
    const lines: Array<string> = []
    const fails = asyncio.withLoop(Effect.andThen(startWorker(lines, "one"), Effect.fail("broken")))
    const hangs = asyncio.withLoop(Effect.andThen(startWorker(lines, "two"), Effect.never))

    const error = await Effect.runPromise(Effect.flip(fails))
    const fiber = Effect.runFork(hangs)
    for (let n = 0; n < 5; n++) await macrotask()
    await Effect.runPromise(Fiber.interrupt(fiber))

    assert.deepStrictEqual([error, ...lines], ["broken", "one cleaned up", "two cleaned up"])
  })

  it("ends although the program is a task of the loop itself, which goes on without the loop", async () => {
    const lines: Array<string> = []
    let reports: ReadonlyArray<asyncio.ExceptionContext> = []
    const program = Effect.gen(function* () {
      reports = collectReports(yield* runningLoop)
      const self = yield* asyncio.currentTask
      yield* startWorker(lines, "one")
      return self.getName()
    })

    const name = await Effect.runPromise(asyncio.withLoop(program))

    assert.deepStrictEqual([name, ...lines], ["Task-1", "one cleaned up"])
    assert.deepStrictEqual(reports, [])
  })

  it("ends although a fiber that is in no task waits for the program's own, and fails that wait", async () => {
    const lines: Array<string> = []
    const program = Effect.gen(function* () {
      const loop = yield* runningLoop
      const self = yield* asyncio.currentTask
      const wait = Effect.catchDefect(self, (defect) => Effect.sync(() => lines.push(String(defect))))
      Effect.runFork(Effect.provideService(wait, asyncio.RunningLoop, loop))
      yield* asyncio.sleep(0)
      lines.push("leaving")
    })

    const fiber = Effect.runFork(asyncio.withLoop(program))
    for (let n = 0; n < 50 && fiber.pollUnsafe() === undefined; n++) await macrotask()

    assert.deepStrictEqual(
      [fiber.pollUnsafe()?._tag, ...lines],
      ["Success", "leaving", "RuntimeError: Event loop is closed"]
    )
  })

  it("reports what fails at the end, and what nobody looked at", async () => {
    let reports: ReadonlyArray<asyncio.ExceptionContext> = []
    const left = Effect.ensuring(asyncio.sleep(Infinity), Effect.die("at the end"))
    const program = Effect.gen(function* () {
      reports = collectReports(yield* runningLoop)
      yield* asyncio.createTask(Effect.fail("unseen"), { name: "unseen" })
      yield* asyncio.createTask(left, { name: "left" })
      yield* asyncio.sleep(0)
      return "result"
    })

    const result = await Effect.runPromise(asyncio.withLoop(program))

    assert.deepStrictEqual(
      [result, ...reports.map(({ exception, message }) => `${message}: ${String(exception)}`)],
      [
        "result",
        "unhandled exception during asyncio.run() shutdown: at the end",
        "Task exception was never retrieved: unseen"
      ]
    )
  })

  it("finishes the iteration in which the last task is done", async () => {
    const lines: Array<string> = []
    const program = Effect.gen(function* () {
      const loop = yield* runningLoop
      const late = () => void loop.callSoonUnsafe(() => lines.push("the same iteration"))
      // Added while the loop shuts down, so that it is called after what waits for the end of the tasks.
      const addLate = Effect.flatMap(asyncio.currentTask, (task) => task.addDoneCallback(late))
      yield* asyncio.createTask(Effect.ensuring(asyncio.sleep(Infinity), addLate))
      yield* asyncio.sleep(0)
    })

    await Effect.runPromise(asyncio.withLoop(program))

    assert.deepStrictEqual(lines, ["the same iteration"])
  })

  it("can be used on another loop, by a task that awaits tasks of both", () =>
    run(
      Effect.gen(function* () {
        const outer = yield* asyncio.createTask(asyncio.sleep(10, "outer"))
        const self = yield* asyncio.currentTask
        const inside = Effect.gen(function* () {
          const inner = yield* asyncio.createTask(asyncio.sleep(10, "inner"))
          const sameTask = (yield* asyncio.currentTask) === self
          return { result: yield* inner, sameTask, sameLoop: (yield* runningLoop) === self.loop }
        })

        const within = yield* asyncio.withLoop(inside)
        const around = { result: yield* outer, sameTask: (yield* asyncio.currentTask) === self }

        assert.deepStrictEqual(within, { result: "inner", sameTask: false, sameLoop: false })
        assert.deepStrictEqual(around, { result: "outer", sameTask: true })
      })
    ))

  it("on another loop passes the cancellation of the task on to what it awaits", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const inside = Effect.flatten(worker(lines, "inner"))
        const task = yield* asyncio.createTask(asyncio.withLoop(inside))
        yield* asyncio.sleep(0)

        yield* task.cancel()

        yield* Effect.exit(task)
        assert.deepStrictEqual([task.cancelled(), ...lines], [true, "inner cleaned up"])
      })
    ))

  it("can be used by a fiber that was given a task before, and inside itself", async () => {
    const inside = Effect.gen(function* () {
      const task = yield* asyncio.currentTask
      return [task.loop === (yield* runningLoop), yield* yield* asyncio.createTask(asyncio.sleep(0, "awaited"))]
    })
    const program = Effect.gen(function* () {
      yield* asyncio.currentTask
      const inner = asyncio.withLoop(Effect.zip(inside, asyncio.withLoop(inside)))
      return [yield* inner, yield* inside]
    })

    const seen = await Effect.runPromise(program)

    const fine = [true, "awaited"]
    assert.deepStrictEqual(seen, [[fine, fine], fine])
  })

  it("has debug mode off unless it is asked for", async () => {
    const debug = Effect.map(runningLoop, (loop) => loop.getDebug())

    const both = Effect.all([asyncio.withLoop(debug), asyncio.withLoop(debug, { debug: true })])

    const modes = await Effect.runPromise(both)

    assert.deepStrictEqual(modes, [false, true])
  })
})

describe("layer", () => {
  it("gives all programs of a runtime one loop, which ends with the runtime", async () => {
    const lines: Array<string> = []
    const runtime = ManagedRuntime.make(asyncio.layer({ debug: true }))
    const loops = [await runtime.runPromise(runningLoop), await runtime.runPromise(runningLoop)]
    await runtime.runPromise(startWorker(lines, "one"))
    const result = await runtime.runPromise(Effect.flatten(asyncio.createTask(asyncio.sleep(1, "awaited"))))
    lines.push("disposing")

    await runtime.dispose()

    assert.deepStrictEqual([result, ...lines], ["awaited", "disposing", "one cleaned up"])
    assert.deepStrictEqual(
      { sameLoop: loops[0] === loops[1], debug: loops[0]?.getDebug(), closed: loops[0]?.isClosed() },
      { sameLoop: true, debug: true, closed: true }
    )
  })

  it("keeps two runtimes apart", async () => {
    const lines: Array<string> = []
    const runtimes = [ManagedRuntime.make(asyncio.layer()), ManagedRuntime.make(asyncio.layer())] as const
    const loops = await Promise.all(runtimes.map((runtime) => runtime.runPromise(runningLoop)))
    await Promise.all(runtimes.map((runtime, i) => runtime.runPromise(startWorker(lines, `${i}`))))

    await runtimes[0].dispose()

    assert.deepStrictEqual([...lines, loops[1]!.allTasksUnsafe().length], ["0 cleaned up", 1])
    assert.notStrictEqual(loops[0], loops[1])
    await runtimes[1].dispose()
    assert.deepStrictEqual(lines, ["0 cleaned up", "1 cleaned up"])
  })

  it("can be provided beside a program's other services", async () => {
    class Greeting extends Context.Service<Greeting, string>()("test/Greeting") {}
    const services = Layer.merge(asyncio.layer(), Layer.succeed(Greeting, "hello"))
    const lines: Array<string> = []
    const program = Effect.andThen(startWorker(lines, "one"), Effect.flatten(asyncio.createTask(Greeting)))

    const greeting = await Effect.runPromise(Effect.provide(program, services))

    assert.deepStrictEqual([greeting, ...lines], ["hello", "one cleaned up"])
  })

  it("lets a task await another one that a task of another loop provides it to", () =>
    run(
      Effect.gen(function* () {
        const inside = Effect.flatten(asyncio.createTask(asyncio.sleep(1, "awaited")))

        assert.strictEqual(yield* Effect.provide(inside, asyncio.layer()), "awaited")
      })
    ))
})

describe("scopedLoop", () => {
  it("runs until its scope closes", async () => {
    const scope = Scope.makeUnsafe()
    const loop = await Effect.runPromise(Scope.provide(asyncio.scopedLoop(), scope))
    const lines: Array<string> = []
    const provided = Effect.provideService(startWorker(lines, "one"), asyncio.RunningLoop, loop)
    await Effect.runPromise(provided)
    const wasRunning = loop.isRunning()

    await Effect.runPromise(Scope.close(scope, Exit.void))

    assert.deepStrictEqual(
      { wasRunning, isRunning: loop.isRunning(), lines },
      { wasRunning: true, isRunning: false, lines: ["one cleaned up"] }
    )
    assert.throws(() => loop.callSoonUnsafe(() => {}), asyncio.RuntimeError, "Event loop is closed")
  })

  it("cannot be stopped or run by anybody else", async () => {
    const program = Effect.gen(function* () {
      const loop = yield* asyncio.scopedLoop()
      const attempts = [
        () => loop.stopUnsafe(),
        () => loop.closeUnsafe(),
        () => void loop.runUntilComplete(loop.sleepUnsafe(1))
      ]
      for (const attempt of attempts) assert.throws(attempt, asyncio.RuntimeError)
      return loop.isRunning()
    })

    assert.isTrue(await Effect.runPromise(Effect.scoped(program)))
  })

  it.effect("has the clock and the scheduler of the fiber that opens it", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const program = Effect.gen(function* () {
        const loop = yield* runningLoop
        const task = yield* asyncio.createTask(asyncio.sleep("1 hour", "slept"))
        yield* loop.callLater("30 minutes", () => lines.push(`callback at ${loop.time()}`))
        lines.push(`${yield* task} until ${loop.time()}`)
      })
      const fiber = yield* Effect.forkChild(asyncio.withLoop(program))

      yield* TestClock.adjust("30 minutes")
      lines.push("half past")
      yield* TestClock.adjust("30 minutes")

      yield* Fiber.join(fiber)
      assert.deepStrictEqual(lines, ["callback at 1800000", "half past", "slept until 3600000"])
    })
  )

  it.effect("lets cleanup wait on the test's clock at the end", () =>
    Effect.gen(function* () {
      const ended = yield* Deferred.make<string>()
      const cleaning = yield* Deferred.make<void>()
      const cleanup = Effect.andThen(Deferred.succeed(cleaning, undefined), asyncio.sleep("1 minute"))
      const left = Effect.ensuring(asyncio.sleep(Infinity), cleanup)
      const program = Effect.andThen(asyncio.createTask(left), asyncio.sleep(0))
      yield* Effect.forkChild(Effect.andThen(asyncio.withLoop(program), Deferred.succeed(ended, "ended")))
      // How many macrotasks a clock waits for before it moves is the host's affair.
      yield* Deferred.await(cleaning)

      yield* TestClock.adjust("59 seconds")
      const before = yield* Deferred.isDone(ended)
      yield* TestClock.adjust("1 second")

      assert.deepStrictEqual([before, yield* Deferred.await(ended)], [false, "ended"])
    })
  )
})
