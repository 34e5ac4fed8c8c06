import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { run } from "./support.ts"

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
