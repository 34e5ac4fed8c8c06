import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { collectReports, run } from "../support.ts"

const newFuture = Effect.map(asyncio.getRunningLoop, (loop) => loop.createFutureUnsafe<number, Error>())

/** What an effect fails with, in words. */
const failureOf = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<string> =>
  Effect.match(effect, { onSuccess: (value) => `gave ${String(value)}`, onFailure: String })

describe("CPython test_futures", () => {
  it("is neither done nor cancelled at first, and then cancelled by a cancel (test_initial_state)", () =>
    run(
      Effect.gen(function* () {
        const future = yield* newFuture
        const before = { done: future.done(), cancelled: future.cancelled() }

        yield* future.cancel()

        assert.deepStrictEqual(
          { before, done: future.done(), cancelled: future.cancelled() },
          { before: { done: false, cancelled: false }, done: true, cancelled: true }
        )
      })
    ))

  it("belongs to the running loop when none is named (test_constructor_use_running_loop)", async () => {
    const loop = makeVirtualTimeLoop()
    const main = Effect.flatMap(asyncio.getRunningLoop, (running) => running.createFuture<void>())

    const future = await run(
      Effect.map(main, (made) => made.loop),
      { loopFactory: () => loop }
    )

    assert.strictEqual(future, loop)
  })

  it("keeps the message of a cancel for everyone who looks (test_future_cancel_message_getter)", () =>
    run(
      Effect.gen(function* () {
        const future = yield* newFuture

        yield* future.cancel("my message")

        const seen = [yield* Effect.flip(future), yield* Effect.flip(future.result())]
        assert.deepStrictEqual(
          seen.map((error) => error.message),
          ["my message", "my message"]
        )
      })
    ))

  it("is cancelled once; then it can be neither read nor finished (test_cancel)", () =>
    run(
      Effect.gen(function* () {
        const future = yield* newFuture

        const accepted = yield* future.cancel()
        const again = yield* future.cancel()

        assert.deepStrictEqual(
          { accepted, again, done: future.done(), cancelled: future.cancelled() },
          { accepted: true, again: false, done: true, cancelled: true }
        )
        const attempts = [future.result(), future.exception(), future.setResult(1), future.setException(new Error())]
        assert.deepStrictEqual(yield* Effect.all(attempts.map((attempt) => failureOf<unknown, unknown>(attempt))), [
          "CancelledError",
          "CancelledError",
          "InvalidStateError: invalid state",
          "InvalidStateError: invalid state"
        ])
      })
    ))

  it("has a result only when it was set, and only once (test_result)", () =>
    run(
      Effect.gen(function* () {
        const future = yield* newFuture
        const early = yield* failureOf(future.result())

        yield* future.setResult(42)

        assert.strictEqual(early, "InvalidStateError: Result is not set.")
        assert.deepStrictEqual([yield* future.result(), yield* future.exception()], [42, undefined])
        const again = [yield* failureOf(future.setResult(1)), yield* failureOf(future.setException(new Error()))]
        assert.deepStrictEqual(again, ["InvalidStateError: invalid state", "InvalidStateError: invalid state"])
        assert.deepStrictEqual(
          { accepted: yield* future.cancel(), cancelled: future.cancelled(), result: yield* future },
          { accepted: false, cancelled: false, result: 42 }
        )
      })
    ))

  it("has an exception only when it was set: the very object (test_exception)", () =>
    run(
      Effect.gen(function* () {
        const future = yield* newFuture
        const error = new RangeError("broken")
        const early = yield* failureOf(future.exception())

        yield* future.setException(error)

        assert.strictEqual(early, "InvalidStateError: Exception is not set.")
        assert.strictEqual(yield* future.exception(), error)
        assert.strictEqual(yield* Effect.flip(future.result()), error)
        assert.strictEqual(yield* Effect.flip(future), error)
        assert.strictEqual(yield* failureOf(future.setResult(1)), "InvalidStateError: invalid state")
      })
    ))

  it("gives its value again without suspending when it is awaited twice (test_yield_from_twice)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* newFuture
        const lines: Array<unknown> = []
        yield* loop.callSoon(() => future.setResultUnsafe(42))
        lines.push(yield* future)
        yield* loop.callSoon(() => lines.push("another iteration"))

        lines.push(yield* future)

        assert.deepStrictEqual(lines, [42, 42])
      })
    ))

  it("copies a result, an error or a cancellation from another (test_copy_state)", () =>
    run(
      Effect.gen(function* () {
        const error = new Error("broken")
        const sources = [yield* newFuture, yield* newFuture, yield* newFuture]
        sources[0]!.setResultUnsafe(10)
        sources[1]!.setExceptionUnsafe(error)
        sources[2]!.cancelUnsafe("enough")
        const copies = [yield* newFuture, yield* newFuture, yield* newFuture]

        for (const [i, copy] of copies.entries()) copy.setExitUnsafe(yield* Effect.exit(sources[i]!))

        assert.deepStrictEqual(
          copies.map((copy) => [copy.done(), copy.cancelled()]),
          [
            [true, false],
            [true, false],
            [true, true]
          ]
        )
        assert.strictEqual(yield* copies[0]!, 10)
        assert.strictEqual(yield* Effect.flip(copies[1]!), error)
        assert.strictEqual(yield* failureOf(copies[2]!), "CancelledError: enough")
      })
    ))

  it("that was cancelled or finished is left alone by the timer that would have finished it (test_set_result_unless_cancelled)", async () => {
    const loop = makeVirtualTimeLoop()
    const reports = collectReports(loop)
    const futures = [loop.sleepUnsafe(100), loop.sleepUnsafe(100)]

    futures[0]!.cancelUnsafe()
    futures[1]!.setResultUnsafe()

    await loop.runUntilComplete(loop.sleepUnsafe(200))
    assert.deepStrictEqual(
      futures.map((future) => future.cancelled()),
      [true, false]
    )
    assert.deepStrictEqual([loop.time(), ...reports], [200])
    loop.closeUnsafe()
  })

  it("prints its state, its outcome and its callbacks (test_future_repr)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const futures = [1, 2, 3, 4, 5].map(() => loop.createFutureUnsafe<number, Error>())
        futures[1]!.addDoneCallbackUnsafe(function gone() {})
        futures[1]!.cancelUnsafe()
        futures[2]!.setResultUnsafe(4)
        futures[3]!.setExceptionUnsafe(new asyncio.RuntimeError())
        const lines = futures.map(String)
        for (let n = 1; n <= 10; n++) {
          const callback = { [`cb${n}`]: () => {} }[`cb${n}`]!
          futures[4]!.addDoneCallbackUnsafe(callback)
          if (n < 3 || n === 10) lines.push(String(futures[4]))
        }

        yield* loop.setDebug(true)

        lines.push(String(loop.createFutureUnsafe()), String(yield* loop.createFuture()))
        yield* futures[3]!.exception()
        const here = /created at \S*test_futures\.test\.ts:\d+/
        assert.deepStrictEqual(
          lines.map((line) => line.replace(here, "created at FILE:LINE")),
          [
            "<Future pending>",
            "<Future cancelled>",
            "<Future finished result=4>",
            "<Future finished exception=RuntimeError()>",
            "<Future pending>",
            "<Future pending cb=[cb1()]>",
            "<Future pending cb=[cb1(), cb2()]>",
            "<Future pending cb=[cb1(), <8 more>, cb10()]>",
            "<Future pending created at FILE:LINE>",
            "<Future pending created at FILE:LINE>"
          ]
        )
      })
    ))

  describe("the marker of a future", () => {
    const marker = "~@effect-asyncio/core/Future"

    it("decides what one is; a class is none, only its instances (test_isfuture)", () =>
      run(
        Effect.gen(function* () {
          class Duck {
            readonly [marker] = marker
          }
          const future = yield* newFuture
          const task = yield* asyncio.createTask(Effect.void)

          const marked = [future, task, new Duck()].map(asyncio.isFuture)
          const others = [Duck, Effect.void, Promise.resolve(), undefined, marker].map(asyncio.isFuture)

          assert.deepStrictEqual(marked, [true, true, true])
          assert.deepStrictEqual(others, [false, false, false, false, false])
        })
      ))

    it("is enough for a stranger to pass as a future, as it is (DuckTests.test_ensure_future, DuckTests.test_wrap_future)", () =>
      run(
        Effect.gen(function* () {
          const duck = { [marker]: marker, loop: yield* asyncio.getRunningLoop }

          const ensured: unknown = yield* asyncio.ensureFuture(duck as unknown as asyncio.Future<void>)

          assert.strictEqual(ensured, duck)
        })
      ))
  })
})
