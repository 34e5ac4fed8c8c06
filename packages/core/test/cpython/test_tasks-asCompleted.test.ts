import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { type Duration, Effect, Stream } from "effect"
import { run } from "../support.ts"

const after = <A>(delay: Duration.Input, value: A) => asyncio.createTask(asyncio.sleep(delay, value))

/** Python's plain `for`: the results as they come. */
const plain = <A, E>(completions: asyncio.AsCompleted<A, E>) =>
  Effect.forEach(completions, (next): Effect.Effect<A, unknown> => next)

/** Python's `async for`. */
const asynchronous = <A, E>(completions: asyncio.AsCompleted<A, E>) =>
  Effect.gen(function* () {
    const results: Array<A> = []
    for (;;) {
      const future = yield* completions.next
      if (future === undefined) return results
      results.push(yield* future.result())
    }
  })

/** The same as a stream. */
const streamed = <A, E>(completions: asyncio.AsCompleted<A, E>) =>
  Stream.runCollect(Stream.mapEffect(completions.stream, (future): Effect.Effect<A, unknown> => future.result()))

const styles = { plain, asynchronous, streamed }

describe("CPython test_tasks", () => {
  for (const [style, iterate] of Object.entries(styles)) {
    it(`gives results in the order of completion, ${style} (test_as_completed)`, () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const tasks = [yield* after(150, "c"), yield* after(10, "b"), yield* after(10, "a")]

          const results = yield* iterate(yield* asyncio.asCompleted(tasks))

          assert.deepStrictEqual([results, loop.time()], [["b", "a", "c"], 150])
        })
      ))

    it(`leaves no timer of a time limit that was not needed, ${style} (test_as_completed_with_unused_timeout)`, () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const completions = yield* asyncio.asCompleted([asyncio.sleep(10, "a")], { timeout: 1000 })
          const before = loop.snapshot().timers

          const results = yield* iterate(completions)

          assert.deepStrictEqual([results, before, loop.snapshot().timers, loop.time()], [["a"], 1, 0, 10])
        })
      ))

    it(`runs an Effect each time it is passed, ${style} (test_as_completed_duplicate_coroutines)`, () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const coro = (name: string) => Effect.sync(() => (lines.push(`${name} ran`), name))
          const ham = coro("ham")

          const results = yield* iterate(yield* asyncio.asCompleted([ham, ham, coro("spam")]))

          assert.deepStrictEqual(
            [lines, results],
            [
              ["ham ran", "ham ran", "spam ran"],
              ["ham", "ham", "spam"]
            ]
          )
        })
      ))

    it(`runs coroutines on the running loop, ${style} (test_as_completed_coroutine_use_running_loop)`, () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const coro = Effect.map(asyncio.getRunningLoop, (inner) => inner === loop)

          const results = yield* iterate(yield* asyncio.asCompleted([coro]))

          assert.deepStrictEqual(results, [true])
        })
      ))
  }

  it("gives the caller's own futures, and new tasks for coroutines (test_as_completed_same_tasks_in_as_out)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const coroutine = asyncio.sleep(30, "coroutine")
        const future = yield* loop.createFuture<string>()
        const task = yield* after(20, "task")
        yield* loop.callLater(10, () => future.setResultUnsafe("future"))
        const completions = yield* asyncio.asCompleted([coroutine, task, future])

        const given = [yield* completions.next, yield* completions.next, yield* completions.next]

        assert.deepStrictEqual(
          { firstIsFuture: given[0] === future, secondIsTask: given[1] === task },
          { firstIsFuture: true, secondIsTask: true }
        )
        assert.isTrue(asyncio.isTask(given[2]))
        assert.strictEqual((given[2] as asyncio.Task<string>).getCoro(), coroutine)
        assert.strictEqual(yield* completions.next, undefined)
      })
    ))

  it("fails each that is left with a TimeoutError when the time is up, and cancels none (test_as_completed_with_timeout)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const slow = yield* after(150, "b")
        const completions = yield* asyncio.asCompleted([yield* after(100, "a"), slow], { timeout: 120 })

        const ends: Array<unknown> = []
        for (const next of completions) {
          ends.push(yield* Effect.catchTag(next, "TimeoutError", (error) => Effect.succeed(error._tag)), loop.time())
        }

        assert.deepStrictEqual(ends, ["a", 100, "TimeoutError", 120])
        assert.deepStrictEqual(
          { done: slow.done(), result: yield* slow, time: loop.time() },
          { done: false, result: "b", time: 150 }
        )
      })
    ))

  for (const [style, iterate] of Object.entries({ asynchronous, streamed })) {
    it(`fails the whole ${style} iteration with a TimeoutError when the time is up (test_as_completed_with_timeout)`, () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const slow = yield* after(150, "b")
          const completions = yield* asyncio.asCompleted([yield* after(100, "a"), slow], { timeout: 120 })

          const error = yield* Effect.flip(iterate(completions) as Effect.Effect<unknown, asyncio.TimeoutError>)

          assert.instanceOf(error, asyncio.TimeoutError)
          assert.deepStrictEqual([loop.time(), slow.done()], [120, false])
        })
      ))
  }

  it("goes on with what is left when the same object is iterated again (test_as_completed_resume_iterator)", () =>
    run(
      Effect.gen(function* () {
        const completions = yield* asyncio.asCompleted([3, 1, 2, 4].map((n) => asyncio.sleep(n, n)))
        const results: Array<number> = []
        for (const next of completions) {
          results.push(yield* next)
          break
        }
        const second = yield* completions.next
        results.push(yield* second!.result())

        const rest = yield* plain(completions)

        assert.deepStrictEqual(
          [results, rest],
          [
            [1, 2],
            [3, 4]
          ]
        )
        assert.deepStrictEqual([Array.from(completions), yield* completions.next], [[], undefined])
      })
    ))

  it("gives the first completion to whichever of its awaitables is awaited first (test_as_completed_reverse_wait)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const completions = yield* asyncio.asCompleted([yield* after(50, "a"), yield* after(100, "b")])
        const [first, second] = Array.from(completions)

        const results = [yield* second!, loop.time(), yield* first!, loop.time()]

        assert.deepStrictEqual(results, ["a", 50, "b", 100])
      })
    ))

  it("lets its awaitables be awaited beside each other (test_as_completed_concurrent)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const completions = yield* asyncio.asCompleted([yield* after(50, "a"), yield* after(50, "b")])
        const waiting = yield* Effect.forEach(completions, (next) => asyncio.ensureFuture(next))

        const { done } = yield* asyncio.wait(waiting)

        const results = yield* Effect.forEach(done, (task) => task.result())
        assert.deepStrictEqual([results, loop.time()], [["a", "b"], 50])
      })
    ))
})
