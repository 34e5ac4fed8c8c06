import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Clock, Context, Effect } from "effect"
import { collectReports } from "../support.ts"

const options = { loopFactory: makeVirtualTimeLoop, handleSigint: false }

const rejection = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    (value) => assert.fail(`resolved with ${String(value)}`),
    (error: unknown) => String(error)
  )

const taskName = Effect.map(asyncio.currentTask, (task) => task.getName())

const time = Effect.map(asyncio.getRunningLoop, (loop) => loop.time())

class Level extends Context.Reference<number>("test/RunnerLevel", { defaultValue: () => 0 }) {}

const level = (value: number) => Context.add(Context.empty(), Level, value)

describe("several runs of a Runner", () => {
  it("share a loop, its time and its count of tasks", async () => {
    await using runner = new asyncio.Runner(options)
    const main = Effect.andThen(asyncio.sleep("1 second"), Effect.all([taskName, time, asyncio.getRunningLoop]))

    const [one, two] = [await runner.run(main), await runner.run(main)]

    assert.deepStrictEqual(
      [one.slice(0, 2), two.slice(0, 2)],
      [
        ["Task-1", 1000],
        ["Task-2", 2000]
      ]
    )
    assert.deepStrictEqual(
      { sameLoop: one[2] === two[2], isLoopOfRunner: one[2] === runner.getLoop() },
      { sameLoop: true, isLoopOfRunner: true }
    )
  })

  it("let a task that is left behind go on, but only while one of them is under way", async () => {
    await using runner = new asyncio.Runner(options)
    const lines: Array<string> = []
    const ticks = Effect.gen(function* () {
      for (let n = 1; n <= 3; n++) {
        yield* asyncio.sleep(100)
        lines.push(`tick ${n} at ${yield* time}`)
      }
    })
    const task = await runner.run(asyncio.createTask(ticks))
    const between = [task.done(), ...lines]

    await runner.run(asyncio.sleep(250))

    assert.deepStrictEqual([between, lines], [[false], ["tick 1 at 100", "tick 2 at 200"]])
    await runner.run(task)
    assert.deepStrictEqual([task.done(), lines.length], [true, 3])
  })

  it("do not care how the one before them ended", async () => {
    await using runner = new asyncio.Runner(options)
    const cancelled = Effect.andThen(
      Effect.flatMap(asyncio.currentTask, (task) => task.cancel()),
      asyncio.sleep(1)
    )

    const results = [
      await rejection(runner.run(Effect.fail("failure"))),
      await rejection(runner.run(Effect.die("defect"))),
      await rejection(runner.run(cancelled)),
      await rejection(runner.run(123 as never)),
      await runner.run(Effect.succeed("success"))
    ]

    const refused = "TypeError: An asyncio.Future, a coroutine or an awaitable is required"
    assert.deepStrictEqual(results, ["failure", "defect", "CancelledError", refused, "success"])
  })

  it("are refused while one is under way, which goes on", async () => {
    await using runner = new asyncio.Runner(options)
    let began = false
    const first = runner.run(asyncio.sleep("1 second", "first"))

    const second = await rejection(runner.run(Effect.sync(() => (began = true))))

    assert.strictEqual(second, "RuntimeError: This event loop is already running")
    assert.deepStrictEqual(
      { result: await first, began, count: runner.getLoop().allTasksUnsafe().length },
      { result: "first", began: false, count: 0 }
    )
  })

  it("have the names and the services that they are given, and otherwise those of the Runner", async () => {
    await using runner = new asyncio.Runner({ ...options, context: level(1) })
    const seen = Effect.all([taskName, Level])

    const results = [
      await runner.run(seen),
      await runner.run(seen, { name: "main", context: level(2) }),
      await runner.run(seen)
    ]

    assert.deepStrictEqual(results, [
      ["Task-1", 1],
      ["main", 2],
      ["Task-2", 1]
    ])
  })

  it("share the context variables of their main tasks, and not those of other tasks", async () => {
    const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
    await using runner = new asyncio.Runner(options)
    await runner.run(user.set("ada"))

    const inTask = Effect.andThen(user.set("grace"), user.get())
    const seen = [await runner.run(Effect.flatten(asyncio.createTask(inTask))), await runner.run(user.get())]

    assert.deepStrictEqual(seen, ["grace", "ada"])
  })
})

describe("the loop of a Runner", () => {
  it("is made at the first use, once", async () => {
    let made = 0
    const loopFactory = () => {
      made++
      return makeVirtualTimeLoop()
    }
    await using runner = new asyncio.Runner({ ...options, loopFactory })
    const counts = [made]

    await runner.run(Effect.void)
    await runner.run(Effect.void)

    runner.getLoop()
    assert.deepStrictEqual([...counts, made], [0, 1])
  })

  it("has the clock and the debug mode it was told", async () => {
    const clock: Clock.Clock = Object.create(Clock.Clock.defaultValue(), {
      monotonicTimeNanosUnsafe: { value: () => 7_000_000n }
    })
    await using runner = new asyncio.Runner({ clock, debug: true, handleSigint: false })

    const seen = await runner.run(Effect.all([time, Clock.Clock]))

    assert.deepStrictEqual(
      { first: seen[0], secondIsClock: seen[1] === clock, debug: runner.getLoop().getDebug() },
      { first: 7, secondIsClock: true, debug: true }
    )
  })

  it("is usable before the first run", async () => {
    await using runner = new asyncio.Runner(options)
    const lines: Array<string> = []
    runner.getLoop().callSoonUnsafe(() => lines.push("callback"))

    await runner.run(Effect.sync(() => lines.push("main")))

    assert.deepStrictEqual(lines, ["callback", "main"])
  })
})

describe("closing a Runner", () => {
  it("cancels and awaits what is left, and reports what fails", async () => {
    const lines: Array<string> = []
    const runner = new asyncio.Runner(options)
    const loop = runner.getLoop()
    const reports = collectReports(loop)
    const error = new Error("cleanup failed")
    const cleanup = Effect.andThen(
      asyncio.sleep("2 seconds"),
      Effect.sync(() => lines.push("clean"))
    )
    await runner.run(
      Effect.gen(function* () {
        yield* asyncio.createTask(Effect.ensuring(asyncio.sleep(Infinity), cleanup))
        yield* asyncio.createTask(Effect.ensuring(asyncio.sleep(Infinity), Effect.die(error)))
        yield* asyncio.sleep(0)
      })
    )

    await runner.close()

    assert.deepStrictEqual(
      { lines, time: loop.time(), closed: loop.isClosed() },
      { lines: ["clean"], time: 2000, closed: true }
    )
    assert.deepStrictEqual(
      reports.map(({ exception, message }) => [message, exception]),
      [["unhandled exception during asyncio.run() shutdown", error]]
    )
  })

  it("is refused while a run is under way, and possible when it is over", async () => {
    const runner = new asyncio.Runner(options)
    const running = runner.run(asyncio.sleep("1 second", "done"))

    const refusal = await rejection(runner.close())

    assert.strictEqual(refusal, "RuntimeError: Cannot close a running event loop")
    assert.strictEqual(await running, "done")
    await runner.close()
    assert.strictEqual(await rejection(runner.run(Effect.void)), "RuntimeError: Runner is closed")
  })

  it("makes no loop for a Runner that was never used", async () => {
    let made = 0
    const loopFactory = () => {
      made++
      return makeVirtualTimeLoop()
    }
    {
      await using runner = new asyncio.Runner({ ...options, loopFactory })
      void runner
    }

    assert.strictEqual(made, 0)
  })

  it("happens at the end of an await using block that throws, too", async () => {
    const loop = makeVirtualTimeLoop()
    const block = async () => {
      await using runner = new asyncio.Runner({ ...options, loopFactory: () => loop })
      await runner.run(Effect.fail("broken"))
    }

    assert.strictEqual(await rejection(block()), "broken")
    assert.isTrue(loop.isClosed())
  })
})
