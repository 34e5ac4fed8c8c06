import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

const logTo = (lines: Array<string>) => (line: string) => Effect.sync(() => void lines.push(line))

describe("an uninterruptible region", () => {
  const waits = {
    "an await of our own": asyncio.sleep("1 second"),
    "a sleep of zero": asyncio.sleep(0),
    "a foreign effect": Effect.sleep("1 second")
  }
  for (const [kind, wait] of Object.entries(waits)) {
    it(`makes a cancellation wait for its end when it is in ${kind}`, () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const log = logTo(lines)
          const task = yield* asyncio.createTask(
            Effect.gen(function* () {
              yield* Effect.uninterruptible(Effect.andThen(wait, log("whole")))
              yield* log("not reached")
            })
          )
          yield* asyncio.sleep(0)

          yield* task.cancel("stop")

          const error = yield* Effect.flip(task)
          assert.deepStrictEqual(
            { lines, reason: error.reason, cancelled: task.cancelled() },
            { lines: ["whole"], reason: "stop", cancelled: true }
          )
        })
      ))
  }

  it("keeps the value of an await that had ended when the request came", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<string>()
        const task = yield* asyncio.createTask(Effect.uninterruptible(Effect.flatMap(future, logTo(lines))))
        yield* asyncio.sleep(0)
        yield* future.setResult("value")

        yield* task.cancel()

        yield* Effect.flip(task)
        assert.deepStrictEqual(lines, ["value"])
      })
    ))

  it("protects what a task that cancels itself awaits in it", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const task = yield* asyncio.createTask(
          Effect.uninterruptible(
            Effect.gen(function* () {
              yield* (yield* asyncio.currentTask).cancel()
              yield* asyncio.sleep("1 second")
              yield* logTo(lines)("slept")
            })
          )
        )

        yield* Effect.flip(task)

        assert.deepStrictEqual([...lines, task.cancelled()], ["slept", true])
      })
    ))

  it("does not let the request through to the task it awaits", () =>
    run(
      Effect.gen(function* () {
        const child = yield* asyncio.createTask(asyncio.sleep("1 second", "slept"))
        const task = yield* asyncio.createTask(Effect.uninterruptible(child))
        yield* asyncio.sleep(0)

        yield* task.cancel()

        yield* Effect.flip(task)
        assert.deepStrictEqual(
          { result: yield* child, childCancelling: child.cancelling(), taskCancelled: task.cancelled() },
          { result: "slept", childCancelling: 0, taskCancelled: true }
        )
      })
    ))

  it("keeps cleanup whole when a second request comes", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const cleanup = Effect.gen(function* () {
          yield* asyncio.sleep("1 second")
          yield* log("own")
          yield* Effect.sleep("1 second")
          yield* log("foreign")
        })
        const task = yield* asyncio.createTask(Effect.ensuring(asyncio.sleep("1 hour"), cleanup))
        yield* asyncio.sleep(0)
        yield* task.cancel("first")
        yield* asyncio.sleep("500 millis")

        yield* task.cancel("second")
        yield* asyncio.sleep("1 second")
        yield* task.cancel("third")

        yield* Effect.flip(task)
        assert.deepStrictEqual([...lines, task.cancelling()], ["own", "foreign", 3])
      })
    ))
})

describe("a body with a boundary inside an uninterruptible region", () => {
  it("does not see a cancellation that has to wait, and passes it on to the end", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const protectedPart = asyncio.catchCancelled(Effect.andThen(asyncio.sleep("1 second"), log("whole")), () =>
          log("caught")
        )
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* Effect.uninterruptible(Effect.andThen(protectedPart, log("after")))
            yield* log("not reached")
          })
        )
        yield* asyncio.sleep(0)

        yield* task.cancel("stop")

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual([...lines, error.reason], ["whole", "after", "stop"])
      })
    ))

  for (const [kind, wait] of Object.entries({ own: asyncio.sleep("1 hour"), foreign: Effect.sleep("1 hour") })) {
    it(`catches one that a restored part lets in, in an ${kind} wait`, () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const log = logTo(lines)
          const task = yield* asyncio.createTask(
            Effect.uninterruptibleMask((restore) =>
              asyncio
                .catchCancelled(restore(wait), () => log("caught"))
                .pipe(Effect.andThen(asyncio.sleep("1 second")), Effect.andThen(log("after")))
            ).pipe(Effect.andThen(log("beyond")))
          )
          yield* asyncio.sleep(0)

          yield* task.cancel()

          yield* task
          assert.deepStrictEqual(lines, ["caught", "after", "beyond"])
        })
      ))
  }

  it("is followed by a cancellation from outside, also when a timeout before it had expired in the same iteration", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const loop = yield* asyncio.getRunningLoop
        let answer = () => {}
        const foreign = Effect.callback<void>((resume) => {
          answer = () => resume(Effect.void)
        })
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* asyncio.timeout(10, foreign)
            yield* log("in time")
            yield* Effect.uninterruptible(Effect.andThen(asyncio.sleep(1), log("whole")))
            yield* log("not reached")
          })
        )
        loop.callLaterUnsafe(10, () => task.cancelUnsafe("stop"))
        yield* asyncio.sleep(0)
        loop.callLaterUnsafe(10, () => answer())

        yield* asyncio.wait([task])

        assert.deepStrictEqual({ lines, cancelled: task.cancelled() }, { lines: ["in time", "whole"], cancelled: true })
      })
    ))
})
