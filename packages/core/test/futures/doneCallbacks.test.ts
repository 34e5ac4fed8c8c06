import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { EntryList } from "../../src/internal/task/doneEntries.ts"
import { collectReports, run } from "../support.ts"

const setUp = Effect.gen(function* () {
  const loop = yield* asyncio.getRunningLoop
  const future = yield* loop.createFuture<string, string>()
  const lines: Array<string> = []
  const callback = (name: string) => () => void lines.push(name)
  return { loop, future, lines, callback }
})

describe("a done callback", () => {
  // test_callbacks_invoked_on_set_result
  it("runs in the next iteration, in the order added, with the future", () =>
    run(
      Effect.gen(function* () {
        const { future, lines, callback } = yield* setUp
        yield* future.addDoneCallback((done) => lines.push(`first ${done === future}`))
        yield* future.addDoneCallback(callback("second"))

        yield* future.setResult("done")
        lines.push("set")

        yield* asyncio.sleep(0)
        assert.deepStrictEqual(lines, ["set", "first true", "second"])
      })
    ))

  // test_callbacks_invoked_on_set_exception
  it("runs for a failure and for a cancellation, too", () =>
    run(
      Effect.gen(function* () {
        const { loop, future, lines, callback } = yield* setUp
        const cancelled = yield* loop.createFuture<string>()
        yield* future.addDoneCallback(callback("failure"))
        yield* cancelled.addDoneCallback(callback("cancellation"))

        yield* future.setException("broken")
        yield* cancelled.cancel()

        yield* asyncio.sleep(0)
        yield* future.exception()
        assert.deepStrictEqual(lines, ["failure", "cancellation"])
      })
    ))

  it("waits for an iteration also when the future is done already", () =>
    run(
      Effect.gen(function* () {
        const { future, lines, callback } = yield* setUp
        yield* future.setResult("done")

        yield* future.addDoneCallback(callback("callback"))
        lines.push("added")

        yield* asyncio.sleep(0)
        assert.deepStrictEqual(lines, ["added", "callback"])
      })
    ))

  it("of a task runs after the last step, before those who await the task and came later", () =>
    run(
      Effect.gen(function* () {
        const { lines, callback } = yield* setUp
        const task = yield* asyncio.createTask(Effect.sync(() => void lines.push("step")))
        yield* task.addDoneCallback(callback("callback"))

        yield* task

        lines.push("awaited")
        assert.deepStrictEqual(lines, ["step", "callback", "awaited"])
      })
    ))

  // test_remove_done_callback
  it("can be removed, every registration of it at once", () =>
    run(
      Effect.gen(function* () {
        const { future, lines, callback } = yield* setUp
        const [one, many, other] = [callback("one"), callback("many"), callback("other")]
        future.addDoneCallbackUnsafe(one)
        for (let n = 0; n < 6; n++) future.addDoneCallbackUnsafe(many)
        future.addDoneCallbackUnsafe(other)

        const removed = [
          yield* future.removeDoneCallback(one),
          yield* future.removeDoneCallback(one),
          yield* future.removeDoneCallback(many)
        ]

        yield* future.setResult("done")
        yield* asyncio.sleep(0)
        assert.deepStrictEqual([...removed, ...lines], [1, 0, 6, "other"])
      })
    ))

  // test_callbacks_remove_first_callback, _first_and_second_callback, _third_callback
  it("that is removed leaves the others in their order", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<ReadonlyArray<string>> = []
        for (const gone of [[0], [0, 1], [2]]) {
          const { future, lines, callback } = yield* setUp
          const callbacks = ["42", "17", "100"].map(callback)
          for (const each of callbacks) future.addDoneCallbackUnsafe(each)

          for (const index of gone) future.removeDoneCallbackUnsafe(callbacks[index]!)

          yield* future.setResult("done")
          yield* asyncio.sleep(0)
          seen.push(lines)
        }
        assert.deepStrictEqual(seen, [["17", "100"], ["100"], ["42", "17"]])
      })
    ))

  it("removes every registration of a callback from among many, once, and keeps the order of the others", () =>
    run(
      Effect.gen(function* () {
        const future = (yield* asyncio.getRunningLoop).createFutureUnsafe<void>()
        const called: Array<number> = []
        const often = () => called.push(-1)
        for (let n = 0; n < 100; n++) {
          future.addDoneCallbackUnsafe(() => called.push(n))
          if (n % 3 === 0) future.addDoneCallbackUnsafe(often)
        }

        const removed = [future.removeDoneCallbackUnsafe(often), future.removeDoneCallbackUnsafe(often)]
        future.addDoneCallbackUnsafe(often)
        future.setResultUnsafe()

        yield* asyncio.sleep(0)
        assert.deepStrictEqual(removed, [34, 0])
        assert.deepStrictEqual(called, [...Array.from({ length: 100 }, (_, n) => n), -1])
      })
    ))

  it("that was the only one can be removed", () =>
    run(
      Effect.gen(function* () {
        const { future, lines, callback } = yield* setUp
        const only = callback("only")
        future.addDoneCallbackUnsafe(only)

        const removed = future.removeDoneCallbackUnsafe(only)

        yield* future.setResult("done")
        yield* asyncio.sleep(0)
        assert.deepStrictEqual([removed, ...lines], [1])
      })
    ))

  it("that was never added takes nobody else out", () =>
    run(
      Effect.gen(function* () {
        const { future, callback } = yield* setUp
        const waiting = yield* asyncio.createTask(future)
        yield* asyncio.sleep(0)

        const removed = future.removeDoneCallbackUnsafe(callback("a stranger"))

        yield* future.setResult("done")
        assert.deepStrictEqual([removed, yield* waiting], [0, "done"])
      })
    ))

  it("leaves nothing on a future that goes on, however often it was withdrawn", () => {
    const entry = () => ({ dead: false, label: "", awaiter: undefined, run: () => {} })
    const list = new EntryList(entry(), entry())

    for (let n = 0; n < 1000; n++) {
      const withdrawn = entry()
      list.add(withdrawn)
      withdrawn.dead = true
      list.noteDead()
    }

    assert.isAtMost(list.items.length, 5)
  })

  // test_schedule_callbacks_list_mutation_1
  it("that is scheduled already cannot be removed by an earlier one", () =>
    run(
      Effect.gen(function* () {
        const { future, lines, callback } = yield* setUp
        const later = callback("later")
        future.addDoneCallbackUnsafe(() => lines.push(`removed ${future.removeDoneCallbackUnsafe(later)}`))
        future.addDoneCallbackUnsafe(later)

        yield* future.setResult("done")

        yield* asyncio.sleep(0)
        assert.deepStrictEqual(lines, ["removed 0", "later"])
      })
    ))

  it("that throws goes to the exception handler, and the others run", () =>
    run(
      Effect.gen(function* () {
        const { loop, future, lines, callback } = yield* setUp
        const reports = collectReports(loop)
        const error = new Error("broken")
        yield* future.addDoneCallback(function complain() {
          throw error
        })
        yield* future.addDoneCallback(callback("other"))

        yield* future.setResult("done")

        yield* asyncio.sleep(0)
        assert.deepStrictEqual(lines, ["other"])
        assert.deepStrictEqual(reports, [
          {
            message: "Exception in callback complain()",
            exception: error,
            handle: "<Handle complain()>",
            hint: "Catch it in the callback, or make it a task that somebody awaits."
          }
        ])
      })
    ))

  it("has to be a function", () =>
    run(
      Effect.gen(function* () {
        const { future } = yield* setUp

        const defect = yield* Effect.catchDefect(future.addDoneCallback(123 as never), Effect.succeed)

        assert.strictEqual(String(defect), "TypeError: a callable object was expected by addDoneCallback(), got 123")
      })
    ))
})
