import { assert, afterEach, describe, it, vi } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, Fiber } from "effect"
import { macrotask, run } from "../support.ts"

afterEach(() => {
  vi.useRealTimers()
})

describe("the host's macrotask", () => {
  it("comes while a task spins on sleep zero", () =>
    run(
      Effect.gen(function* () {
        const host = { reached: false }
        setImmediate(() => (host.reached = true))

        while (!host.reached) yield* asyncio.sleep(0)
      })
    ))

  it("comes while native fibers and callbacks spin", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        let reached = false
        setImmediate(() => (reached = true))
        const again = () => void (reached || loop.callSoonUnsafe(again))
        again()

        const fiber = yield* Effect.forkChild(
          Effect.whileLoop({ while: () => !reached, body: () => Effect.yieldNow, step: () => {} })
        )

        yield* Fiber.join(fiber)
      })
    ))
})

const fakeClock = () =>
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] })

/** Runs `main` while the fake clock goes from timer to timer. */
const drive = async <A>(main: Effect.Effect<A>): Promise<A> => {
  const state = { over: false }
  const result = asyncio.run(main, { handleSigint: false }).finally(() => (state.over = true))
  while (!state.over) {
    for (let n = 0; n < 5; n++) await macrotask()
    if (!state.over) vi.advanceTimersToNextTimer()
  }
  return result
}

describe("the host's clock", () => {
  it("is what a loop of its own tells the time by", () => {
    fakeClock()
    const loop = asyncio.newEventLoop()

    const times = [loop.time(), vi.advanceTimersByTime(1234) && loop.time()]

    assert.deepStrictEqual(times, [performance.now() - 1234, performance.now()])
    loop.closeUnsafe()
  })

  it("wakes a sleeping task, also after more than a host timer can wait", async () => {
    fakeClock()
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      const start = loop.time()
      yield* asyncio.sleep(0.5)
      const short = loop.time() - start
      yield* asyncio.sleep("60 days")
      return [short, loop.time() - start]
    })

    const [short, long] = await drive(main)

    assert.isAtLeast(short!, 0.5)
    assert.isAtLeast(long!, 60 * 86_400_000)
  })

  it("has no timer left when a sleep is cancelled or the run is over", async () => {
    fakeClock()
    const counts: Array<number> = []
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      const task = yield* asyncio.createTask(asyncio.sleep("1 hour"))
      yield* loop.callLater("2 hours", () => {})
      yield* Effect.promise(macrotask)
      counts.push(vi.getTimerCount())
      yield* task.cancel()
      yield* Effect.ignore(task)
    })

    await asyncio.run(main, { handleSigint: false })

    assert.deepStrictEqual([...counts, vi.getTimerCount()], [1, 0])
  })
})

describe("the host's timer", () => {
  it("is set once for a sleep, however often the loop comes to rest meanwhile", async () => {
    const setTimer = vi.spyOn(globalThis, "setTimeout")
    const spinning = Effect.gen(function* () {
      yield* asyncio.createTask(asyncio.sleep("1 hour"))
      for (let n = 0; n < 5; n++) {
        yield* Effect.promise(macrotask)
        yield* asyncio.sleep(0)
      }
    })

    await asyncio.run(spinning, { handleSigint: false })

    const alarms = setTimer.mock.calls.filter(([, delay]) => delay! > 1_800_000)
    setTimer.mockRestore()
    assert.strictEqual(alarms.length, 1)
  })

  it("is cleared on a loop that nobody runs, when the last sleep is cancelled", async () => {
    fakeClock()
    const program = Effect.gen(function* () {
      const task = yield* asyncio.createTask(asyncio.sleep("1 hour"))
      yield* Effect.promise(macrotask)
      yield* task.cancel()
      yield* Effect.ignore(task)
    })

    await Effect.runPromise(program)

    assert.strictEqual(vi.getTimerCount(), 0)
  })
})
