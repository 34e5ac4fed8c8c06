import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

const logTo = (lines: Array<string>) => (line: string) => Effect.sync(() => void lines.push(line))

describe("a timeout", () => {
  it("has a deadline of its own in every run of one Effect", () =>
    run(
      Effect.gen(function* () {
        const deadlines: Array<number | undefined> = []
        const timed = asyncio.timeout(10, (timeout) => {
          deadlines.push(timeout.when())
          return asyncio.sleep(5)
        })

        yield* timed
        yield* timed

        assert.deepStrictEqual(deadlines, [10, 15])
      })
    ))

  it("leaves its body the services that are around it", () =>
    run(
      Effect.gen(function* () {
        const other = yield* asyncio.createTask(Effect.void, { name: "other" })
        const name = Effect.map(asyncio.CurrentTask, (task) => task?.getName())

        const inside = Effect.provideService(asyncio.timeout(5, name), asyncio.CurrentTask, other)

        assert.strictEqual(yield* inside, "other")
      })
    ))

  it("fails with an error whose message is an empty string, as Python's", () =>
    run(
      Effect.gen(function* () {
        const error = yield* Effect.flip(asyncio.timeout(5, asyncio.sleep("1 hour")))

        assert.deepStrictEqual([error.message, String(error)], ["", "TimeoutError"])
      })
    ))

  it("refuses a deadline that is not a number", () =>
    run(
      Effect.gen(function* () {
        const defects = [
          asyncio.timeout(Number.NaN, Effect.void),
          asyncio.timeoutAt(Number.NaN, Effect.void),
          asyncio.timeout(1000, (timeout) => timeout.reschedule(Number.NaN))
        ].map((timed) => Effect.catchDefect(timed, (defect) => Effect.succeed(String(defect))))

        assert.deepStrictEqual(yield* Effect.all(defects), [
          "ValueError: Invalid delay: NaN (not a number)",
          "ValueError: Invalid time: NaN (not a number)",
          "ValueError: Invalid time: NaN (not a number)"
        ])
        assert.strictEqual((yield* asyncio.getRunningLoop).snapshot().timers, 0)
      })
    ))

  it("interrupts the part of an uninterruptible region that lets itself be interrupted", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        for (const wait of [asyncio.sleep("1 hour"), Effect.never]) {
          const start = loop.time()
          const timed = Effect.uninterruptibleMask((restore) => asyncio.timeout(10, restore(wait)))

          const error = yield* Effect.flip(timed)

          assert.deepStrictEqual([error._tag, loop.time() - start], ["TimeoutError", 10])
          yield* asyncio.sleep(0)
          yield* Effect.sleep(1)
        }
      })
    ))

  it("waits for an uninterruptible part of its body, and then ends it", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const loop = yield* asyncio.getRunningLoop
        const inner = asyncio.timeout(10, Effect.andThen(asyncio.sleep(500), log("inner is whole")))
        const body = Effect.andThen(Effect.uninterruptible(inner), log("not reached"))

        const error = yield* Effect.flip(asyncio.timeout(100, body))

        assert.deepStrictEqual([...lines, error._tag, loop.time()], ["inner is whole", "TimeoutError", 500])
        yield* Effect.sleep(1)
        assert.strictEqual((yield* asyncio.currentTask).cancelling(), 0)
      })
    ))
})

describe("waitFor", () => {
  it("can be cancelled while, without any time, it waits for a cleanup", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const inner = yield* asyncio.createTask(Effect.ensuring(asyncio.sleep("1 hour"), asyncio.sleep(100)))
        const waiter = yield* asyncio.createTask(Effect.andThen(asyncio.sleep(0), asyncio.waitFor(inner, 0)))
        yield* asyncio.sleep(10)

        yield* waiter.cancel("enough")

        const error = yield* Effect.flip(waiter)
        assert.deepStrictEqual(
          { message: error.message, time: loop.time(), done: inner.done() },
          { message: "enough", time: 10, done: false }
        )
        yield* Effect.exit(inner)
        assert.deepStrictEqual([loop.time(), inner.cancelled()], [100, true])
      })
    ))
})

describe("two timeouts whose time is up in one step", () => {
  it("leave the deadline of the outer one in what that fails with", () =>
    run(
      Effect.gen(function* () {
        const busy = Effect.uninterruptible(asyncio.sleep(20))
        const error = yield* asyncio.timeout(10, asyncio.timeout(5, busy)).pipe(Effect.flip)

        const { cause } = error as Error & { readonly cause: asyncio.CancelledError }
        assert.deepStrictEqual(cause.is("timeout") ? cause.deadline : String(cause), 10)
      })
    ))
})
