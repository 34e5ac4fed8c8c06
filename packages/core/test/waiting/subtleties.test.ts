import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { collectReports, reportsOf, run } from "../support.ts"

// See ../cancellation/subtleties.test.ts.

const failAfter = (millis: number, error: string) => Effect.andThen(asyncio.sleep(millis), Effect.fail(error))

describe("a gather that failed", () => {
  // `gather` is done with the first failure, and a done future is not to be cancelled.
  it("lets the others run, keeps quiet about their failures, and is not to be cancelled any more", async () => {
    const loop = makeVirtualTimeLoop()
    const reports = collectReports(loop)

    const result = await run(
      Effect.gen(function* () {
        const last = yield* asyncio.createTask(asyncio.sleep(3, "last"))
        const gathering = yield* asyncio.gatherFuture([failAfter(1, "first"), failAfter(2, "second"), last])

        const error = yield* Effect.flip(gathering)

        return { error, accepted: yield* gathering.cancel(), isLastDone: last.done(), last: yield* last }
      }),
      { loopFactory: () => loop }
    )

    assert.deepStrictEqual(result, { error: "first", accepted: false, isLastDone: false, last: "last" })
    assert.deepStrictEqual(reports, [])
  })

  // `gather` treats the cancellation of a child as its failure.
  it("because one child was cancelled leaves its task's count at zero and the other children alone", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const task = yield* asyncio.currentTask
        const cancelled = yield* asyncio.createTask(asyncio.sleep(5000))
        const other = yield* asyncio.createTask(asyncio.sleep(1000, "other"))
        yield* loop.callLater(500, () => cancelled.cancelUnsafe("its own"))

        const error = yield* Effect.flip(asyncio.gather([cancelled, other]))

        assert.deepStrictEqual(
          { reason: error.reason, taskCancelling: task.cancelling(), otherDone: other.done() },
          { reason: "its own", taskCancelling: 0, otherDone: false }
        )
        assert.deepStrictEqual([yield* other, loop.time()], ["other", 1000])
      })
    ))
})

describe("a gather", () => {
  // `gather` of nothing, or of what is done, is a done future; its children are tasks from the call on.
  it("is done at once when everything is, and runs its children whether or not anybody awaits it", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<number>()
        yield* future.setResult(1)

        const empty = yield* asyncio.gatherFuture([])
        const ready = yield* asyncio.gatherFuture([future, future])
        const unwatched = yield* asyncio.gatherFuture([Effect.sync(() => lines.push("child"))])

        assert.deepStrictEqual(
          { emptyDone: empty.done(), emptyResult: yield* empty, readyDone: ready.done(), readyResult: yield* ready },
          { emptyDone: true, emptyResult: [], readyDone: true, readyResult: [1, 1] }
        )
        assert.deepStrictEqual([unwatched.done(), lines], [false, []])
        for (let iteration = 0; iteration < 3; iteration++) yield* asyncio.sleep(0)
        assert.deepStrictEqual([unwatched.done(), lines], [true, ["child"]])
      })
    ))
})

describe("wait", () => {
  // `FIRST_EXCEPTION` waits on when a future was cancelled.
  it("for the first exception is not content with a cancellation", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const cancelled = yield* asyncio.createTask(asyncio.sleep(5000))
        const slow = yield* asyncio.createTask(asyncio.sleep(2000))
        yield* loop.callLater(1000, () => cancelled.cancelUnsafe())

        const { done, pending } = yield* asyncio.wait([cancelled, slow], { returnWhen: "FIRST_EXCEPTION" })

        assert.deepStrictEqual([done.size, pending.size, loop.time()], [2, 0, 2000])
      })
    ))

  // `wait` sorts its futures when its task runs again, and not when it was woken.
  it("finds what is done when its task runs again, which may be more than what woke it", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const [first, second] = [yield* loop.createFuture<number>(), yield* loop.createFuture<number>()]
        yield* loop.callSoon(() => {
          first.setResultUnsafe(1)
        })
        yield* loop.callSoon(() => void loop.callSoonUnsafe(() => second.setResultUnsafe(2)))

        const { done } = yield* asyncio.wait([first, second], { returnWhen: "FIRST_COMPLETED" })

        assert.deepStrictEqual([...done], [first, second])
      })
    ))
})

describe("shield", () => {
  // `shield` reports a failure that came after its own cancellation.
  it("tells of a failure that came too late once, however many shields were cancelled", async () => {
    const reports = await reportsOf(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<void, RangeError>()
        const shields = [yield* asyncio.shieldFuture(future), yield* asyncio.shieldFuture(future)]
        const accepted = { first: yield* shields[0]!.cancel(), second: yield* shields[1]!.cancel() }
        yield* asyncio.sleep(0)

        yield* future.setException(new RangeError("late"))

        yield* asyncio.sleep(0)
        assert.deepStrictEqual(accepted, { first: true, second: true })
      })
    )

    assert.deepStrictEqual(reports, ["RangeError exception in shielded future"])
  })

  // `shield` of a future that is done gives that future.
  it("of a future that is done is that future", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.succeed(1))
        yield* task

        assert.strictEqual<unknown>(yield* asyncio.shieldFuture(task), task)
      })
    ))
})

describe("a timeout", () => {
  // `Timeout.reschedule` into the past goes by `call_soon`.
  it("that is moved into the past ends its body in the next iteration, not in the call that moves it", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        const task = yield* asyncio.currentTask
        const body = (timeout: asyncio.Timeout) =>
          Effect.gen(function* () {
            yield* timeout.reschedule(loop.time() - 1)
            lines.push(["moved", timeout.expired(), task.cancelling()])
            yield* asyncio.sleep(0)
            lines.push("not reached")
          })

        const error = yield* Effect.flip(asyncio.timeout(10_000, body))

        assert.deepStrictEqual([lines, error._tag, task.cancelling()], [[["moved", false, 0]], "TimeoutError", 0])
      })
    ))

  // `Timeout.__aexit__` raises TimeoutError for a CancelledError only.
  it("whose body swallows the cancellation has expired and gives the body's result", () =>
    run(
      Effect.gen(function* () {
        let seen: asyncio.Timeout | undefined
        const task = yield* asyncio.currentTask

        const result = yield* asyncio.timeout(1000, (timeout) => {
          seen = timeout
          return asyncio.catchCancelled(asyncio.sleep("1 hour", "slept"), () => Effect.succeed("swallowed"))
        })

        assert.deepStrictEqual(
          { result, seenExpired: seen!.expired(), taskCancelling: task.cancelling() },
          { result: "swallowed", seenExpired: true, taskCancelling: 0 }
        )
      })
    ))
})
