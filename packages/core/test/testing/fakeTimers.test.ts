import { assert, afterEach, describe, it, vi } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { mock } from "node:test"

afterEach(() => {
  vi.useRealTimers()
  mock.timers.reset()
})

type ToFake = NonNullable<Parameters<typeof vi.useFakeTimers>[0]>["toFake"]

/** What test runners replace by default, and what is left to the program that says it. */
const fakes: Readonly<Record<string, ToFake>> = {
  "all of them": undefined,
  "all but performance": [
    "setTimeout",
    "clearTimeout",
    "setInterval",
    "clearInterval",
    "setImmediate",
    "clearImmediate",
    "Date"
  ],
  "also queueMicrotask": ["setTimeout", "clearTimeout", "setImmediate", "Date", "performance", "queueMicrotask"],
  "the timers only": ["setTimeout", "clearTimeout"]
}

const fake = (toFake: ToFake) => vi.useFakeTimers(toFake === undefined ? {} : { toFake })

/** Two sleepers, and when they woke on the loop's clock. */
const sleepers = Effect.gen(function* () {
  const loop = yield* asyncio.getRunningLoop
  const began = loop.time()
  const woke = (name: string) => Effect.sync(() => `${name} after ${Math.round(loop.time() - began)}`)
  const first = yield* asyncio.createTask(Effect.andThen(asyncio.sleep(1000), woke("first")))
  yield* asyncio.sleep(300)
  const second = yield* asyncio.createTask(Effect.andThen(asyncio.sleep(200), woke("second")))
  const late = yield* Effect.flip(asyncio.timeout(100, asyncio.sleep("1 hour")))
  return [yield* second, yield* first, late.name]
})

// The host's own, which fake timers replace.
const { setImmediate } = globalThis

const soon = async () => {
  for (let n = 0; n < 5; n++) await new Promise((resolve) => setImmediate(resolve))
}

/** The time of the host, whoever stands in for it. */
const hostTime = performance.now.bind(performance)

describe("a loop under fake timers", () => {
  for (const [name, toFake] of Object.entries(fakes)) {
    it(`keeps the time that they are given, with ${name} replaced`, async () => {
      fake(toFake)
      const result = asyncio.run(sleepers, { handleSigint: false })
      await vi.advanceTimersByTimeAsync(5000)
      vi.useRealTimers()

      assert.deepStrictEqual(await result, ["second after 500", "first after 1000", "TimeoutError"])
    })
  }

  it("does not go on by itself", async () => {
    fake(["setTimeout", "clearTimeout"])
    const lines: Array<string> = []
    const result = asyncio.run(
      Effect.andThen(
        asyncio.sleep(1),
        Effect.sync(() => lines.push("woke"))
      )
    )
    await new Promise((resolve) => setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(0)
    lines.push("asleep")

    await vi.advanceTimersByTimeAsync(1)
    await result

    assert.deepStrictEqual(lines, ["asleep", "woke"])
  })

  it("lets the host go on before fibers that gave way, also when the test moves the time while it works", async () => {
    fake(["setTimeout", "clearTimeout"])
    const lines: Array<string> = []
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      yield* loop.callLater(10, () => lines.push("timer"))
      // The loop is at rest meanwhile, and sets its alarm; then it works.
      yield* Effect.promise(soon)
      yield* asyncio.sleep(0)
      setImmediate(() => lines.push("host"))
      Effect.runForkWith(loop.context)(
        Effect.andThen(
          Effect.yieldNow,
          Effect.sync(() => lines.push("fiber"))
        )
      )
      vi.advanceTimersByTime(10)
      yield* Effect.promise(soon)
    })

    await asyncio.run(main, { handleSigint: false })

    assert.deepStrictEqual([lines[0], lines.toSorted()], ["host", ["fiber", "host", "timer"]])
  })

  it("leaves the timers of the program alone: running them all ends", async () => {
    fake(undefined)
    const result = asyncio.run(asyncio.sleep("1 hour", "slept"), { handleSigint: false })

    await vi.runAllTimersAsync()
    await vi.runAllTimersAsync()

    assert.strictEqual(await result, "slept")
  })

  it("has one of them while something is to be done, and none when it is at rest", async () => {
    fake(undefined)
    const counts: Array<number> = []
    const result = asyncio.run(asyncio.sleep("1 hour", "slept"), { handleSigint: false })
    counts.push(vi.getTimerCount())
    await soon()
    counts.push(vi.getTimerCount())
    await vi.runAllTimersAsync()
    await result
    await soon()
    counts.push(vi.getTimerCount())

    assert.deepStrictEqual(counts, [1, 1, 0])
  })

  it("does its work once, whether the host goes first or the test runs all timers", async () => {
    fake(undefined)
    const lines: Array<string> = []
    const say = (line: string) => Effect.sync(() => lines.push(line))
    const result = asyncio.run(
      Effect.andThen(say("begins"), Effect.andThen(asyncio.sleep(0), Effect.andThen(asyncio.sleep(1), say("ends")))),
      { handleSigint: false }
    )
    vi.runAllTimers()
    await soon()
    lines.push("soon")
    await vi.runAllTimersAsync()
    await result

    assert.deepStrictEqual(lines.toSorted(), ["begins", "ends", "soon"])
  })

  it("goes on from where it was when they come and go while it works", async () => {
    const loop = asyncio.newEventLoop()
    const started = hostTime()
    const real = loop.time()
    fake(undefined)
    const begin = loop.time()
    vi.advanceTimersByTime(10_000)
    vi.setSystemTime(new Date("2040-01-01"))
    const after = loop.time()
    vi.useRealTimers()
    const restored = loop.time()
    // Both are behind by what it took to get here, and by the rounding of a clock.
    const passed = hostTime() - started + 1

    assert.deepStrictEqual(
      {
        beginsAtRealTime: begin - real <= passed,
        took: Math.round(after - begin),
        goesOn: restored >= after,
        backAtRealTime: restored - after <= passed
      },
      { beginsAtRealTime: true, took: 10_000, goesOn: true, backAtRealTime: true }
    )
    loop.closeUnsafe()
  })

  it("wakes a sleeper that slept when the host's own came back", async () => {
    fake(undefined)
    const result = asyncio.run(
      Effect.gen(function* () {
        const sleeper = yield* asyncio.createTask(asyncio.sleep(20, "slept"))
        yield* asyncio.sleep(0)
        yield* Effect.sync(() => void vi.useRealTimers())
        yield* asyncio.sleep(1)
        return yield* sleeper
      }),
      { handleSigint: false }
    )

    assert.strictEqual(await result, "slept")
  })

  it("knows the time of those that have no clock to be read", async () => {
    mock.timers.enable({ apis: ["setTimeout"] })
    const lines: Array<string> = []
    const main = Effect.gen(function* () {
      for (const name of ["first", "second"]) {
        yield* asyncio.sleep(1000)
        lines.push(name)
      }
    })
    const result = asyncio.run(main, { handleSigint: false })
    await soon()
    mock.timers.tick(1000)
    await soon()
    lines.push("ticked")
    mock.timers.tick(1000)
    await result

    assert.deepStrictEqual(lines, ["first", "ticked", "second"])
  })
})
