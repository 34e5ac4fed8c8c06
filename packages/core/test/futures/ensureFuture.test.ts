import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { macrotask, run } from "../support.ts"

describe("ensureFuture", () => {
  // test_ensure_future_future, test_ensure_future_task
  it("gives a future and a task as they are", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<void>()
        const task = yield* asyncio.createTask(Effect.void)

        const ensured = [yield* asyncio.ensureFuture(future), yield* asyncio.ensureFuture(task)]

        assert.deepStrictEqual(
          { firstIsFuture: ensured[0] === future, secondIsTask: ensured[1] === task },
          { firstIsFuture: true, secondIsTask: true }
        )
      })
    ))

  // test_ensure_future_coroutine
  it("starts an Effect as a task", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.ensureFuture(Effect.succeed(42))

        assert.deepStrictEqual([asyncio.isTask(task), yield* task], [true, 42])
      })
    ))

  // test_ensure_future_awaitable
  it("follows a promise, and whatever else has a then", () =>
    run(
      Effect.gen(function* () {
        const thenable: PromiseLike<string> = { then: (resolve) => Promise.resolve("thenable").then(resolve) }
        const tasks = [
          yield* asyncio.ensureFuture(Promise.resolve("promise")),
          yield* asyncio.ensureFuture(thenable),
          yield* asyncio.ensureFuture(Promise.reject<string>("rejected"))
        ]

        const ends = yield* Effect.all(
          tasks.map((task) => Effect.catchTag(task, "UnknownError", ({ cause }) => Effect.succeed(`cause: ${cause}`)))
        )

        assert.deepStrictEqual(ends, ["promise", "thenable", "cause: rejected"])
      })
    ))

  it("leaves what a promise rejects with as it is where that says what it is", () =>
    run(
      Effect.gen(function* () {
        const stopped = yield* asyncio.createTask(asyncio.sleep("1 hour"))
        yield* asyncio.cancelAndWait([stopped])
        const errors: ReadonlyArray<unknown> = [
          new asyncio.ExceptionGroup("two", ["a", "b"]),
          yield* Effect.flip(stopped)
        ]
        const tasks = yield* Effect.all(errors.map((error) => asyncio.ensureFuture(Promise.reject<string>(error))))

        const ends = yield* Effect.all(tasks.map((task) => Effect.flip(task)))

        assert.deepStrictEqual(ends, errors)
        assert.deepStrictEqual(
          tasks.map((task) => task.cancelled()),
          [false, true]
        )
      })
    ))

  it.effect("takes over a promise that has rejected before the task's first step", () =>
    Effect.gen(function* () {
      const unhandled: Array<unknown> = []
      const note = (reason: unknown) => void unhandled.push(reason)
      const others = process.listeners("unhandledRejection")
      process.removeAllListeners("unhandledRejection")
      process.on("unhandledRejection", note)

      const task = yield* asyncio.ensureFuture(Promise.reject<string>("rejected"))

      yield* Effect.promise(macrotask)
      process.off("unhandledRejection", note)
      for (const other of others) process.on("unhandledRejection", other)
      assert.deepStrictEqual([(yield* Effect.flip(task)).cause, ...unhandled], ["rejected"])
    })
  )

  it("ends the waiting when the task of a promise is cancelled", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.ensureFuture(new Promise(() => {}))
        yield* asyncio.sleep(0)

        yield* task.cancel("stop")

        yield* Effect.ignore(task)
        assert.isTrue(task.cancelled())
      })
    ))

  // test_ensure_future_neither
  it("dies with a TypeError for anything else", () =>
    run(
      Effect.gen(function* () {
        const junk = [123, undefined, { then: "no function" }]

        const defects = yield* Effect.all(
          junk.map((value) => Effect.catchDefect(asyncio.ensureFuture(value as never), Effect.succeed))
        )

        const message = "TypeError: An asyncio.Future, a coroutine or an awaitable is required"
        assert.deepStrictEqual(defects.map(String), [message, message, message])
      })
    ))
})
