import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Cause, Effect, Exit } from "effect"
import { collectReports, run } from "../support.ts"

/** A task that waits for `future`, refuses to be cancelled, and gives a result all the same. */
const stubborn = (future: asyncio.Future<void>) =>
  asyncio.createTask(asyncio.catchCancelled(Effect.as(future, "woken"), () => Effect.succeed("refused")))

const setUp = Effect.gen(function* () {
  const loop = yield* asyncio.getRunningLoop
  return { loop, future: yield* loop.createFuture<void>(), reports: collectReports(loop) }
})

describe("gather", () => {
  it("gives the results the shape of a record", () =>
    run(
      Effect.gen(function* () {
        const results = yield* asyncio.gather({ one: asyncio.sleep(2, 1), two: Effect.succeed("2") })
        const exits = yield* asyncio.gather(
          { one: Effect.succeed(1), no: Effect.fail("no") },
          { returnExceptions: true }
        )

        assert.deepStrictEqual(results, { one: 1, two: "2" })
        assert.deepStrictEqual(
          [Object.keys(exits), exits.one, exits.no],
          [["one", "no"], Exit.succeed(1), Exit.fail("no")]
        )
      })
    ))

  it("of what is done is done at once", () =>
    run(
      Effect.gen(function* () {
        const { loop } = yield* setUp
        const [one, two] = [loop.createFutureUnsafe<number, string>(), loop.createFutureUnsafe<number, string>()]
        yield* one.setResult(1)
        yield* two.setException("two")

        const succeeded = yield* asyncio.gatherFuture([one])
        const failed = yield* asyncio.gatherFuture([one, two])

        assert.deepStrictEqual(succeeded.exitUnsafe(), Exit.succeed([1]))
        assert.deepStrictEqual(failed.exitUnsafe(), Exit.fail("two"))
        assert.isTrue(lowlevel.exceptionRetrieved(two))
      })
    ))

  it("fails with a cancellation that every child refused, without its message where the child handed it on", () =>
    run(
      Effect.gen(function* () {
        const { future } = yield* setUp
        const child = yield* stubborn(future)
        const gathering = yield* asyncio.gatherFuture([child])
        yield* asyncio.sleep(0)

        const accepted = yield* gathering.cancel("stop")

        const error = yield* Effect.flip(gathering)
        assert.deepStrictEqual(
          {
            accepted,
            message: error.message,
            reason: error.reason,
            cancelled: gathering.cancelled(),
            result: yield* child
          },
          { accepted: true, message: "", reason: "stop", cancelled: false, result: "refused" }
        )
      })
    ))

  it("fails with the message where the child, already woken, had kept it for its next step", () =>
    run(
      Effect.gen(function* () {
        const { future } = yield* setUp
        const child = yield* stubborn(future)
        const gathering = yield* asyncio.gatherFuture([child], { returnExceptions: true })
        yield* asyncio.sleep(0)
        yield* future.setResult()

        const accepted = yield* gathering.cancel("stop")

        const error = yield* Effect.flip(gathering)
        assert.deepStrictEqual(
          { accepted, reason: error.reason, result: yield* child },
          { accepted: true, reason: "stop", result: "refused" }
        )
      })
    ))

  // CPython: [CancelledError(''), CancelledError('why')]
  it("gives a cancelled task without its message, a future with it, and who asked as well as the task's own error", () =>
    run(
      Effect.gen(function* () {
        const { future } = yield* setUp
        const task = yield* asyncio.createTask(asyncio.sleep("1 hour"))
        const gathering = yield* asyncio.gatherFuture([task, future], { returnExceptions: true })
        yield* asyncio.sleep(0)
        yield* task.cancel("why")
        yield* future.cancel("why")

        const exits = yield* gathering

        const errors = exits.map(
          (exit) => (Exit.isFailure(exit) ? Cause.squash(exit.cause) : exit) as asyncio.CancelledError
        )
        assert.deepStrictEqual(
          errors.map(({ cause, message, reason, requestedBy }) => [
            message,
            reason,
            requestedBy?.name,
            (cause as Error).message
          ]),
          [
            ["", "why", "Task-1", "why"],
            ["why", "why", "Task-1", "why"]
          ]
        )
      })
    ))

  it("leaves the message of a cancelled task to the first who awaits it", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.void)
        const gathering = yield* asyncio.gatherFuture([task], { returnExceptions: true })
        yield* task.cancel("why")
        yield* gathering

        const error = yield* Effect.flip(task)

        assert.strictEqual(error.reason, "why")
      })
    ))

  it("has the message of the request that the last child has caught", () =>
    run(
      Effect.gen(function* () {
        const { future, loop } = yield* setUp
        const awaited = yield* loop.createFuture<void>()
        const last = yield* asyncio.createTask(asyncio.catchCancelled(awaited, () => Effect.succeed("went on")))
        const gathering = yield* asyncio.gatherFuture([future, last], { returnExceptions: true })
        yield* asyncio.sleep(0)
        // Both requests wait for the last child's next step, which has its result already.
        yield* awaited.setResult()

        yield* gathering.cancel("of the gather")
        yield* last.cancel("of the child")

        const error = yield* Effect.flip(gathering)
        assert.deepStrictEqual([error.message, yield* last], ["of the child", "went on"])
      })
    ))

  it("words its cancellation as the last child, which had its result before", () =>
    run(
      Effect.gen(function* () {
        const { future, loop } = yield* setUp
        const early = yield* loop.createFuture<void>()
        const gathering = yield* asyncio.gatherFuture([future, early], { returnExceptions: true })
        yield* early.setResult()

        const accepted = yield* gathering.cancel("stop")

        const error = yield* Effect.flip(gathering)
        assert.deepStrictEqual(
          { accepted, message: error.message, reason: error.reason, cancelled: future.cancelled() },
          { accepted: true, message: "", reason: "stop", cancelled: true }
        )
      })
    ))

  it("that has failed asks nobody any more, when who waits is cancelled before it hears of that", () =>
    run(
      Effect.gen(function* () {
        const failing = yield* asyncio.createTask(Effect.andThen(asyncio.sleep(1), Effect.fail("failed")))
        const other = yield* asyncio.createTask(asyncio.sleep("1 hour"))
        const waiter = yield* asyncio.createTask(asyncio.gather([failing, other]))
        yield* asyncio.sleep(0)
        failing.addDoneCallbackUnsafe(() => waiter.cancelUnsafe("stop"))
        yield* asyncio.wait([waiter])
        assert.deepStrictEqual([waiter.cancelled(), other.cancelling()], [true, 0])
      })
    ))

  it("that was refused a member leaves the others alone, however they end", () =>
    run(
      Effect.gen(function* () {
        const { future, loop, reports } = yield* setUp
        const failing = yield* loop.createFuture<void, string>()
        const gather = asyncio.gatherFuture([future, failing, 1])

        const defect = yield* Effect.catchDefect(gather, Effect.succeed)

        yield* future.cancel()
        yield* failing.setException("unseen")
        yield* asyncio.sleep(0)
        assert.strictEqual(String(defect), "TypeError: An asyncio.Future, a coroutine or an awaitable is required")
        assert.deepStrictEqual([lowlevel.exceptionRetrieved(failing), reports], [true, []])
      })
    ))
})
