import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Context, Effect, Fiber } from "effect"
import { collectReports, reportsOf, run } from "../support.ts"

const setUp = Effect.gen(function* () {
  const loop = yield* asyncio.getRunningLoop
  const inner = yield* loop.createFuture<number, string>()
  return { inner, outer: yield* asyncio.shieldFuture(inner), reports: collectReports(loop) }
})

describe("shield", () => {
  it("stays cancelled when the awaitable was done and it had not heard of it", () =>
    run(
      Effect.gen(function* () {
        const { inner, outer, reports } = yield* setUp
        yield* inner.setResult(1)

        const accepted = yield* outer.cancel()

        yield* asyncio.sleep(0)
        assert.deepStrictEqual(
          { accepted, cancelled: outer.cancelled(), result: yield* inner, reports },
          { accepted: true, cancelled: true, result: 1, reports: [] }
        )
      })
    ))

  it("tells nobody when the awaitable is cancelled after it", () =>
    run(
      Effect.gen(function* () {
        const { inner, outer, reports } = yield* setUp
        yield* outer.cancel()
        yield* asyncio.sleep(0)

        yield* inner.cancel()

        yield* asyncio.sleep(0)
        assert.deepStrictEqual([inner.cancelled(), reports], [true, []])
      })
    ))

  it("names the type of a failure that is no Error", async () => {
    const reports = await reportsOf(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const inner = yield* loop.createFuture<never, string>()
        const outer = yield* asyncio.shieldFuture(inner)
        yield* outer.cancel()
        yield* asyncio.sleep(0)

        yield* inner.setException("broken")

        yield* asyncio.sleep(0)
      })
    )

    assert.deepStrictEqual(reports, ["string exception in shielded future"])
  })

  it("shows in the awaitable's repr, and so does who waits without being a task", () =>
    run(
      Effect.gen(function* () {
        const context = Context.add(yield* Effect.context(), asyncio.CurrentTask, undefined)
        const loop = yield* asyncio.getRunningLoop
        const inner = yield* loop.createFuture<number>()
        const outer = Effect.runSyncWith(context)(asyncio.shieldFuture(inner))
        const fiber = Effect.runForkWith(context)(outer)

        const reprs = [String(inner), String(outer)]

        yield* inner.setResult(1)
        assert.deepStrictEqual(reprs, [
          "<Future pending cb=[shield.<locals>._inner_done_callback()]>",
          "<Future pending cb=[shield.<locals>._outer_done_callback(), Fiber.wakeup()]>"
        ])
        assert.strictEqual(yield* Fiber.join(fiber), 1)
      })
    ))
})
