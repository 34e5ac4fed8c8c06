import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, Exit } from "effect"
import { failuresOf, run } from "../support.ts"

const hour = asyncio.sleep("1 hour")
const late = { timedOut: true, value: undefined } as const
const inTime = <A>(value: A) => ({ timedOut: false, value }) as const

describe("moveOn", () => {
  it("says whether its body was cut short, at the time that it was", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const seen = [
          yield* asyncio.moveOn(10, asyncio.sleep(5, "value")),
          loop.time(),
          yield* asyncio.moveOn(10, hour),
          loop.time(),
          yield* asyncio.moveOn(undefined, asyncio.sleep(5, "no limit")),
          yield* asyncio.moveOn(0, hour),
          loop.time()
        ]
        assert.deepStrictEqual(seen, [inTime("value"), 5, late, 15, inTime("no limit"), late, 20])
      })
    ))

  it("gives what a body returns that has caught its cancellation, and lets its failures through", () =>
    run(
      Effect.gen(function* () {
        const caught = asyncio.catchCancelled(hour, () => Effect.succeed("caught"))
        const failing = Effect.ensuring(hour, Effect.die("cleanup"))
        const timeoutOfItsOwn = asyncio.timeout(1, hour)
        assert.deepStrictEqual(yield* asyncio.moveOn(5, caught), inTime("caught"))
        assert.isTrue(Exit.isFailure(yield* Effect.exit(asyncio.moveOn(5, failing))))
        assert.strictEqual((yield* Effect.flip(asyncio.moveOn(5, timeoutOfItsOwn)))._tag, "TimeoutError")
        assert.strictEqual((yield* asyncio.currentTask).cancelling(), 0)
      })
    ))

  it("lets its body move the deadline, and waits for cleanup", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const moved = asyncio.moveOn(1, (deadline) =>
          Effect.andThen(deadline.reschedule(loop.time() + 100), asyncio.sleep(50, "moved"))
        )
        assert.deepStrictEqual(yield* moved, inTime("moved"))
        assert.deepStrictEqual(yield* asyncio.moveOn(10, Effect.ensuring(hour, asyncio.sleep(7))), late)
        assert.strictEqual(loop.time(), 67)
      })
    ))

  it("lets a cancellation from outside pass, also one that meets its own", () =>
    run(
      Effect.gen(function* () {
        for (const at of [3, 5]) {
          const task = yield* asyncio.createTask(asyncio.moveOn(5, hour))
          yield* asyncio.sleep(at)
          yield* task.cancel("outside")
          const error = yield* Effect.flip(task)
          assert.deepStrictEqual([error.reason, task.cancelled()], ["outside", true])
        }
      })
    ))

  it("nests with itself and with timeouts: the one whose time is up moves on", () =>
    run(
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* asyncio.moveOn(5, asyncio.moveOn(10, hour)), late)
        assert.deepStrictEqual(yield* asyncio.moveOn(10, asyncio.moveOn(5, hour)), inTime(late))
        assert.deepStrictEqual(yield* asyncio.timeout(10, asyncio.moveOn(5, hour)), late)
        assert.deepStrictEqual(yield* asyncio.moveOn(5, asyncio.timeout(10, hour)), late)
        assert.strictEqual((yield* Effect.flip(asyncio.timeout(5, asyncio.moveOn(10, hour))))._tag, "TimeoutError")
        assert.strictEqual((yield* asyncio.currentTask).cancelling(), 0)
      })
    ))

  it("cuts a branch of Effect.all short, and not the task around it", () =>
    run(
      Effect.gen(function* () {
        const both = Effect.all([asyncio.moveOn(5, hour), asyncio.sleep(10, "other")], { concurrency: 2 })
        assert.deepStrictEqual(yield* both, [late, "other"])
      })
    ))

  it("cuts a foreign effect short", () =>
    run(
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* asyncio.moveOn(5, Effect.never), late)
      })
    ))

  it("refuses what is no time and no body", () =>
    run(
      Effect.gen(function* () {
        const wrong = [
          asyncio.moveOn(Number.NaN, hour),
          asyncio.moveOn("soon" as never, hour),
          asyncio.moveOn(5, 5 as never),
          asyncio.moveOn(5, (() => 5) as never),
          asyncio.moveOn(5, async function* () {} as never)
        ]
        assert.deepStrictEqual(yield* failuresOf(wrong), [
          "ValueError: Invalid delay: NaN (not a number)",
          "TypeError: Invalid delay: 'soon' is not a duration",
          "TypeError: an Effect, or a function that makes one, was expected by moveOn(), got 5",
          "TypeError: an Effect was expected by moveOn(), got 5",
          "TypeError: an Effect, or a function that makes one, was expected by moveOn(), got an async generator function"
        ])
      })
    ))
})
