import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Duration, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { run } from "../support.ts"

describe("sleep", () => {
  it("is cancelled by a callback that is due at the same time and was there before", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        let sleeper: asyncio.Task<void, unknown> | undefined
        yield* loop.callLater(5, () => sleeper!.cancelUnsafe())
        sleeper = yield* asyncio.createTask(asyncio.sleep(5))
        yield* asyncio.wait([sleeper])
        assert.isTrue(sleeper.cancelled())
      })
    ))

  it.effect("waits for the test's clock in a task made by a plain fiber", () =>
    Effect.gen(function* () {
      const task = yield* asyncio.createTask(asyncio.sleep("1 minute", "slept"))
      yield* TestClock.adjust("59 seconds")
      const before = task.done()

      yield* TestClock.adjust("1 second")

      assert.deepStrictEqual(
        { before, done: task.done(), result: yield* task },
        { before: false, done: true, result: "slept" }
      )
    })
  )

  it.effect("goes through a whole chain of sleeps in one adjustment of the clock", () =>
    Effect.gen(function* () {
      const times: Array<number> = []
      const loop = yield* asyncio.getRunningLoop
      const chain = Effect.gen(function* () {
        for (let n = 0; n < 5; n++) {
          yield* asyncio.sleep("1 second")
          times.push(loop.time())
        }
      })
      const tasks = [yield* asyncio.createTask(chain), yield* asyncio.createTask(Effect.delay(chain, "500 millis"))]

      yield* TestClock.adjust("1 hour")

      assert.deepStrictEqual(times, [1000, 1500, 2000, 2500, 3000, 3500, 4000, 4500, 5000, 5500])
      assert.deepStrictEqual(
        tasks.map((task) => task.done()),
        [true, true]
      )
    })
  )

  it.effect("mixes with Effect's own sleep on the same clock", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const log = (line: string) => Effect.sync(() => void lines.push(line))
      yield* asyncio.createTask(Effect.andThen(asyncio.sleep("2 seconds"), log("ours")))
      yield* asyncio.createTask(Effect.andThen(Effect.sleep("1 second"), log("Effect's")))

      yield* TestClock.adjust("3 seconds")

      assert.deepStrictEqual(lines, ["Effect's", "ours"])
    })
  )

  it.effect("takes fractions of a millisecond", () =>
    Effect.gen(function* () {
      const task = yield* asyncio.createTask(asyncio.sleep(1 / 3))

      yield* TestClock.adjust("1 milli")

      assert.isTrue(task.done())
    })
  )

  it.effect("can be cancelled while the clock stands still", () =>
    Effect.gen(function* () {
      const task = yield* asyncio.createTask(asyncio.sleep("1 hour"))
      yield* asyncio.sleep(0)

      yield* task.cancel("stop")

      assert.strictEqual((yield* Effect.flip(task)).reason, "stop")
    })
  )

  it.effect("lets an earlier timer that comes later ring first", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const nap = (delay: Duration.Input, line: string) =>
        asyncio.createTask(
          Effect.andThen(
            asyncio.sleep(delay),
            Effect.sync(() => lines.push(line))
          )
        )
      yield* nap("2 seconds", "long")
      yield* asyncio.sleep(0)
      yield* asyncio.sleep(0)
      yield* nap("1 second", "short")

      yield* TestClock.adjust("2 seconds")

      assert.deepStrictEqual(lines, ["short", "long"])
    })
  )

  it("follows a clock that the program put over the loop's", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const fiber = yield* Effect.forkChild(asyncio.sleep("1 hour", "slept"))

        yield* TestClock.adjust("1 hour")

        assert.deepStrictEqual([yield* Fiber.join(fiber), loop.time()], ["slept", 0])
      }).pipe(Effect.provide(TestClock.layer()))
    ))

  // SleepTests.test_sleep_zero
  it("of zero or less lets a queued callback run first", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<number> = []
        const loop = yield* asyncio.getRunningLoop
        for (const delay of [0, -1, Duration.zero, "0 seconds"] as const) {
          yield* loop.callSoon(() => lines.push(1))

          lines.push(yield* asyncio.sleep(delay, 10))
        }
        assert.deepStrictEqual(lines, [1, 10, 1, 10, 1, 10, 1, 10])
        assert.strictEqual(loop.time(), 0)
      })
    ))

  // test_sleep
  it("takes every kind of duration, a bare number in milliseconds", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const times: Array<number> = []
        for (const delay of [5, "1 second", Duration.minutes(1), 1_000_000n, [1, 0] as [number, number]] as const) {
          const before = loop.time()
          yield* asyncio.sleep(delay)
          times.push(loop.time() - before)
        }

        assert.deepStrictEqual(times, [5, 1000, 60_000, 1, 1000])
      })
    ))

  it("of Infinity ends only by cancellation", () =>
    run(
      Effect.gen(function* () {
        const tasks = [
          yield* asyncio.createTask(asyncio.sleep(Infinity)),
          yield* asyncio.createTask(asyncio.sleep(Duration.infinity))
        ]
        yield* asyncio.sleep("100 days")
        const done = tasks.map((task) => task.done())

        for (const task of tasks) yield* task.cancel()

        yield* Effect.all(tasks.map(Effect.flip))
        assert.deepStrictEqual(done, [false, false])
      })
    ))

  // test_sleep_when_delay_is_nan
  it("dies when it is not given a duration", () =>
    run(
      Effect.gen(function* () {
        const junk = [NaN, "soon", undefined, Symbol("soon")]

        const defects = yield* Effect.all(
          junk.map((delay) => Effect.catchDefect(asyncio.sleep(delay as never), Effect.succeed))
        )

        assert.deepStrictEqual(defects.map(String), [
          "ValueError: Invalid delay: NaN (not a number)",
          "TypeError: Invalid delay: 'soon' is not a duration",
          "TypeError: Invalid delay: undefined is not a duration",
          "TypeError: Invalid delay: Symbol(soon) is not a duration"
        ])
      })
    ))
})
