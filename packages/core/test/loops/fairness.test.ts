import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { type LoopEvent, makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Deferred, Effect, Fiber, Scheduler, Stream } from "effect"
import { macrotask, run } from "../support.ts"

/** A computation of at least so many operations that never waits, and how far it has come. */
const spinning = (operations: number, step: () => void = () => {}) => {
  let count = 0
  const spin: Effect.Effect<void> = Effect.suspend(() => {
    step()
    return ++count < operations ? spin : Effect.void
  })
  return { spin, count: () => count }
}

const callbackAfter = (count: () => number, lines: Array<unknown>) =>
  Effect.flatMap(asyncio.getRunningLoop, (loop) =>
    loop.callSoon(() => lines.push(`callback after ${Math.round(count() / 100)} hundred`))
  )

describe("a long computation", () => {
  it("gives way in a plain fiber after as many operations as under Effect's own scheduler", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const { count, spin } = spinning(10_000)
        yield* callbackAfter(count, lines)

        yield* Fiber.join(yield* Effect.forkChild(spin, { startImmediately: true }))

        assert.deepStrictEqual(lines, ["callback after 20 hundred"])
      })
    ))

  it("is atomic in a task, up to 131,072 operations", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const [short, long] = [spinning(131_000), spinning(400_000)]
        yield* callbackAfter(short.count, lines)
        yield* short.spin
        yield* callbackAfter(long.count, lines)
        yield* asyncio.sleep(0)

        yield* callbackAfter(long.count, lines)
        yield* long.spin

        assert.deepStrictEqual(lines, [
          "callback after 1310 hundred",
          "callback after 0 hundred",
          "callback after 1311 hundred"
        ])
      })
    ))

  it("gives way as often as the program says, or never", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const [often, never] = [spinning(10_000), spinning(400_000)]

        yield* callbackAfter(often.count, lines)
        yield* Effect.provideService(often.spin, Scheduler.MaxOpsBeforeYield, 32)
        yield* callbackAfter(never.count, lines)
        yield* Effect.provideService(never.spin, Scheduler.PreventSchedulerYield, true)

        yield* asyncio.sleep(0)
        assert.deepStrictEqual(lines, ["callback after 20 hundred", "callback after 4000 hundred"])
      })
    ))

  it("gives way in a task whose operations are dear, after as long as debug mode would report", async () => {
    const loop = makeVirtualTimeLoop()
    const lines: Array<unknown> = []
    const { count, spin } = spinning(10_000, () => loop.advanceUnsafe(1))

    await run(Effect.andThen(callbackAfter(count, lines), spin), { loopFactory: () => loop })

    assert.deepStrictEqual(lines, ["callback after 20 hundred"])
  })

  it("goes on in a step of its task, whose awaits are the task's own", async () => {
    const loop = makeVirtualTimeLoop()
    let current: unknown
    const main = Effect.gen(function* () {
      const { count, spin } = spinning(200_000, () => {
        if (count() === 150_000) current = loop.currentTaskUnsafe()?.getName()
      })
      const worker = yield* asyncio.createTask(
        Effect.andThen(
          spin,
          asyncio.catchCancelled(asyncio.sleep("1 hour", "slept"), (error) => Effect.succeed(error.reason))
        ),
        { name: "worker" }
      )
      yield* asyncio.sleep(10)
      yield* worker.cancel("stop")
      return [current, yield* worker, loop.time()]
    })

    assert.deepStrictEqual(await run(main, { loopFactory: () => loop }), ["worker", "stop", 10])
  })

  it("is one step after the other for who watches the loop", async () => {
    const events: Array<string> = []
    const onEvent = (event: LoopEvent) =>
      void (event.type.startsWith("step") && events.push(`${event.type} ${event.task.getName()}`))

    await run(spinning(140_000).spin, { loopFactory: () => makeVirtualTimeLoop({ onEvent }), name: "main" })

    assert.deepStrictEqual(events, ["stepStarted main", "stepEnded main", "stepStarted main", "stepEnded main"])
  })

  it("lets the host go on, in a task and in its boundaries", async () => {
    const until = (reached: () => boolean): Effect.Effect<void> =>
      Effect.suspend(() => (reached() ? Effect.void : until(reached)))
    const ways: Record<string, (body: Effect.Effect<void>) => Effect.Effect<unknown, unknown>> = {
      task: (body) => body,
      branch: (body) => Effect.all([body, body], { concurrency: 2 }),
      catchCancelled: (body) => asyncio.catchCancelled(body, () => Effect.void),
      timeout: (body) => asyncio.timeout("1 hour", () => body),
      taskGroup: (body) => asyncio.taskGroup(() => body),
      uninterruptible: (body) => Effect.uninterruptible(body)
    }
    for (const way of Object.values(ways)) {
      let reached = false
      setImmediate(() => (reached = true))
      await run(way(until(() => reached)))
    }
  })

  const endless: Record<string, (step: () => void) => Effect.Effect<unknown>> = {
    recursion: (step) => spinning(Infinity, step).spin,
    "a poll": (step) => Effect.repeat(Effect.sync(step), { while: () => true }),
    "a stream": (step) => Stream.runDrain(Stream.forever(Stream.fromEffect(Effect.sync(step)))),
    "a loop": (step) =>
      Effect.gen(function* () {
        while (true) yield* Effect.sync(step)
      })
  }
  for (const [name, body] of Object.entries(endless)) {
    it(`is ended by a time limit, Effect's and ours (${name})`, async () => {
      const loop = makeVirtualTimeLoop()
      const program = body(() => loop.advanceUnsafe(0.1))
      const main = Effect.all([
        Effect.timeoutOption(program, "1 second"),
        Effect.flip(asyncio.timeout("1 second", () => program))
      ])

      const [option, error] = await run(main, { loopFactory: () => loop })

      assert.deepStrictEqual([option._tag, error._tag], ["None", "TimeoutError"])
    })

    it(`is ended by a cancellation (${name})`, async () => {
      const loop = makeVirtualTimeLoop()
      const lines: Array<string> = []
      const program = Effect.onInterrupt(
        body(() => {}),
        () => Effect.sync(() => void lines.push("interrupted"))
      )
      const over = run(
        Effect.flatMap(asyncio.createTask(program, { name: "endless" }), (task) => task),
        { loopFactory: () => loop }
      ).catch(String)
      await macrotask()

      for (const task of loop.allTasksUnsafe()) if (task.getName() === "endless") task.cancelUnsafe("stop")

      assert.strictEqual(await over, "CancelledError: stop")
      assert.deepStrictEqual(lines, ["interrupted"])
    })
  }
})

describe("a fiber that gives way", () => {
  /** A fiber under Effect's own scheduler takes a thousand steps; what it had done each time that a fiber of ours had taken a hundred. */
  const besideServer = (iteration: Effect.Effect<void>) =>
    Effect.gen(function* () {
      let served = 0
      const serve: Effect.Effect<void> = Effect.andThen(
        Effect.yieldNow,
        Effect.suspend(() => (++served < 1_000 ? serve : Effect.void))
      )
      Effect.runFork(serve)
      const lines: Array<boolean> = []
      for (let n = 1; n <= 5; n++) {
        for (let i = 0; i < 100; i++) yield* iteration
        lines.push(served >= n * 100 - 2)
      }
      return lines
    })

  const ways: Record<string, (body: Effect.Effect<ReadonlyArray<boolean>>) => Promise<unknown>> = {
    "in a run": (body) => run(body),
    "in a task": (body) => run(Effect.flatten(asyncio.createTask(body))),
    "in a boundary": (body) => run(asyncio.timeout("1 hour", () => body)),
    "in a fiber of a task": (body) => run(Effect.flatMap(Effect.forkChild(body), Fiber.join)),
    "in a task of a scope": (body) =>
      Effect.runPromise(Effect.provide(Effect.flatten(asyncio.createTask(body)), asyncio.layer()))
  }
  for (const [name, way] of Object.entries(ways)) {
    it(`lets fibers on other schedulers take theirs, as by Effect.runPromise (${name})`, async () => {
      assert.deepStrictEqual(await Effect.runPromise(besideServer(Effect.yieldNow)), [true, true, true, true, true])

      assert.deepStrictEqual(await way(besideServer(Effect.yieldNow)), [true, true, true, true, true])
    })
  }

  it("waits for the host also where others keep the loop busy, and a promise has it go on", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        yield* asyncio.createTask(Effect.forever(asyncio.sleep(0)))
        yield* Effect.promise(() => Promise.resolve())
        setImmediate(() => lines.push("host"))

        yield* Effect.yieldNow

        assert.deepStrictEqual(lines, ["host"])
      })
    ))

  it("waits for the host also behind a long computation that has given way", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        // Longer than 64 times what the task may do in one go.
        yield* Effect.replicateEffect(Effect.void, 1000, { discard: true })
        setImmediate(() => lines.push("host"))

        yield* Effect.yieldNow

        assert.deepStrictEqual(lines, ["host"])
      }).pipe(Effect.provideService(Scheduler.MaxOpsBeforeYield, 4))
    ))

  it("does not slow down tasks that only wait for each other", async () => {
    let hosts = 0
    const count = () => void (hosts++, ticking && setImmediate(count))
    let ticking = true
    setImmediate(count)

    const iterations = 10_000
    const worker = Effect.gen(function* () {
      for (let n = 0; n < iterations; n++) yield* asyncio.sleep(0)
    })

    await run(asyncio.gather([worker, worker]))

    ticking = false
    assert.isBelow(hosts, iterations / 2)
  })
})

describe("promises", () => {
  /** A program that takes down what happens between the steps of a fiber, which `wait` separates. */
  const program = (wait: Effect.Effect<void>) =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const gate = yield* Deferred.make<void>()
      let resolve = () => {}
      const promise = new Promise<void>((r) => void (resolve = r))
      const fork = (name: string, wait: Effect.Effect<unknown>) =>
        Effect.forkChild(
          Effect.andThen(
            wait,
            Effect.sync(() => lines.push(name))
          ),
          { startImmediately: true }
        )
      yield* fork(
        "settled",
        Effect.promise(() => Promise.resolve())
      )
      yield* fork(
        "chain",
        Effect.promise(async () => {
          for (let n = 0; n < 10; n++) await Promise.resolve()
        })
      )
      yield* fork(
        "resolved",
        Effect.promise(() => promise)
      )
      yield* fork(
        "opened",
        Effect.andThen(
          Deferred.await(gate),
          Effect.promise(async () => {})
        )
      )
      lines.push("step 1")
      yield* wait
      lines.push("step 2")
      resolve()
      yield* Deferred.succeed(gate, undefined)
      yield* wait
      lines.push("step 3")
      return lines
    })

  it("settle between two steps of a fiber, as under Effect's own scheduler", async () => {
    const expected = await Effect.runPromise(program(Effect.yieldNow))

    const lines = await run(program(Effect.yieldNow))

    assert.deepStrictEqual(expected, ["step 1", "settled", "chain", "step 2", "resolved", "opened", "step 3"])
    assert.deepStrictEqual(lines, expected)
  })

  it("settle between two steps of a task, too", async () => {
    const inTask = Effect.flatten(asyncio.createTask(program(asyncio.sleep(0))))

    assert.deepStrictEqual(await run(inTask), ["step 1", "settled", "chain", "step 2", "resolved", "opened", "step 3"])
  })

  it("of a task settle while others take steps", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const load = Effect.map(
          Effect.promise(async () => {
            for (let n = 0; n < 10; n++) await Promise.resolve()
          }),
          () => lines.push("loaded")
        )
        yield* asyncio.createTask(load)
        for (const n of [1, 2, 3]) {
          lines.push(`step ${n}`)
          yield* asyncio.sleep(0)
        }

        assert.deepStrictEqual(lines, ["step 1", "step 2", "loaded", "step 3"])
      })
    ))
})
