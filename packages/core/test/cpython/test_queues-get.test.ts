import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"
import { iteration, startAll } from "./locksSupport.ts"

describe("CPython test_queues", () => {
  it("gives an item that is there without an iteration (QueueGetTests.test_blocking_get)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const queue = yield* asyncio.Queue.make<number>()
        yield* queue.putNowait(1)
        let turned = false
        yield* loop.callSoon(() => (turned = true))

        assert.deepStrictEqual([yield* queue.get, turned], [1, false])
      })
    ))

  it("wakes the first of those who wait to put (QueueGetTests.test_get_with_putters)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<number>({ maxsize: 1 })
        yield* queue.put(1)
        const putters = yield* startAll([queue.put(2), queue.put(3)])
        yield* iteration
        const before = String(queue)

        const item = yield* queue.get

        assert.deepStrictEqual(
          [before, item, String(queue)],
          ["<Queue maxsize=1 _queue=[1] _putters[2] tasks=1>", 1, "<Queue maxsize=1 _putters[1] tasks=1>"]
        )
        assert.isUndefined(yield* putters[0]!)
        assert.isFalse(putters[1]!.done())
      })
    ))

  it("waits for an item that is put later (QueueGetTests.test_blocking_get_wait)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const queue = yield* asyncio.Queue.make<number>()
        const task = yield* asyncio.createTask(queue.get)
        yield* iteration
        const before = task.done()
        yield* loop.callLater(10, () => Effect.runSync(queue.putNowait(1)))

        const item = yield* task

        assert.deepStrictEqual({ before, item, time: loop.time() }, { before: false, item: 1, time: 10 })
      })
    ))

  it("gives an item now, or says that there is none (QueueGetTests.test_nonblocking_get, QueueGetTests.test_nonblocking_get_exception)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<number>()
        yield* queue.putNowait(1)

        const item = yield* queue.getNowait
        const error = yield* Effect.flip(queue.getNowait)

        assert.deepStrictEqual(
          { item, tag: error._tag, isQueueEmpty: error instanceof asyncio.QueueEmpty },
          { item: 1, tag: "QueueEmpty", isQueueEmpty: true }
        )
      })
    ))

  it("gives the item to the second when the first getter is cancelled (QueueGetTests.test_get_cancelled_race)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<string>()
        const [first, second] = yield* startAll([queue.get, queue.get])
        yield* iteration
        yield* first!.cancel()
        yield* iteration
        const cancelled = first!.done()

        yield* queue.put("a")
        yield* iteration

        assert.deepStrictEqual([cancelled, yield* second!.result()], [true, "a"])
      })
    ))

  it("serves those who wait to put in order (QueueGetTests.test_get_with_waiting_putters)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<string>({ maxsize: 1 })
        yield* startAll([queue.put("a"), queue.put("b")])

        assert.deepStrictEqual([yield* queue.get, yield* queue.get], ["a", "b"])
      })
    ))

  it("does not leave producer and consumer waiting for each other (QueueGetTests.test_why_are_getters_waiting)", () =>
    run(
      Effect.gen(function* () {
        const got: Array<number> = []
        const queue = yield* asyncio.Queue.make<number>({ maxsize: 1 })
        const items = [0, 1, 2, 3, 4]

        yield* asyncio.taskGroup((group: asyncio.TaskGroup<asyncio.QueueShutDown>) =>
          Effect.gen(function* () {
            yield* group.createTask(Effect.forEach(items, (item) => queue.put(item)))
            yield* group.createTask(
              Effect.forEach(items, () => Effect.andThen(queue.get, (item) => Effect.sync(() => got.push(item))))
            )
          })
        )

        assert.deepStrictEqual([got, String(queue)], [items, "<Queue maxsize=1 tasks=5>"])
      })
    ))

  it("leaves no getter behind when a get takes too long (QueueGetTests.test_cancelled_getters_not_being_held_in_self_getters)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const queue = yield* asyncio.Queue.make<number>({ maxsize: 5 })

        const error = yield* Effect.flip(asyncio.waitFor(queue.get, 100))

        assert.deepStrictEqual([error._tag, loop.time(), String(queue)], ["TimeoutError", 100, "<Queue maxsize=5>"])
      })
    ))

  it("keeps the item of a getter that is cancelled before it runs (QueuePutTests.test_get_cancel_drop_one_pending_reader)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<number>()
        const reader = yield* asyncio.createTask(queue.get)
        yield* iteration
        yield* queue.putNowait(1)
        yield* queue.putNowait(2)

        yield* reader.cancel()

        yield* Effect.ignore(reader)
        assert.deepStrictEqual(
          { cancelled: reader.cancelled(), first: yield* queue.get, second: yield* queue.get },
          { cancelled: true, first: 1, second: 2 }
        )
      })
    ))

  it("gives what a cancelled getter was woken for to the others (QueuePutTests.test_get_cancel_drop_many_pending_readers)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<number>()
        const [first, second, third] = yield* startAll([1, 2, 3].map(() => queue.get))
        yield* iteration
        yield* queue.putNowait(1)
        yield* queue.putNowait(2)

        yield* first!.cancel()

        const error = yield* Effect.flip(first!)
        const items = [yield* third!, yield* second!]
        assert.deepStrictEqual([error._tag, new Set(items)], ["CancelledError", new Set([1, 2])])
        assert.strictEqual(String(queue), "<Queue maxsize=0 tasks=2>")
      })
    ))
})
