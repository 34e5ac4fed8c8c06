import { assert, afterEach, describe, it, vi } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { withoutListeners } from "../signalListeners.ts"

const run = <A, E>(main: Effect.Effect<A, E>) => asyncio.run(main, { loopFactory: makeVirtualTimeLoop })

const outcome = (promise: Promise<unknown>): Promise<string> => promise.then(String, String)

const interrupt = Effect.sync(() => void process.emit("SIGINT"))

withoutListeners("SIGINT")
afterEach(() => void vi.restoreAllMocks())

describe("Ctrl-C", () => {
  // test_interrupt_wait
  it("cancels the main task, and the run rejects with KeyboardInterrupt", async () => {
    const lines: Array<string> = []
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      yield* loop.callLater("1 second", () => process.emit("SIGINT"))
      yield* asyncio.sleep("1 hour")
    })

    const result = await outcome(run(Effect.onInterrupt(main, () => Effect.sync(() => lines.push("cleaned up")))))

    assert.deepStrictEqual([...lines, result], ["cleaned up", "KeyboardInterrupt"])
  })

  it("tells the cleanup that it was Ctrl-C", async () => {
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      yield* loop.callLater("1 second", () => process.emit("SIGINT"))
      yield* asyncio.sleep("1 hour")
    })

    const reason = asyncio.catchCancelled(main, (error) => Effect.succeed(`${error.reason} (${error.message})`))

    assert.strictEqual(await outcome(run(reason)), "Ctrl-C ()")
  })

  // test_interrupt_call_soon
  it("reaches a main task that spins on sleep zero", async () => {
    const main = Effect.andThen(interrupt, Effect.forever(asyncio.sleep(0)))

    assert.strictEqual(await outcome(run(main)), "KeyboardInterrupt")
  })

  it("that the main task swallows lets it return its result", async () => {
    const wait = Effect.andThen(interrupt, asyncio.sleep("1 hour", "slept"))
    const main = asyncio.catchCancelled(wait, () => Effect.succeed("swallowed"))

    assert.strictEqual(await outcome(run(main)), "swallowed")
  })

  it("that the main task answers with an error lets the run reject with that", async () => {
    const wait = Effect.andThen(interrupt, asyncio.sleep("1 hour"))
    const main = asyncio.catchCancelled(wait, () => Effect.fail("broken"))

    assert.strictEqual(await outcome(run(main)), "broken")
  })

  // test_interrupt_cancelled_task
  it("on top of another cancellation is a CancelledError", async () => {
    const main = Effect.gen(function* () {
      yield* (yield* asyncio.currentTask).cancel("other")
      yield* interrupt
      yield* asyncio.sleep("1 hour")
    })

    assert.match(await outcome(run(main)), /^CancelledError/)
  })

  it("interrupts every run that is under way", async () => {
    const main = asyncio.sleep(Infinity)
    const results = [outcome(run(main)), outcome(run(main))]

    process.emit("SIGINT")

    assert.deepStrictEqual(await Promise.all(results), ["KeyboardInterrupt", "KeyboardInterrupt"])
  })

  it("has its own effect again at the second time", async () => {
    const kill = vi.spyOn(process, "kill").mockReturnValue(true)
    const listening: Array<number> = []
    const main = Effect.gen(function* () {
      const stubborn = asyncio.catchCancelled(asyncio.sleep("1 hour"), () => Effect.void)
      yield* Effect.andThen(interrupt, stubborn)
      yield* interrupt
      listening.push(process.listenerCount("SIGINT"))
    })

    await run(main)

    assert.deepStrictEqual(kill.mock.calls, [[process.pid, "SIGINT"]])
    assert.deepStrictEqual(listening, [0])
  })

  it("is left to a program that listens to it itself", async () => {
    const lines: Array<string> = []
    const listener = () => void lines.push("the program's own")
    process.on("SIGINT", listener)
    const main = Effect.andThen(interrupt, asyncio.sleep(1, "done"))

    assert.deepStrictEqual([await outcome(run(main)), ...lines], ["done", "the program's own"])
  })

  it("is not listened to when the run is told so, and no more when it has ended", async () => {
    const count = Effect.sync(() => process.listenerCount("SIGINT"))

    const counts = [
      await asyncio.run(count, { loopFactory: makeVirtualTimeLoop, handleSigint: false }),
      await run(count),
      process.listenerCount("SIGINT")
    ]

    assert.deepStrictEqual(counts, [0, 1, 0])
  })
})
