import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

describe("CPython test_tasks", () => {
  it("passes the result of what it shields on (test_shield_result)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const inner = yield* loop.createFuture<number>()
        const outer = yield* asyncio.shieldFuture(inner)

        yield* inner.setResult(42)

        assert.isFalse(outer.done())
        assert.deepStrictEqual([yield* outer, yield* asyncio.shield(inner)], [42, 42])
      })
    ))

  it("passes the very error of what it shields on (test_shield_exception)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const error = new Error("expected")
        const inner = yield* loop.createFuture<number, Error>()
        const outer = yield* asyncio.shieldFuture(inner)

        yield* inner.setException(error)

        yield* asyncio.sleep(0)
        assert.strictEqual(yield* outer.exception(), error)
      })
    ))

  it("is cancelled when what it shields is (test_shield_cancel_inner)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const inner = yield* loop.createFuture<number>()
        const outer = yield* asyncio.shieldFuture(inner)

        yield* inner.cancel()

        const before = outer.done()
        yield* asyncio.sleep(0)
        assert.deepStrictEqual({ before, cancelled: outer.cancelled() }, { before: false, cancelled: true })
      })
    ))

  it("does not pass its own cancellation on, and keeps no callback (test_shield_cancel_outer)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const inner = yield* loop.createFuture<number>()
        const outer = yield* asyncio.shieldFuture(inner)

        yield* outer.cancel()

        yield* asyncio.sleep(0)
        assert.deepStrictEqual([String(outer), inner.done()], ["<Future cancelled>", false])
        assert.strictEqual(String(inner), "<Future pending cb=[_log_on_exception()]>")
      })
    ))
})
