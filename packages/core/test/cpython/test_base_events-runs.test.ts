import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { collectReports } from "../support.ts"
import { withoutListeners } from "../signalListeners.ts"

/** How a run of a loop ends, or why it does not begin. */
const outcome = async (run: () => Promise<unknown>): Promise<string> => {
  try {
    await run()
    return "complete"
  } catch (error) {
    return String(error)
  }
}

const stopped = "RuntimeError: Event loop stopped before Future completed."

withoutListeners("SIGINT")

const interrupted = Effect.andThen(
  Effect.sync(() => void process.emit("SIGINT")),
  asyncio.sleep(Infinity)
)

describe("CPython test_base_events", () => {
  it("is closed as often as somebody likes, and then runs nothing (test_close)", async () => {
    const loop = makeVirtualTimeLoop()
    const future = loop.createFutureUnsafe<void>()
    const before = loop.isClosed()

    loop.closeUnsafe()
    loop.closeUnsafe()

    assert.deepStrictEqual({ before, closed: loop.isClosed() }, { before: false, closed: true })
    assert.strictEqual(await outcome(() => loop.runUntilComplete(future)), "RuntimeError: Event loop is closed")
  })

  it("has a debug mode that can be switched (test_set_debug)", async () => {
    const loop = makeVirtualTimeLoop()
    const modes = [loop.getDebug()]

    for (const mode of [true, false]) {
      await Effect.runPromise(loop.setDebug(mode))
      modes.push(loop.getDebug())
    }

    assert.deepStrictEqual(modes, [false, true, false])
    loop.closeUnsafe()
  })

  it("refuses to run until what is no future is complete, and stays usable (test_run_until_complete_type_error)", async () => {
    const loop = makeVirtualTimeLoop()

    const refusal = await outcome(() => loop.runUntilComplete("blah" as never))

    assert.deepStrictEqual([refusal, loop.isRunning()], ["TypeError: a future was expected, got 'blah'", false])
    assert.strictEqual(await outcome(() => loop.runUntilComplete(loop.sleepUnsafe(1))), "complete")
    loop.closeUnsafe()
  })

  it("refuses to run until a future of another loop is complete (test_run_until_complete_loop)", async () => {
    const [loop, other] = [makeVirtualTimeLoop(), makeVirtualTimeLoop()]
    const future = loop.createFutureUnsafe<void>()

    const refusal = await outcome(() => other.runUntilComplete(future))

    assert.match(refusal, /^ValueError: The future belongs to a different loop/)
    assert.deepStrictEqual([other.isRunning(), String(future)], [false, "<Future pending>"])
  })

  it("is not stopped by what an earlier run that was cut short had waited for (test_run_until_complete_loop_orphan_future_close_loop)", async () => {
    const loop = makeVirtualTimeLoop()
    const orphan = loop.sleepUnsafe(100)
    loop.callSoonUnsafe(() => loop.stopUnsafe())

    const runs = [
      await outcome(() => loop.runUntilComplete(orphan)),
      await outcome(() => loop.runUntilComplete(loop.sleepUnsafe(200)))
    ]

    assert.deepStrictEqual(runs, [stopped, "complete"])
    assert.deepStrictEqual([orphan.done(), loop.time()], [true, 200])
    loop.closeUnsafe()
  })

  it("has nothing to report after Ctrl-C has ended a run (test_run_forever_keyboard_interrupt)", async () => {
    const loop = makeVirtualTimeLoop()
    const reports = collectReports(loop)
    const runner = new asyncio.Runner({ loopFactory: () => loop })

    const result = await outcome(() => runner.run(interrupted))

    await runner.close()
    assert.deepStrictEqual([result, ...reports], ["KeyboardInterrupt"])
  })

  it("is not stopped too early in the run after the one that Ctrl-C has ended (test_run_until_complete_baseexception)", async () => {
    await using runner = new asyncio.Runner({ loopFactory: makeVirtualTimeLoop })
    const iterations = Effect.gen(function* () {
      for (let n = 0; n < 5; n++) yield* asyncio.sleep(0)
      return "five iterations"
    })

    const results = [await outcome(() => runner.run(interrupted)), await runner.run(iterations)]

    assert.deepStrictEqual(results, ["KeyboardInterrupt", "five iterations"])
  })

  it("runs once what was queued when a callback stops it (test_run_once)", async () => {
    const loop = makeVirtualTimeLoop()
    const lines: Array<string> = []
    loop.callSoonUnsafe(() => {
      lines.push("queued")
      loop.callSoonUnsafe(() => lines.push("next iteration"))
    })
    loop.callSoonUnsafe(() => loop.stopUnsafe())
    loop.callSoonUnsafe(() => lines.push("behind"))

    const result = await outcome(() => loop.runUntilComplete(loop.createFutureUnsafe()))

    assert.deepStrictEqual(
      { lines, result, running: loop.isRunning() },
      { lines: ["queued", "behind"], result: stopped, running: false }
    )
    loop.closeUnsafe()
  })

  it("runs one iteration when it was stopped before it began (test_run_forever_pre_stopped)", async () => {
    const loop = makeVirtualTimeLoop()
    const lines: Array<string> = []
    loop.callSoonUnsafe(() => {
      lines.push("this iteration")
      loop.callSoonUnsafe(() => lines.push("next iteration"))
    })
    loop.stopUnsafe()

    const result = await outcome(() => loop.runUntilComplete(loop.createFutureUnsafe()))

    assert.deepStrictEqual([...lines, result], ["this iteration", stopped])
    assert.strictEqual(await outcome(() => loop.runUntilComplete(loop.sleepUnsafe(0))), "complete")
    loop.closeUnsafe()
  })

  it("runs only between the beginning and the end of a run, whoever drives it (test_custom_run_forever_integration)", async () => {
    const driver = { iterations: 0, running: new Set<boolean>() }
    const aroundIteration = (iteration: () => void) => {
      driver.iterations++
      driver.running.add(loop.isRunning())
      iteration()
    }
    const loop = makeVirtualTimeLoop({ aroundIteration })
    const states = [loop.isRunning()]
    loop.callSoonUnsafe(() => states.push(loop.isRunning()))

    await loop.runUntilComplete(loop.sleepUnsafe(100))

    assert.deepStrictEqual({ states, running: loop.isRunning() }, { states: [false, true], running: false })
    assert.deepStrictEqual(
      { iterated: driver.iterations > 1, running: [...driver.running] },
      { iterated: true, running: [true] }
    )
    loop.closeUnsafe()
  })
})
