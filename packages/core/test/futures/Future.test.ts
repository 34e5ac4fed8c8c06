import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Cause, Effect, Exit } from "effect"
import { run } from "../support.ts"

const newFuture = Effect.map(asyncio.getRunningLoop, (loop) => loop.createFutureUnsafe<number, string>())

const messageOf = (effect: Effect.Effect<unknown, { readonly _tag: string; readonly message: string } | string>) =>
  Effect.map(Effect.flip(effect), (error) => (typeof error === "string" ? error : `${error._tag}: ${error.message}`))

describe("a pending future", () => {
  // test_initial_state, test_result, test_exception
  it("has neither a result nor an exception", () =>
    run(
      Effect.gen(function* () {
        const future = yield* newFuture

        const messages = [yield* messageOf(future.result()), yield* messageOf(future.exception())]

        assert.deepStrictEqual(messages, [
          "InvalidStateError: Result is not set.",
          "InvalidStateError: Exception is not set."
        ])
        assert.deepStrictEqual(
          { done: future.done(), cancelled: future.cancelled(), exit: future.exitUnsafe() },
          { done: false, cancelled: false, exit: undefined }
        )
      })
    ))
})

describe("a finished future", () => {
  // test_result
  it("keeps its result and cannot be finished or cancelled again", () =>
    run(
      Effect.gen(function* () {
        const future = yield* newFuture
        yield* future.setResult(42)

        const refused = [yield* messageOf(future.setResult(0)), yield* messageOf(future.setException("no"))]

        assert.deepStrictEqual(refused, ["InvalidStateError: invalid state", "InvalidStateError: invalid state"])
        assert.deepStrictEqual(
          {
            result: yield* future.result(),
            exception: yield* future.exception(),
            accepted: yield* future.cancel(),
            awaited: yield* future
          },
          { result: 42, exception: undefined, accepted: false, awaited: 42 }
        )
      })
    ))

  // test_exception
  it("keeps its exception", () =>
    run(
      Effect.gen(function* () {
        const future = yield* newFuture
        yield* future.setException("broken")

        const seen = [yield* Effect.flip(future.result()), yield* future.exception(), yield* Effect.flip(future)]

        assert.deepStrictEqual(seen, ["broken", "broken", "broken"])
      })
    ))

  it("throws at callers outside of Effect who finish it again", () =>
    run(
      Effect.gen(function* () {
        const future = yield* newFuture
        future.setExitUnsafe(Exit.succeed(1))

        const attempts = [
          () => future.setResultUnsafe(2),
          () => future.setExceptionUnsafe("no"),
          () => future.setExitUnsafe(Exit.succeed(3))
        ]

        for (const attempt of attempts) assert.throws(attempt, asyncio.InvalidStateError, "invalid state")
        assert.strictEqual(yield* future, 1)
      })
    ))

  it("can be finished as an Effect ended", () =>
    run(
      Effect.gen(function* () {
        const future = yield* newFuture

        future.setExitUnsafe(Exit.failCause(Cause.die("bug")))

        assert.deepStrictEqual(future.exitUnsafe(), Exit.die("bug"))
      })
    ))
})

describe("a cancelled future", () => {
  // test_cancel
  it("fails everyone who looks with the CancelledError", () =>
    run(
      Effect.gen(function* () {
        const future = yield* newFuture

        const accepted = yield* future.cancel("stop")
        const again = yield* future.cancel("again")

        assert.deepStrictEqual(
          { accepted, again, done: future.done(), cancelled: future.cancelled() },
          { accepted: true, again: false, done: true, cancelled: true }
        )
        const seen = [future, future.result(), future.exception(), future.setResult(1), future.setException("no")]
        assert.deepStrictEqual(yield* Effect.all(seen.map(messageOf)), [
          "CancelledError: stop",
          "CancelledError: stop",
          "CancelledError: stop",
          "InvalidStateError: invalid state",
          "InvalidStateError: invalid state"
        ])
      })
    ))

  it("that was a sleep drops its timer", async () => {
    const loop = makeVirtualTimeLoop()
    const sleep = loop.sleepUnsafe("1 hour")
    const other = loop.sleepUnsafe("1 second")

    sleep.cancelUnsafe()

    await loop.runUntilComplete(other)
    assert.deepStrictEqual(
      { time: loop.time(), cancelled: sleep.cancelled(), accepted: sleep.cancelUnsafe() },
      { time: 1000, cancelled: true, accepted: false }
    )
    loop.closeUnsafe()
  })
})

describe("a sleep as a future", () => {
  it("can be finished before its time, and its timer then does nothing", async () => {
    const loop = makeVirtualTimeLoop()
    const sleep = loop.sleepUnsafe("1 second")

    sleep.setResultUnsafe()

    await loop.runUntilComplete(loop.sleepUnsafe("2 seconds"))
    assert.deepStrictEqual(
      { done: sleep.done(), cancelled: sleep.cancelled(), time: loop.time() },
      { done: true, cancelled: false, time: 2000 }
    )
    loop.closeUnsafe()
  })
})

describe("a future that somebody awaits", () => {
  it("wakes all of them in the order they came", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const future = yield* newFuture
        const tasks: Array<asyncio.Task<void, string>> = []
        for (const name of ["a", "b", "c"]) {
          tasks.push(yield* asyncio.createTask(Effect.map(future, (value) => void lines.push(`${name} ${value}`))))
        }
        yield* asyncio.sleep(0)

        yield* future.setResult(1)

        yield* Effect.all(tasks)
        assert.deepStrictEqual(lines, ["a 1", "b 1", "c 1"])
      })
    ))

  it("wakes the fibers that are left when others were interrupted", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = loop.createFutureUnsafe<number>()
        const stubborn = yield* asyncio.createTask(asyncio.catchCancelled(future, () => asyncio.sleep("1 second", 7)))
        yield* asyncio.sleep(0)
        const race = yield* asyncio.createTask(Effect.raceFirst(stubborn, Effect.sleep("1 hour")))
        yield* asyncio.sleep(0)

        yield* race.cancel()

        yield* Effect.exit(race)
        assert.deepStrictEqual(
          { result: yield* stubborn, cancelled: race.cancelled(), time: loop.time() },
          { result: 7, cancelled: true, time: 1000 }
        )
      })
    ))

  // test_other_loop_future
  it("and belongs to another loop lets the task that awaits it die", async () => {
    const other = makeVirtualTimeLoop()
    const foreign = other.createFutureUnsafe<void>()

    const defect = await run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(foreign, { name: "lost" })
        return String(yield* Effect.catchDefect(task, Effect.succeed))
      })
    )

    assert.match(
      defect,
      /^RuntimeError: Task <Task pending name='lost' .*> got Future <Future pending> attached to a different loop$/
    )
  })
})
