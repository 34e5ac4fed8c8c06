import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Cause, Effect, Exit, Schedule } from "effect"
import { run } from "../support.ts"

const started = <A, E>(body: Effect.Effect<A, E>) => Effect.tap(asyncio.createTask(body), asyncio.sleep(0))

const waits: Record<string, Effect.Effect<void, string>> = {
  "one of our awaits": asyncio.sleep("1 hour"),
  "a foreign effect": Effect.sleep("1 hour")
}

const operators: Record<string, (self: Effect.Effect<void, string>) => Effect.Effect<unknown>> = {
  "Effect.catch": Effect.catch(() => Effect.succeed("swallowed")),
  "Effect.orElseSucceed": Effect.orElseSucceed(() => "swallowed"),
  "Effect.retry": (self) => Effect.ignore(Effect.retry(self, Schedule.recurs(3))),
  "Effect.ignore": Effect.ignore,
  "Effect.result": Effect.result,
  "Effect.catchDefect": (self) => Effect.catchDefect(Effect.orDie(self), () => Effect.succeed("swallowed"))
}

describe("the task's own cancellation", () => {
  for (const [place, wait] of Object.entries(waits)) {
    for (const [name, operator] of Object.entries(operators)) {
      it(`passes through ${name} around ${place}`, () =>
        run(
          Effect.gen(function* () {
            const task = yield* started(operator(wait))

            yield* task.cancel("stop")

            const error = yield* Effect.flip(task)
            assert.deepStrictEqual([error.reason, task.cancelled()], ["stop", true])
          })
        ))
    }
  }

  it("is an interrupt to finalizers", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<boolean> = []
        const noteExit = (exit: Exit.Exit<unknown, unknown>) =>
          Effect.sync(() => seen.push(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)))
        const task = yield* started(Effect.onExit(asyncio.sleep("1 hour"), noteExit))

        yield* task.cancel()

        yield* Effect.flip(task)
        assert.deepStrictEqual(seen, [true])
      })
    ))

  it("is not seen by a handler of typed CancelledErrors around a task that it was passed on to", () =>
    run(
      Effect.gen(function* () {
        const child = yield* started(asyncio.sleep("1 hour"))
        const task = yield* started(Effect.catchTag(child, "CancelledError", () => Effect.succeed("swallowed")))

        yield* task.cancel()

        yield* Effect.flip(task)
        assert.deepStrictEqual(
          { childCancelled: child.cancelled(), taskCancelled: task.cancelled() },
          { childCancelled: true, taskCancelled: true }
        )
      })
    ))
})

describe("another task's cancellation", () => {
  // What CPython does: the message goes to the first who asks.
  it("is a typed failure to those who await the task, with the message for the first of them", () =>
    run(
      Effect.gen(function* () {
        const child = yield* started(asyncio.sleep("1 hour", ""))
        const reason = Effect.catchTag(child, "CancelledError", (error) => Effect.succeed(`caught ${error.message}`))
        const waiting = yield* started(reason)

        yield* child.cancel("stop")

        assert.deepStrictEqual([yield* waiting, yield* reason], ["caught stop", "caught "])
      })
    ))

  it("is a typed failure in a branch of Effect.all", () =>
    run(
      Effect.gen(function* () {
        const child = yield* started(asyncio.sleep("1 hour", ""))
        const reason = Effect.catchTag(child, "CancelledError", (error) => Effect.succeed(error.reason))
        const waiting = yield* started(Effect.all([reason, asyncio.sleep("1 second", "slept")], { concurrency: 2 }))

        yield* child.cancel("stop")

        assert.deepStrictEqual(yield* waiting, ["stop", "slept"])
      })
    ))

  it("uncaught ends the awaiting task as cancelled too", () =>
    run(
      Effect.gen(function* () {
        const child = yield* started(asyncio.sleep("1 hour"))
        const waiting = yield* started(child)

        yield* child.cancel("stop")

        const error = yield* Effect.flip(waiting)
        assert.deepStrictEqual(
          { reason: error.reason, cancelled: waiting.cancelled(), cancelling: waiting.cancelling() },
          { reason: "stop", cancelled: true, cancelling: 0 }
        )
      })
    ))

  it("is found in the result of a task without waiting", () =>
    run(
      Effect.gen(function* () {
        const child = yield* started(asyncio.sleep("1 hour"))
        yield* child.cancel("stop")
        yield* asyncio.sleep(0)
        yield* asyncio.sleep(0)

        const errors = [yield* Effect.flip(child.result()), yield* Effect.flip(child.exception())]

        assert.deepStrictEqual(
          errors.map((error) => `${error._tag}: ${error.message}`),
          ["CancelledError: stop", "CancelledError: "]
        )
      })
    ))
})
