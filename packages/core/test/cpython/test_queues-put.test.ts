import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"
import { iteration, startAll } from "./locksSupport.ts"

/** A queue for one item that has it. */
const fullQueue = <A>(item: A) =>
  Effect.tap(asyncio.Queue.make<A>({ maxsize: 1 }), (queue) => Effect.orDie(queue.putNowait(item)))

describe("CPython test_queues", () => {
  it("takes an item without an iteration when there is no limit (QueuePutTests.test_blocking_put)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const queue = yield* asyncio.Queue.make<number>()
        let turned = false
        yield* loop.callSoon(() => (turned = true))

        yield* queue.put(1)

        assert.deepStrictEqual([turned, yield* queue.get], [false, 1])
      })
    ))

  it("waits for a free place (QueuePutTests.test_blocking_put_wait)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const queue = yield* asyncio.Queue.make<number>({ maxsize: 1 })
        yield* loop.callLater(10, () => Effect.runSync(queue.getNowait))
        const task = yield* asyncio.createTask(Effect.andThen(queue.put(1), queue.put(2)))
        yield* iteration
        const before = task.done()

        yield* task

        assert.deepStrictEqual(
          { before, time: loop.time(), result: yield* queue.get },
          { before: false, time: 10, result: 2 }
        )
      })
    ))

  it("takes an item now, or says that there is no place (QueuePutTests.test_nonblocking_put, QueuePutTests.test_nonblocking_put_exception)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<number>({ maxsize: 1 })
        yield* queue.putNowait(1)

        const error = yield* Effect.flip(queue.putNowait(2))

        assert.deepStrictEqual([error._tag, error instanceof asyncio.QueueFull], ["QueueFull", true])
        assert.strictEqual(yield* queue.getNowait, 1)
      })
    ))

  it("puts the item of a cancelled putter neither twice nor never (QueuePutTests.test_put_cancel_drop)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* fullQueue(1)
        const writer = yield* asyncio.createTask(queue.put(2))
        yield* iteration
        const first = yield* queue.getNowait

        yield* writer.cancel()

        yield* Effect.ignore(writer)
        const put = queue.qsize()
        yield* queue.put(2)
        assert.deepStrictEqual({ first, cancelled: writer.cancelled(), put }, { first: 1, cancelled: true, put: 0 })
        assert.deepStrictEqual([yield* queue.getNowait, queue.qsize()], [2, 0])
      })
    ))

  it("is full from the first whole number on that is not below a fractional limit (QueuePutTests.test_float_maxsize)", () =>
    run(
      Effect.gen(function* () {
        const now = yield* asyncio.Queue.make<number>({ maxsize: 1.3 })
        yield* now.putNowait(1)
        yield* now.putNowait(2)
        const waiting = yield* asyncio.Queue.make<number>({ maxsize: 1.3 })
        yield* waiting.put(1)
        const halfFull = waiting.full()
        yield* waiting.put(2)

        const error = yield* Effect.flip(now.putNowait(3))

        assert.deepStrictEqual(
          { nowFull: now.full(), tag: error._tag, halfFull, waitingFull: waiting.full() },
          { nowFull: true, tag: "QueueFull", halfFull: false, waitingFull: true }
        )
      })
    ))

  it("serves a getter that came first (QueuePutTests.test_put_cancelled)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<number>()
        const task = yield* asyncio.createTask(Effect.as(queue.put(1), "put"))

        const item = yield* queue.get

        assert.deepStrictEqual([item, yield* task.result()], [1, "put"])
      })
    ))

  it("passes over a putter that is cancelled (QueuePutTests.test_put_cancelled_race)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<string>({ maxsize: 1 })
        const [a, b, c] = yield* startAll(["a", "b", "X"].map((item) => queue.put(item)))
        yield* iteration
        const before = { a: a!.done(), b: b!.done() }

        yield* c!.cancel()
        yield* iteration

        const cancelled = c!.done()
        const items = [yield* queue.getNowait]
        yield* iteration
        items.push(yield* queue.getNowait)
        yield* b!
        assert.deepStrictEqual(
          { before, cancelled, items },
          { before: { a: true, b: false }, cancelled: true, items: ["a", "b"] }
        )
        assert.strictEqual(String(queue), "<Queue maxsize=1 tasks=2>")
      })
    ))

  it("hands an item to who waits for one (QueuePutTests.test_put_with_waiting_getters)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<string>()
        const task = yield* asyncio.createTask(queue.get)
        yield* iteration

        yield* queue.put("a")

        assert.strictEqual(yield* task, "a")
      })
    ))

  it("frees every putter for which there is a place (QueuePutTests.test_why_are_putters_waiting)", () =>
    run(
      Effect.gen(function* () {
        const got: Array<number> = []
        const queue = yield* asyncio.Queue.make<number>({ maxsize: 2 })
        const drain = Effect.andThen(
          iteration,
          Effect.suspend(() =>
            Effect.replicateEffect(
              Effect.andThen(queue.getNowait, (item) => Effect.sync(() => got.push(item))),
              queue.qsize()
            )
          )
        )

        yield* asyncio.gather([drain, ...[0, 1, 2, 3].map((item) => queue.put(item))])

        assert.deepStrictEqual([got, String(queue)], [[0, 1], "<Queue maxsize=2 _queue=[2, 3] tasks=4>"])
      })
    ))

  it("leaves no putter behind when a put is cancelled (QueuePutTests.test_cancelled_puts_not_being_held_in_self_putters)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* fullQueue(1)
        const task = yield* asyncio.createTask(queue.put(2))
        yield* iteration
        const before = String(queue)

        yield* task.cancel()

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual(
          [before, error._tag, String(queue)],
          ["<Queue maxsize=1 _queue=[1] _putters[1] tasks=1>", "CancelledError", "<Queue maxsize=1 _queue=[1] tasks=1>"]
        )
      })
    ))

  it("ends as cancelled when it was woken just before (QueuePutTests.test_cancelled_put_silence_value_error_exception)", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* fullQueue(1)
        const task = yield* asyncio.createTask(queue.put(2))
        yield* iteration
        yield* queue.getNowait

        yield* task.cancel()

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual([error._tag, String(queue)], ["CancelledError", "<Queue maxsize=1 tasks=1>"])
      })
    ))

  it("gives the place of a putter that was woken and cancelled to the next", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* fullQueue(1)
        const [first, second] = yield* startAll([queue.put(2), queue.put(3)])
        yield* iteration
        yield* queue.getNowait

        yield* first!.cancel()

        yield* second!
        assert.deepStrictEqual([first!.cancelled(), String(queue)], [true, "<Queue maxsize=1 _queue=[3] tasks=2>"])
      })
    ))
})
