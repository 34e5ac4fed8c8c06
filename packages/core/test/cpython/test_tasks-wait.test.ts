import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { type Duration, Effect } from "effect"
import { run } from "../support.ts"

const named = <A, E>(name: string, body: Effect.Effect<A, E>) => asyncio.createTask(body, { name })

const napping = (name: string, delay: Duration.Input) => named(name, asyncio.sleep(delay))

const failingAfter = (name: string, delay: Duration.Input, error: unknown) =>
  named(name, Effect.andThen(asyncio.sleep(delay), Effect.fail(error)))

const namesIn = (tasks: Iterable<asyncio.Task<unknown, unknown>>) => Array.from(tasks, (task) => task.getName())

/** What a wait found, by name, and when. */
const waited = (tasks: Iterable<asyncio.Task<unknown, unknown>>, options?: asyncio.WaitOptions) =>
  Effect.gen(function* () {
    const loop = yield* asyncio.getRunningLoop
    const { done, pending } = yield* asyncio.wait(tasks, options)
    return { done: namesIn(done), pending: namesIn(pending), at: loop.time() }
  })

describe("CPython test_tasks", () => {
  it("returns when the longest is done, and at once when all are (test_wait)", () =>
    run(
      Effect.gen(function* () {
        const a = yield* named("a", asyncio.sleep(100, 42))
        const b = yield* named("b", asyncio.sleep(150))

        const outcomes = [yield* waited([b, a]), yield* waited([b, a])]

        const expected = { done: ["b", "a"], pending: [], at: 150 }
        assert.deepStrictEqual([outcomes, yield* a.result()], [[expected, expected], 42])
      })
    ))

  it("counts a task that is given twice once (test_wait_duplicate_coroutines)", () =>
    run(
      Effect.gen(function* () {
        const a = yield* napping("a", 10)
        const b = yield* napping("b", 20)

        const outcome = yield* waited([a, a, b])

        assert.deepStrictEqual(outcome, { done: ["a", "b"], pending: [], at: 20 })
      })
    ))

  it("dies with a ValueError for nothing, and for an unknown condition (test_wait_errors)", () =>
    run(
      Effect.gen(function* () {
        const task = yield* napping("a", "10 seconds")

        const defects = [
          yield* Effect.catchDefect(asyncio.wait(new Set<asyncio.Task<void>>()), Effect.succeed),
          yield* Effect.catchDefect(asyncio.wait([task], { returnWhen: -1 as never }), Effect.succeed)
        ]

        assert.deepStrictEqual(defects.map(String), [
          "ValueError: Set of Tasks/Futures is empty.",
          "ValueError: Invalid return_when value: -1"
        ])
        assert.isFalse(task.done())
      })
    ))

  it("returns at the first completion and leaves the other pending and alive (test_wait_first_completed)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const a = yield* napping("a", "10 seconds")
        const b = yield* napping("b", 100)

        const outcome = yield* waited([b, a], { returnWhen: asyncio.FIRST_COMPLETED })

        assert.deepStrictEqual(outcome, { done: ["b"], pending: ["a"], at: 100 })
        assert.deepStrictEqual({ aDone: a.done(), bDone: b.done() }, { aDone: false, bDone: true })
        yield* a
        assert.strictEqual(loop.time(), 10_000)
      })
    ))

  it("puts into done what completes between the first completion and the waiter's step (test_wait_really_done)", () =>
    run(
      Effect.gen(function* () {
        const twoIterations = Effect.andThen(asyncio.sleep(0), asyncio.sleep(0))
        const a = yield* named("a", twoIterations)
        const b = yield* named("b", twoIterations)

        const outcome = yield* waited([b, a], { returnWhen: "FIRST_COMPLETED" })

        assert.deepStrictEqual(outcome, { done: ["b", "a"], pending: [], at: 0 })
      })
    ))

  it("returns at once when one has failed in its first step (test_wait_first_exception)", () =>
    run(
      Effect.gen(function* () {
        const error = new Error("err")
        const a = yield* napping("a", "10 seconds")
        const b = yield* named("b", Effect.fail(error))

        const outcome = yield* waited([b, a], { returnWhen: asyncio.FIRST_EXCEPTION })

        assert.deepStrictEqual(outcome, { done: ["b"], pending: ["a"], at: 0 })
        assert.strictEqual(yield* b.exception(), error)
      })
    ))

  it("returns when one fails, though another had completed before (test_wait_first_exception_in_wait)", () =>
    run(
      Effect.gen(function* () {
        const a = yield* napping("a", "10 seconds")
        const b = yield* failingAfter("b", 10, "err")
        const c = yield* napping("c", 5)
        const d = yield* napping("d", "1 hour")
        yield* d.cancel()

        const outcome = yield* waited([b, a, c, d], { returnWhen: "FIRST_EXCEPTION" })

        assert.deepStrictEqual(outcome, { done: ["b", "c", "d"], pending: ["a"], at: 10 })
      })
    ))

  it("does not fail when a task does (test_wait_with_exception)", () =>
    run(
      Effect.gen(function* () {
        const error = new Error("err")
        const a = yield* napping("a", 150)
        const b = yield* failingAfter("b", 100, error)

        const outcome = yield* waited([b, a])

        assert.deepStrictEqual(outcome, { done: ["b", "a"], pending: [], at: 150 })
        assert.deepStrictEqual([yield* a.exception(), (yield* b.exception()) === error], [undefined, true])
      })
    ))

  it("tells done from pending when the time is up, and cancels nothing (test_wait_with_timeout)", () =>
    run(
      Effect.gen(function* () {
        const a = yield* napping("a", 100)
        const b = yield* napping("b", 150)

        const outcome = yield* waited([b, a], { timeout: 110 })

        assert.deepStrictEqual(outcome, { done: ["a"], pending: ["b"], at: 110 })
        yield* b
        assert.isFalse(b.cancelled())
      })
    ))

  it("finds a task done that ends at the moment when the time is up (test_wait_concurrent_complete)", () =>
    run(
      Effect.gen(function* () {
        const a = yield* napping("a", 100)
        const b = yield* napping("b", 150)
        yield* asyncio.sleep(0)

        const outcome = yield* waited([b, a], { timeout: 100 })

        assert.deepStrictEqual(outcome, { done: ["a"], pending: ["b"], at: 100 })
      })
    ))

  it("takes an iterator that can be read once (test_wait_with_iterator_of_tasks)", () =>
    run(
      Effect.gen(function* () {
        const a = yield* napping("a", 100)
        const b = yield* napping("b", 150)

        const outcome = yield* waited([b, a].values())

        assert.deepStrictEqual(outcome, { done: ["b", "a"], pending: [], at: 150 })
      })
    ))

  it("takes a generator that makes the tasks as it is read (test_wait_generator)", () =>
    run(
      Effect.gen(function* () {
        const context = yield* Effect.context()
        const create = Effect.runSyncWith(context)
        const tasks = function* () {
          for (let n = 0; n < 10; n++) yield create(napping(`t${n}`, n))
        }

        const outcome = yield* waited(tasks())

        const names = Array.from({ length: 10 }, (_, n) => `t${n}`)
        assert.deepStrictEqual(outcome, { done: names, pending: [], at: 9 })
      })
    ))

  it("ends when its task is cancelled, while the tasks it waited for go on (test_yield_wait_does_not_shield_cancel)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const lines: Array<string> = []
        const future = yield* loop.createFuture<void>()
        const inner = yield* asyncio.createTask(Effect.map(future, () => void lines.push("inner finished")))
        const outer = yield* asyncio.createTask(Effect.map(asyncio.wait([inner]), () => void lines.push("outer")))
        yield* asyncio.sleep(0)

        yield* outer.cancel()

        yield* Effect.flip(outer)
        assert.deepStrictEqual(
          { innerDone: inner.done(), futureCancelled: future.cancelled(), futureDone: future.done() },
          { innerDone: false, futureCancelled: false, futureDone: false }
        )
        yield* future.setResult()
        yield* inner
        assert.deepStrictEqual(lines, ["inner finished"])
      })
    ))
})
