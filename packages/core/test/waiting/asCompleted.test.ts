import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

const tagOf = (error: { readonly _tag: string }) => Effect.succeed(error._tag)

describe("asCompleted", () => {
  it("of nothing has nothing to give and sets no timer", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop

        const completions = yield* asyncio.asCompleted([], { timeout: 100 })

        assert.deepStrictEqual([Array.from(completions), yield* completions.next], [[], undefined])
        assert.strictEqual(loop.snapshot().timers, 0)
      })
    ))

  it("lets go of the futures that are left when the time is up", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const futures = [yield* loop.createFuture<void>(), yield* loop.createFuture<void>()]
        const completions = yield* asyncio.asCompleted(futures, { timeout: 100 })
        const before = futures.map(String)

        yield* asyncio.sleep(100)

        const tags = yield* Effect.forEach(completions, (next) => Effect.flip(next))
        assert.deepStrictEqual(
          tags.map((error) => error._tag),
          ["TimeoutError", "TimeoutError"]
        )
        const waiting = "<Future pending cb=[_AsCompletedIterator._handle_completion()]>"
        assert.deepStrictEqual(
          [before, futures.map(String)],
          [
            [waiting, waiting],
            ["<Future pending>", "<Future pending>"]
          ]
        )
      })
    ))

  it("counts a future that ends in the iteration in which the time is up as too late", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<string>()
        yield* loop.callLater(100, () => future.setResultUnsafe("just now"))
        const completions = yield* asyncio.asCompleted([future], { timeout: 100 })

        const tag = yield* Effect.catch(Effect.asVoid(completions.next), tagOf)

        yield* asyncio.sleep(0)
        assert.deepStrictEqual(
          { tag, done: future.done(), time: loop.time() },
          { tag: "TimeoutError", done: true, time: 100 }
        )
        assert.strictEqual(yield* completions.next, undefined)
      })
    ))

  it("fails each awaitable as its future failed, and gives the future itself to next", () =>
    run(
      Effect.gen(function* () {
        const failing = yield* asyncio.createTask(Effect.fail("broken"))
        const cancelled = yield* asyncio.createTask(asyncio.sleep("1 hour"))
        yield* cancelled.cancel("stop")
        const ends: Array<unknown> = []

        for (const next of yield* asyncio.asCompleted([failing, cancelled])) ends.push(yield* Effect.flip(next))

        const completions = yield* asyncio.asCompleted([failing])
        assert.strictEqual(yield* completions.next, failing)
        assert.deepStrictEqual([ends[0], (ends[1] as asyncio.CancelledError).reason], ["broken", "stop"])
      })
    ))

  it("leaves the futures alone when the task that waits for the next one is cancelled", () =>
    run(
      Effect.gen(function* () {
        const slow = yield* asyncio.createTask(asyncio.sleep(100, "slow"))
        const completions = yield* asyncio.asCompleted([slow, asyncio.sleep(200, "slower")])
        const waiting = yield* asyncio.createTask(completions.next)
        yield* asyncio.sleep(0)

        yield* waiting.cancel()

        yield* Effect.ignore(waiting)
        assert.deepStrictEqual(
          { waitingCancelled: waiting.cancelled(), slowDone: slow.done() },
          { waitingCancelled: true, slowDone: false }
        )
        assert.deepStrictEqual([yield* slow, yield* completions.next], ["slow", slow])
      })
    ))
})
