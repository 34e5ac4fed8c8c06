import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { withoutListeners } from "../signalListeners.ts"

const interrupt = (): void => void process.emit("SIGINT")

const outcome = (promise: Promise<unknown>): Promise<string> => promise.then(String, String)

withoutListeners("SIGINT")
afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

/** Runs `main` with a Runner, which is closed at the end. */
const run = async <A, E>(main: Effect.Effect<A, E>): Promise<A> => {
  await using runner = new asyncio.Runner({ loopFactory: makeVirtualTimeLoop })
  return await runner.run(main)
}

/** Runs `body` and writes down whether it was cancelled. */
const noting = <A, E>(lines: Array<string>, body: Effect.Effect<A, E>) =>
  Effect.onInterrupt(body, () => Effect.sync(() => lines.push("cancelled")))

describe("CPython test_runners", () => {
  it("cancels a main task that spins and rejects with KeyboardInterrupt (test_interrupt_call_soon)", async () => {
    const lines: Array<string> = []
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      yield* loop.callLater(100, interrupt)
      while (true) {
        ;(loop as ReturnType<typeof makeVirtualTimeLoop>).advanceUnsafe(10)
        yield* asyncio.sleep(0)
      }
    })

    const result = await outcome(run(noting(lines, main)))

    assert.deepStrictEqual([...lines, result], ["cancelled", "KeyboardInterrupt"])
  })

  it("cancels the future that the main task awaits, and rejects with KeyboardInterrupt (test_interrupt_wait)", async () => {
    const lines: Array<string> = []
    let future: asyncio.Future<void> | undefined
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      future = loop.createFutureUnsafe<void>()
      yield* loop.callLater(100, interrupt)
      yield* future
    })

    const result = await outcome(run(noting(lines, main)))

    assert.deepStrictEqual(
      { cancelled: future?.cancelled(), lines, result },
      { cancelled: true, lines: ["cancelled"], result: "KeyboardInterrupt" }
    )
  })

  it("rejects with CancelledError when another task had cancelled the main task, too (test_interrupt_cancelled_task)", async () => {
    const main = Effect.gen(function* () {
      const self = yield* asyncio.currentTask
      yield* asyncio.createTask(Effect.andThen(self.cancel(), Effect.sync(interrupt)))
      yield* asyncio.sleep("10 seconds")
    })

    const result = await outcome(run(main))

    assert.match(result, /^CancelledError/)
  })

  it("runs all the same on a host where nobody can listen to signals (test_signal_install_not_supported_ok)", async () => {
    vi.resetModules()
    vi.stubGlobal("process", { versions: process.versions })
    const without = await import("@effect-asyncio/core")
    vi.unstubAllGlobals()

    const result = await without.run(without.sleep(0, "done"))

    assert.strictEqual(result, "done")
  })
})
