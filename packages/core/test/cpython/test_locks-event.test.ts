import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"
import { iteration, noteTo, startAll } from "./locksSupport.ts"

describe("CPython test_locks", () => {
  it("prints whether an event is set, and how many wait (EventTests.test_repr)", () =>
    run(
      Effect.gen(function* () {
        const event = yield* asyncio.Event.make()
        const texts = [String(event)]
        const waiter = yield* asyncio.createTask(event.wait)
        yield* iteration
        texts.push(String(event))
        yield* event.set
        texts.push(String(event))
        yield* waiter
        texts.push(String(event))

        assert.deepStrictEqual(texts, [
          "<Event [unset]>",
          "<Event [unset, waiters:1]>",
          "<Event [set, waiters:1]>",
          "<Event [set]>"
        ])
      })
    ))

  it("lets a task that comes after the set pass before those that were woken (EventTests.test_wait)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<number> = []
        const event = yield* asyncio.Event.make()
        const waitAs = (name: number) => Effect.tap(event.wait, noteTo(lines)(name))
        const tasks = yield* startAll([waitAs(1), waitAs(2)])
        yield* iteration
        const before = [event.isSet(), ...lines]
        tasks.push(yield* asyncio.createTask(waitAs(3)))

        yield* event.set
        yield* iteration

        assert.deepStrictEqual([before, lines], [[false], [3, 1, 2]])
        assert.deepStrictEqual(yield* Effect.all(tasks.map((task) => task.result())), [true, true, true])
      })
    ))

  it("does not wait for an event that is set (EventTests.test_wait_on_set)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const event = yield* asyncio.Event.make()
        yield* event.set
        let turned = false
        yield* loop.callSoon(() => (turned = true))

        const result = yield* event.wait

        assert.deepStrictEqual({ result, turned }, { result: true, turned: false })
      })
    ))

  it("leaves no waiter behind when a wait is cancelled (EventTests.test_wait_cancel)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const event = yield* asyncio.Event.make()
        const task = yield* asyncio.createTask(event.wait)
        let waiting = ""
        yield* loop.callSoon(() => {
          waiting = String(event)
          task.cancelUnsafe()
        })

        const error = yield* Effect.flip(task)

        assert.strictEqual(error._tag, "CancelledError")
        assert.deepStrictEqual([waiting, String(event)], ["<Event [unset, waiters:1]>", "<Event [unset]>"])
      })
    ))

  it("says whether it is set (EventTests.test_clear)", () =>
    run(
      Effect.gen(function* () {
        const event = yield* asyncio.Event.make()
        const answers = [event.isSet()]
        yield* event.set
        answers.push(event.isSet())
        yield* event.clear
        answers.push(event.isSet())

        assert.deepStrictEqual(answers, [false, true, false])
      })
    ))

  it("wakes a waiter once, also when it is cleared in the same iteration (EventTests.test_clear_with_waiters)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<number> = []
        const event = yield* asyncio.Event.make()
        const task = yield* asyncio.createTask(Effect.tap(event.wait, noteTo(lines)(1)))
        yield* iteration

        yield* event.set
        yield* event.clear

        const cleared = event.isSet()
        yield* event.set
        yield* event.set
        const before = String(event)
        yield* iteration
        assert.deepStrictEqual(
          { cleared, before, text: String(event) },
          { cleared: false, before: "<Event [set, waiters:1]>", text: "<Event [set]>" }
        )
        assert.deepStrictEqual([lines, yield* task.result()], [[1], true])
      })
    ))

  it("wakes a waiter although it is clear again when the waiter runs", () =>
    run(
      Effect.gen(function* () {
        const event = yield* asyncio.Event.make()
        const task = yield* asyncio.createTask(Effect.map(event.wait, (woken) => [woken, event.isSet()]))
        yield* iteration

        yield* event.set
        yield* event.clear

        assert.deepStrictEqual(yield* task, [true, false])
      })
    ))
})
