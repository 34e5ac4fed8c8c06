import { assert, afterEach, describe, it, vi } from "@effect/vitest"

// In a file of its own, because it loads the module again and again.
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.resetModules()
})

const importHost = () => import("../../src/internal/host/host.ts")

describe("a host without setImmediate", () => {
  it("takes its macrotasks through message channels where there is no process either", async () => {
    vi.stubGlobal("setImmediate", undefined)
    vi.stubGlobal("process", undefined)
    vi.resetModules()
    const { afterMicrotasks, nextMacrotask } = await importHost()
    vi.unstubAllGlobals()

    const lines: Array<string> = []
    await new Promise<void>((resolve) => {
      nextMacrotask(() => lines.push("first"))
      afterMicrotasks(() => lines.push("second"))()
      nextMacrotask(resolve)
      lines.push("asked")
    })

    assert.deepStrictEqual(lines, ["asked", "first", "second"])
  })

  it("takes its macrotasks through timers otherwise", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    vi.stubGlobal("setImmediate", undefined)
    vi.stubGlobal("MessageChannel", undefined)
    vi.resetModules()
    const { nextMacrotask } = await importHost()
    vi.unstubAllGlobals()
    const lines: Array<string> = []
    nextMacrotask(() => lines.push("called"))
    lines.push("asked")

    vi.advanceTimersToNextTimer()

    assert.deepStrictEqual(lines, ["asked", "called"])
  })
})

describe("a host without signals", () => {
  it("refuses a handler for one", async () => {
    vi.stubGlobal("process", undefined)
    vi.resetModules()
    const { handleSignal } = await import("../../src/internal/loop/signals.ts")
    vi.unstubAllGlobals()

    assert.throws(() => handleSignal({}, "SIGTERM", () => {}), "this host has no signals")
  })
})
