import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

const otherLoop = "ValueError: The future belongs to a different loop than the one specified as the loop argument"

const defectOf = (program: Effect.Effect<unknown, unknown>) =>
  Effect.map(Effect.catchDefect(program, Effect.succeed), String)

describe("CPython test_tasks", () => {
  it("makes a task of the running loop, or of the given one, from a coroutine (test_ensure_future_coroutine)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const other = asyncio.newEventLoop()

        const future = yield* asyncio.ensureFuture(Effect.succeed("ok"))
        const elsewhere = yield* asyncio.ensureFuture(Effect.succeed("ok"), { loop: other })

        assert.deepStrictEqual(
          { isTask: asyncio.isTask(future), sameLoop: future.loop === loop, done: future.done() },
          { isTask: true, sameLoop: true, done: false }
        )
        assert.deepStrictEqual(
          { isTask: asyncio.isTask(elsewhere), isOnOther: elsewhere.loop === other },
          { isTask: true, isOnOther: true }
        )
        assert.strictEqual(yield* future, "ok")
      })
    ))

  it("gives a future as it is, done or not (test_ensure_future_future)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<string>()

        const pending = yield* asyncio.ensureFuture(future)
        yield* future.setResult("ok")
        const done = yield* asyncio.ensureFuture(future)

        assert.deepStrictEqual(
          { pendingIsFuture: pending === future, doneIsFuture: done === future, result: yield* done },
          { pendingIsFuture: true, doneIsFuture: true, result: "ok" }
        )
      })
    ))

  it("gives a task as it is, done or not (test_ensure_future_task)", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.succeed("ok"))

        const pending = yield* asyncio.ensureFuture(task)
        yield* task
        const done = yield* asyncio.ensureFuture(task)

        assert.deepStrictEqual(
          { pendingIsTask: pending === task, doneIsTask: done === task, result: yield* done },
          { pendingIsTask: true, doneIsTask: true, result: "ok" }
        )
      })
    ))

  it("refuses the future of another loop than the one it is given (test_ensure_future_error_msg)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const other = asyncio.newEventLoop()
        const future = other.createFutureUnsafe<void>()
        const task = yield* Effect.provideService(asyncio.createTask(Effect.void), asyncio.RunningLoop, other)

        const ends = [
          yield* defectOf(asyncio.ensureFuture(future, { loop })),
          yield* defectOf(asyncio.ensureFuture(task, { loop }))
        ]

        assert.deepStrictEqual(ends, [otherLoop, otherLoop])
        const taken = [yield* asyncio.ensureFuture(future, { loop: other }), yield* asyncio.ensureFuture(future)]
        assert.deepStrictEqual(
          { firstIsFuture: taken[0] === future, secondIsFuture: taken[1] === future },
          { firstIsFuture: true, secondIsFuture: true }
        )
      })
    ))

  it("follows anything that has a then (test_ensure_future_awaitable)", () =>
    run(
      Effect.gen(function* () {
        class Awaitable implements PromiseLike<string> {
          readonly then = Promise.resolve("ok").then.bind(Promise.resolve("ok")) as PromiseLike<string>["then"]
        }

        const future = yield* asyncio.ensureFuture(new Awaitable())

        assert.deepStrictEqual([asyncio.isTask(future), yield* future], [true, "ok"])
      })
    ))

  it("runs a foreign awaitable in a task whose coroutine is a real one (test_ensure_future_task_awaitable)", () =>
    run(
      Effect.gen(function* () {
        const promise = Promise.resolve("ok")
        const future = yield* asyncio.ensureFuture(promise)
        yield* asyncio.wait([future])

        const coroutine = future.getCoro()

        assert.deepStrictEqual([Effect.isEffect(coroutine), yield* future.result()], [true, "ok"])
      })
    ))

  it("dies with a TypeError for what cannot be awaited (test_ensure_future_neither)", () =>
    run(
      Effect.gen(function* () {
        const junk = ["ok", 1, null, undefined, { then: "ok" }, () => Effect.void]

        const defects = yield* Effect.forEach(junk, (value) => defectOf(asyncio.ensureFuture(value as never)))

        const message = "TypeError: An asyncio.Future, a coroutine or an awaitable is required"
        assert.deepStrictEqual(
          defects,
          Array.from(junk, () => message)
        )
      })
    ))
})
