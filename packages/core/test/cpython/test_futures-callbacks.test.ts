import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

/** A future, a log, and three callbacks that write 42, 17 and 100 to it. */
const setUp = Effect.gen(function* () {
  const loop = yield* asyncio.getRunningLoop
  const future = loop.createFutureUnsafe<string, Error>()
  const lines: Array<number> = []
  const write = (n: number) => () => void lines.push(n)
  return { future, lines, cb1: write(42), cb2: write(17), cb3: write(100) }
})

describe("CPython test_futures", () => {
  it("calls back not inside setResult but in the next iteration, in the order asked (test_callbacks_invoked_on_set_result)", () =>
    run(
      Effect.gen(function* () {
        const { cb1, cb2, future, lines } = yield* setUp
        yield* future.addDoneCallback(cb1)
        yield* future.addDoneCallback(cb2)

        yield* future.setResult("foo")

        const inside = [...lines]
        yield* asyncio.sleep(0)
        assert.deepStrictEqual([inside, lines, yield* future], [[], [42, 17], "foo"])
      })
    ))

  it("calls back in the next iteration after setException, too (test_callbacks_invoked_on_set_exception)", () =>
    run(
      Effect.gen(function* () {
        const { cb1, cb3, future, lines } = yield* setUp
        const error = new Error("boom")
        yield* future.addDoneCallback(cb3)
        yield* future.addDoneCallback(cb1)

        yield* future.setException(error)

        const inside = [...lines]
        yield* asyncio.sleep(0)
        assert.deepStrictEqual([inside, lines], [[], [100, 42]])
        assert.strictEqual(yield* future.exception(), error)
      })
    ))

  it("calls the other two when the first of three is withdrawn twice (test_callbacks_remove_first_callback)", () =>
    run(
      Effect.gen(function* () {
        const { cb1, cb2, cb3, future, lines } = yield* setUp
        for (const callback of [cb1, cb2, cb3]) yield* future.addDoneCallback(callback)

        const removed = [yield* future.removeDoneCallback(cb1), yield* future.removeDoneCallback(cb1)]

        yield* future.cancel()
        yield* asyncio.sleep(0)
        assert.deepStrictEqual(
          [removed, lines],
          [
            [1, 0],
            [17, 100]
          ]
        )
      })
    ))

  it("calls the last when the two before it are withdrawn (test_callbacks_remove_first_and_second_callback)", () =>
    run(
      Effect.gen(function* () {
        const { cb1, cb2, cb3, future, lines } = yield* setUp
        for (const callback of [cb1, cb2, cb3]) yield* future.addDoneCallback(callback)

        yield* future.removeDoneCallback(cb1)
        yield* future.removeDoneCallback(cb2)
        yield* future.removeDoneCallback(cb1)

        yield* future.cancel()
        yield* asyncio.sleep(0)
        assert.deepStrictEqual(lines, [100])
      })
    ))

  it("calls the first two when the third is withdrawn (test_callbacks_remove_third_callback)", () =>
    run(
      Effect.gen(function* () {
        const { cb1, cb2, cb3, future, lines } = yield* setUp
        for (const callback of [cb1, cb2, cb3]) yield* future.addDoneCallback(callback)

        yield* future.removeDoneCallback(cb3)

        yield* future.cancel()
        yield* asyncio.sleep(0)
        assert.deepStrictEqual(lines, [42, 17])
      })
    ))

  it("counts the registrations of a callback that it withdraws, all of them (test_remove_done_callback)", () =>
    run(
      Effect.gen(function* () {
        const { cb1, cb2, cb3, future, lines } = yield* setUp
        const times = { 1: cb1, 2: cb2, 6: cb3 }
        for (const [count, callback] of Object.entries(times)) {
          for (let n = 0; n < Number(count); n++) future.addDoneCallbackUnsafe(callback)
        }

        const removed = [cb1, cb1, cb3].map((callback) => future.removeDoneCallbackUnsafe(callback))

        yield* future.setResult("foo")
        yield* asyncio.sleep(0)
        assert.deepStrictEqual(
          [removed, lines],
          [
            [1, 0, 6],
            [17, 17]
          ]
        )
        const late = [cb1, cb2, cb3].map((callback) => future.removeDoneCallbackUnsafe(callback))
        assert.deepStrictEqual(late, [0, 0, 0])
      })
    ))

  it("calls back whom an earlier callback tries to withdraw: all have their place in the queue already (test_schedule_callbacks_list_mutation_1)", () =>
    run(
      Effect.gen(function* () {
        const { cb1, cb2, future, lines } = yield* setUp
        yield* future.addDoneCallback(() => void lines.push(future.removeDoneCallbackUnsafe(cb1)))
        yield* future.addDoneCallback(cb1)
        yield* future.addDoneCallback(cb2)

        yield* future.setResult("foo")

        yield* asyncio.sleep(0)
        assert.deepStrictEqual(lines, [0, 42, 17])
      })
    ))
})
