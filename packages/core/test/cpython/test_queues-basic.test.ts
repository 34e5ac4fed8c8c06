import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"
import { iteration, iterations } from "./locksSupport.ts"

/** Puts all of `items`, and gets as many. */
const through = <A>(queue: asyncio.Queue<A>, items: ReadonlyArray<A>) =>
  Effect.andThen(
    Effect.forEach(items, (item) => queue.put(item)),
    Effect.forEach(items, () => queue.get)
  )

describe("CPython test_queues", () => {
  it("prints its items and how many wait, and no address (QueueBasicTests.test_repr, QueueBasicTests.test_str)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<unknown>({ maxsize: 1 })
        const texts = [String(queue)]
        const getter = yield* asyncio.createTask(queue.get)
        yield* iteration
        texts.push(String(queue))
        yield* queue.putNowait("a")
        texts.push(String(queue))
        const putter = yield* asyncio.createTask(queue.put(2))
        yield* iterations(2)
        texts.push(String(queue))
        const second = yield* asyncio.createTask(queue.put([3]))
        yield* iteration
        texts.push(String(queue))

        assert.deepStrictEqual(texts, [
          "<Queue maxsize=1>",
          "<Queue maxsize=1 _getters[1]>",
          "<Queue maxsize=1 _queue=['a'] tasks=1>",
          "<Queue maxsize=1 _queue=[2] tasks=2>",
          "<Queue maxsize=1 _queue=[2] _putters[1] tasks=2>"
        ])
        assert.deepStrictEqual(
          { result: yield* getter, putterDone: putter.done(), secondDone: second.done() },
          { result: "a", putterDone: true, secondDone: false }
        )
      })
    ))

  it("is empty when there is nothing in it (QueueBasicTests.test_empty)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<number>()
        const atFirst = queue.empty()
        yield* queue.put(1)
        const withOne = queue.empty()
        const item = yield* queue.get

        assert.deepStrictEqual(
          { atFirst, withOne, item, atLast: queue.empty() },
          { atFirst: true, withOne: false, item: 1, atLast: true }
        )
      })
    ))

  it("is full when it has as many items as fit, and never without a limit (QueueBasicTests.test_full)", () =>
    run(
      Effect.gen(function* () {
        const answers: Array<object> = []
        for (const maxsize of [0, -1, undefined, 1]) {
          const queue = yield* asyncio.Queue.make<number>({ maxsize })
          yield* queue.put(1)
          answers.push({ maxsize, full: queue.full() })
        }

        assert.deepStrictEqual(answers, [
          { maxsize: 0, full: false },
          { maxsize: -1, full: false },
          { maxsize: undefined, full: false },
          { maxsize: 1, full: true }
        ])
      })
    ))

  it("gives items in the order they were put (QueueBasicTests.test_order)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<number>()

        assert.deepStrictEqual(yield* through(queue, [1, 3, 2]), [1, 3, 2])
      })
    ))

  it("has a put wait while it is full (QueueBasicTests.test_maxsize)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const queue = yield* asyncio.Queue.make<number>({ maxsize: 2 })
        const putter = yield* asyncio.createTask(
          Effect.forEach([0, 1, 2], (item) =>
            Effect.andThen(
              queue.put(item),
              Effect.sync(() => lines.push(`put ${item}`))
            )
          )
        )
        const get = Effect.andThen(queue.get, (item) => Effect.sync(() => lines.push(`got ${item}`)))
        yield* iterations(2)

        yield* get
        yield* iteration
        yield* get
        yield* get

        assert.deepStrictEqual(lines, ["put 0", "put 1", "got 0", "put 2", "got 1", "got 2"])
        assert.deepStrictEqual([queue.maxsize, putter.done()], [2, true])
      })
    ))

  it("gives the last item first when it is a LifoQueue (LifoQueueTests.test_order)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.LifoQueue.make<number>()

        assert.deepStrictEqual(yield* through(queue, [1, 3, 2]), [2, 3, 1])
      })
    ))

  it("gives the smallest item first when it is a PriorityQueue (PriorityQueueTests.test_order)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.PriorityQueue.make<number>()

        assert.deepStrictEqual(yield* through(queue, [1, 3, 2]), [1, 2, 3])
      })
    ))
})
