import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { run } from "../support.ts"

const started = <A, E>(body: Effect.Effect<A, E>, options?: asyncio.CreateTaskOptions) =>
  Effect.tap(asyncio.createTask(body, options), asyncio.sleep(0))

describe("cancelling", () => {
  // test_cancelling
  it("counts the requests, every one of which is accepted until the task is done", () =>
    run(
      Effect.gen(function* () {
        const task = yield* started(asyncio.sleep("1 hour"))
        const counts = [task.cancelling()]

        const first = yield* task.cancel()
        counts.push(task.cancelling())
        const second = yield* task.cancel()
        counts.push(task.cancelling())

        yield* Effect.flip(task)
        const third = yield* task.cancel()
        counts.push(task.cancelling())
        assert.deepStrictEqual({ first, second, third }, { first: true, second: true, third: false })
        assert.deepStrictEqual(counts, [0, 1, 2, 2])
      })
    ))

  it("stays up when the cancellation is swallowed, until it is withdrawn", () =>
    run(
      Effect.gen(function* () {
        const task = yield* started(
          Effect.gen(function* () {
            const self = yield* asyncio.currentTask
            yield* asyncio.catchCancelled(asyncio.sleep("1 hour"), () => Effect.void)
            return [self.cancelling(), yield* self.uncancel(), self.cancelling()]
          })
        )

        yield* task.cancel()

        assert.deepStrictEqual(yield* task, [1, 0, 0])
      })
    ))
})

describe("uncancel", () => {
  it("never goes below zero", () =>
    run(
      Effect.gen(function* () {
        const self = yield* asyncio.currentTask

        const left = [yield* self.uncancel(), yield* self.uncancel()]

        assert.deepStrictEqual([...left, self.cancelling()], [0, 0, 0])
      })
    ))

  // test_uncancel_basic
  it("lets the next request count from one again, and does not revive a task that is done", () =>
    run(
      Effect.gen(function* () {
        const task = yield* started(
          Effect.gen(function* () {
            const self = yield* asyncio.currentTask
            yield* asyncio.catchCancelled(asyncio.sleep("1 hour"), () => self.uncancel())
            yield* asyncio.sleep("1 hour")
          })
        )
        yield* task.cancel()
        yield* asyncio.sleep(0)
        const counts = [task.cancelling()]

        yield* task.cancel()

        counts.push(task.cancelling())
        yield* Effect.flip(task)
        counts.push(yield* task.uncancel())
        assert.deepStrictEqual(
          { counts, cancelled: task.cancelled(), done: task.done() },
          { counts: [0, 1, 0], cancelled: true, done: true }
        )
      })
    ))

  // test_uncancel_resets_must_cancel
  it("at zero withdraws a cancellation that has not reached the task", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<number>()
        const task = yield* started(future)
        yield* future.setResult(42)
        yield* task.cancel()

        yield* task.uncancel()

        assert.strictEqual(yield* task, 42)
      })
    ))

  it("above zero withdraws nothing", () =>
    run(
      Effect.gen(function* () {
        const task = yield* started(asyncio.sleep(0))
        yield* task.cancel("first")
        yield* task.cancel("second")

        const left = yield* task.uncancel()

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual([left, error.reason], [1, "second"])
      })
    ))

  it("lets a task that was cancelled before its first step run after all", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.succeed("ran"))
        yield* task.cancel()

        yield* task.uncancel()

        assert.strictEqual(yield* task, "ran")
      })
    ))

  it("lets a task that cancelled itself return its value", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            const self = yield* asyncio.currentTask
            yield* self.cancel()
            yield* self.uncancel()
            return "value"
          })
        )

        assert.strictEqual(yield* task, "value")
      })
    ))
})

describe("a CancelledError", () => {
  it("has the message, and the name of the task that asked", () =>
    run(
      Effect.gen(function* () {
        const task = yield* started(asyncio.sleep("1 hour"))

        yield* task.cancel("shutting down")

        const error = yield* Effect.flip(task)
        assert.instanceOf(error, asyncio.CancelledError)
        assert.deepStrictEqual(
          [error._tag, error.message, error.reason, error.requestedBy?.name, error.requestedAt],
          ["CancelledError", "shutting down", "shutting down", "boss", undefined]
        )
      }),
      { name: "boss" }
    ))

  it("has an empty message and names nobody when a callback asked for it without one", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const task = yield* started(asyncio.sleep("1 hour"))

        yield* loop.callSoon(() => task.cancelUnsafe())

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual([error.message, error.reason, error.requestedBy?.name], ["", undefined, undefined])
      })
    ))

  it("names whom the caller outside of Effect speaks for", () =>
    run(
      Effect.gen(function* () {
        const task = yield* started(asyncio.sleep("1 hour"))

        task.cancelUnsafe("stop", undefined, "supervisor")

        assert.strictEqual((yield* Effect.flip(task)).requestedBy?.name, "supervisor")
      })
    ))

  it("names the task in a branch of which the request was made", () =>
    run(
      Effect.gen(function* () {
        const victim = yield* started(asyncio.sleep("1 hour"))

        yield* started(Effect.all([victim.cancel(), Effect.void], { concurrency: 2 }), { name: "asker" })

        assert.strictEqual((yield* Effect.flip(victim)).requestedBy?.name, "asker")
      })
    ))

  it("says in debug mode where the request was made", () =>
    run(
      Effect.gen(function* () {
        const task = yield* started(asyncio.sleep("1 hour"))

        task.cancelUnsafe("stop")

        const error = yield* Effect.flip(task)
        assert.match(error.requestedAt ?? "", /cancelCounting\.test\.ts/)
      }),
      { debug: true, loopFactory: makeVirtualTimeLoop }
    ))

  it("is the first of two that came while the task waited", () =>
    run(
      Effect.gen(function* () {
        const task = yield* started(
          asyncio.catchCancelled(asyncio.sleep("1 hour", ""), (error) => asyncio.sleep("1 second", error.reason))
        )
        yield* task.cancel("first")

        yield* task.cancel("second")

        assert.deepStrictEqual([yield* task, task.cancelling()], ["first", 2])
      })
    ))

  it("is the last of two that came before the task's first step", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.void)
        yield* task.cancel("first")

        yield* task.cancel("second")

        assert.strictEqual((yield* Effect.flip(task)).reason, "second")
      })
    ))

  it("can be made and failed with by a program, which ends the task as cancelled", () =>
    run(
      Effect.gen(function* () {
        const error = new asyncio.CancelledError("mine", { requestedBy: "me" })

        const task = yield* asyncio.createTask(Effect.fail(error))

        const seen = yield* Effect.flip(task)
        assert.strictEqual(seen, error)
        assert.deepStrictEqual([task.cancelled(), task.cancelling()], [true, 0])
      })
    ))
})
