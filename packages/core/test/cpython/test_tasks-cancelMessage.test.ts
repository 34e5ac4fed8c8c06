import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

/** A task that cancels another, waits until that is done, and then asks it how it ended. */
const askingAfterWait = (
  ask: (task: asyncio.Task<void>) => Effect.Effect<unknown, unknown>,
  ...message: [] | [string | undefined]
) =>
  Effect.gen(function* () {
    const task = yield* asyncio.createTask(asyncio.sleep("10 seconds"))
    yield* asyncio.sleep(0)
    yield* task.cancel(...message)
    yield* asyncio.wait([task])
    return yield* ask(task)
  })

const messages = [[], [undefined], ["my message"], [""]] as const

describe("CPython test_tasks", () => {
  it("hands the message of the request to whoever awaits the task (test_task_cancel_message_getter)", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(asyncio.sleep("1 hour"))

        yield* task.cancel("my message")

        const error = yield* Effect.flip(task)
        assert.instanceOf(error, asyncio.CancelledError)
        assert.deepStrictEqual([error.reason, error.message], ["my message", "my message"])
      })
    ))

  it("keeps the message when the task had not started, and never runs the body (test_cancel_with_message_before_starting_task)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const body = Effect.sync(() => lines.push("started"))
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            const inner = yield* asyncio.createTask(body)
            yield* inner.cancel("my message")
            yield* inner
          })
        )

        const error = yield* Effect.flip(task)

        assert.deepStrictEqual(
          { reason: error.reason, cancelled: task.cancelled(), lines },
          { reason: "my message", cancelled: true, lines: [] }
        )
      })
    ))

  for (const message of messages) {
    const text = message.length === 0 ? "no message" : `the message ${JSON.stringify(message[0])}`

    it(`fails with ${text} when the result of a cancelled task is asked for (test_cancel_with_message_then_future_result)`, () =>
      run(
        Effect.gen(function* () {
          const task = yield* asyncio.createTask(askingAfterWait((inner) => inner.result(), ...message))

          const error = yield* Effect.flip(task)

          assert.instanceOf(error, asyncio.CancelledError)
          assert.deepStrictEqual(
            { reason: error.reason, cause: error.cause, cancelled: task.cancelled() },
            { reason: message[0], cause: undefined, cancelled: true }
          )
        })
      ))

    it(`fails with ${text} when the exception of a cancelled task is asked for (test_cancel_with_message_then_future_exception)`, () =>
      run(
        Effect.gen(function* () {
          const task = yield* asyncio.createTask(askingAfterWait((inner) => inner.exception(), ...message))

          const error = yield* Effect.flip(task)

          assert.instanceOf(error, asyncio.CancelledError)
          assert.deepStrictEqual(
            { reason: error.reason, cause: error.cause, cancelled: task.cancelled() },
            { reason: message[0], cause: undefined, cancelled: true }
          )
        })
      ))
  }

  it("can be the cause of an error that is raised from the cancellation (test_cancellation_exception_context)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            const inner = yield* asyncio.createTask(asyncio.sleep("10 seconds"))
            yield* asyncio.sleep(0)
            yield* loop.callSoon(() => inner.cancelUnsafe("msg"))
            yield* Effect.catchTag(inner, "CancelledError", (error) =>
              Effect.fail(new asyncio.ValueError("cancelled", { cause: error }))
            )
          })
        )

        const error = yield* Effect.flip(task)

        assert.instanceOf(error, asyncio.ValueError)
        assert.instanceOf(error.cause, asyncio.CancelledError)
        assert.deepStrictEqual(
          { reason: error.cause.reason, cause: error.cause.cause, cancelled: task.cancelled() },
          { reason: "msg", cause: undefined, cancelled: false }
        )
      })
    ))
})
