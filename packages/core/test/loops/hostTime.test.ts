import { assert, afterEach, describe, it, vi } from "@effect/vitest"
import { Clock, Effect, Scheduler } from "effect"
import { afterUnref, ClockTime, HostTime, nextHostMacrotask } from "../../src/internal/host/host.ts"
import { macrotask } from "../support.ts"

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** Puts a timer in the host's place that never rings, and gives the delays that it is asked for. */
const recordDelays = (): ReadonlyArray<number> => {
  const delays: Array<number> = []
  vi.stubGlobal("setTimeout", (_: () => void, millis: number) => delays.push(millis))
  vi.stubGlobal("performance", { now: () => 0 })
  return delays
}

describe("the alarm of the host's time", () => {
  it("is rounded up, and is never longer than the host's timers can be", () => {
    const delays = recordDelays()
    const time = new HostTime()

    for (const after of [0.5, 3, -1, 2 ** 31, Infinity]) time.setAlarm(time.now() + after, () => {})

    assert.deepStrictEqual(delays, [1, 3, 0, 2 ** 31 - 1, 2 ** 31 - 1])
  })

  it("replaces the one before", () => {
    vi.useFakeTimers()
    const time = new HostTime()
    const lines: Array<string> = []
    time.setAlarm(time.now() + 10, () => lines.push("first"))

    time.setAlarm(time.now() + 20, () => lines.push("second"))
    vi.advanceTimersByTime(30)

    assert.deepStrictEqual(lines, ["second"])
  })

  it("is set anew on timers that take the place of those that it was set on", () => {
    const time = new HostTime()
    const lines: Array<string> = []
    time.setAlarm(time.now() + 3_600_000, () => lines.push("rang"))
    vi.useFakeTimers()

    time.now()
    vi.advanceTimersByTime(3_600_001)

    assert.deepStrictEqual(lines, ["rang"])
  })

  it("leaves nothing on timers that others take the place of", () => {
    vi.useFakeTimers()
    const time = new HostTime()
    time.setAlarm(time.now() + 10, () => {})
    const fakes = { count: vi.getTimerCount, left: 0, setTimeout: globalThis.setTimeout }
    vi.stubGlobal("setTimeout", (f: () => void, millis: number) => fakes.setTimeout(f, millis + 1))

    time.now()

    assert.strictEqual(fakes.count(), 1)
  })
})

describe("the alarm of a Clock's time", () => {
  it("replaces the one before", () => {
    const lines: Array<string> = []
    const clock = {
      monotonicTimeNanosUnsafe: () => 0n,
      sleep: (duration: unknown) => Effect.onInterrupt(Effect.never, () => Effect.sync(() => lines.push(`${duration}`)))
    } as unknown as Clock.Clock
    const time = new ClockTime(clock, new Scheduler.MixedScheduler("sync"))
    time.setAlarm(10, () => {})

    time.setAlarm(20, () => {})

    assert.strictEqual(lines.length, 1)
  })
})

describe("a macrotask of the host", () => {
  it("comes once where timers were replaced, by whichever is first", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const lines: Array<string> = []
    for (const name of ["by the test", "by the host"]) {
      nextHostMacrotask(() => lines.push(name))
      if (name === "by the test") vi.runAllTimers()
      await macrotask()
      await macrotask()
    }

    assert.deepStrictEqual([lines, vi.getTimerCount()], [["by the test", "by the host"], 0])
  })
})

describe("a timer for later", () => {
  it("does not keep the process alive, and can be taken back", () => {
    const lines: Array<unknown> = []
    const timer = { unref: () => lines.push("unref") }
    vi.stubGlobal("setTimeout", (_: () => void, millis: number) => (lines.push(millis), timer))
    vi.stubGlobal("clearTimeout", (given: unknown) => lines.push(given === timer))

    afterUnref(10, () => {})()

    assert.deepStrictEqual(lines, [10, "unref", true])
  })
})
