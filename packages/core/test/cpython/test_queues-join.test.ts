import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"
import { defectOf, iteration } from "./locksSupport.ts"

const kinds = {
  Queue: <A>(options?: asyncio.QueueOptions) => asyncio.Queue.make<A>(options),
  LifoQueue: <A>(options?: asyncio.QueueOptions) => asyncio.LifoQueue.make<A>(options),
  PriorityQueue: <A>(options?: asyncio.QueueOptions) => asyncio.PriorityQueue.make<A>(options)
}

/** CPython runs these tests once for each kind of queue. */
const runKinds = (
  body: (
    make: <A>(options?: asyncio.QueueOptions) => Effect.Effect<asyncio.Queue<A>>,
    name: string
  ) => Effect.Effect<unknown, unknown>
) => run(Effect.forEach(Object.entries(kinds), ([name, make]) => body(make, name)))

/** What comes of using a queue that is shut down. */
const uses = (queue: asyncio.Queue<string>) =>
  Effect.forEach([queue.put("data"), queue.putNowait("data"), queue.get, queue.getNowait], (use) =>
    Effect.map(Effect.flip(use as Effect.Effect<unknown, { readonly _tag: string }>), (error) => error._tag)
  )

const shutDownUses = ["QueueShutDown", "QueueShutDown", "QueueShutDown", "QueueShutDown"]
const underflow = "ValueError: task_done() called too many times"

describe("CPython test_queues", () => {
  it("dies when more is dealt with than was put (_QueueJoinTestMixin.test_task_done_underflow)", () =>
    runKinds((make) =>
      Effect.gen(function* () {
        const queue = yield* make<number>()

        assert.strictEqual(yield* defectOf(queue.taskDone), underflow)
      })
    ))

  it("is joined when every item is dealt with (_QueueJoinTestMixin.test_task_done)", () =>
    runKinds((make) =>
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const start = loop.time()
        const queue = yield* make<number>()
        const items = Array.from({ length: 100 }, (_, i) => i)
        for (const item of items) yield* queue.putNowait(item)
        const state = { running: true, sum: 0 }
        const work = Effect.gen(function* () {
          while (state.running) {
            state.sum += yield* queue.get
            yield* asyncio.sleep(1)
            yield* queue.taskDone
          }
        })
        const workers = [yield* asyncio.createTask(work), yield* asyncio.createTask(work)]

        yield* queue.join

        assert.deepStrictEqual(
          { sum: state.sum, took: loop.time() - start, hasTasks: String(queue).includes("tasks") },
          { sum: 4950, took: 50, hasTasks: false }
        )
        state.running = false
        for (const _ of workers) yield* queue.putNowait(0)
        yield* asyncio.gather(workers)
      })
    ))

  it("is joined at once when nothing was ever put (_QueueJoinTestMixin.test_join_empty_queue)", () =>
    runKinds((make) =>
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const queue = yield* make<number>()
        let turned = false
        yield* loop.callSoon(() => (turned = true))

        yield* queue.join
        yield* queue.join

        assert.isFalse(turned)
      })
    ))

  it("prints how many items are not dealt with (_QueueJoinTestMixin.test_format)", () =>
    runKinds((make, name) =>
      Effect.gen(function* () {
        const queue = yield* make<number>()
        const before = String(queue)
        for (const item of [1, 2]) yield* queue.put(item)
        for (const _ of [1, 2]) yield* queue.get

        assert.deepStrictEqual([before, String(queue)], [`<${name} maxsize=0>`, `<${name} maxsize=0 tasks=2>`])
      })
    ))

  it("prints that it is shut down (_QueueShutdownTestMixin.test_format)", () =>
    runKinds((make, name) =>
      Effect.gen(function* () {
        const queue = yield* make<number>()
        yield* queue.shutdown()

        assert.strictEqual(String(queue), `<${name} maxsize=0 shutdown>`)
      })
    ))

  it("fails those who wait for an item, and everybody afterwards (_QueueShutdownTestMixin.test_shutdown_empty)", () =>
    runKinds((make) =>
      Effect.gen(function* () {
        const queue = yield* make<string>()
        const getter = yield* asyncio.createTask(queue.get)
        yield* iteration

        yield* queue.shutdown()

        yield* queue.join
        yield* iteration
        assert.deepStrictEqual([queue.qsize(), getter.done()], [0, true])
        assert.strictEqual((yield* Effect.flip(getter))._tag, "QueueShutDown")
        assert.deepStrictEqual(yield* uses(queue), shutDownUses)
      })
    ))

  it("fails those who wait to put, and gives what is left (_QueueShutdownTestMixin.test_shutdown_nonempty)", () =>
    runKinds((make) =>
      Effect.gen(function* () {
        const queue = yield* make<string>({ maxsize: 1 })
        yield* queue.putNowait("data")
        const joiner = yield* asyncio.createTask(queue.join)
        const putter = yield* asyncio.createTask(queue.put("more"))
        yield* iteration
        const before = { putter: putter.done(), joiner: joiner.done() }

        yield* queue.shutdown(false)

        const left = queue.qsize()
        yield* iteration
        assert.deepStrictEqual(
          { before, left, done: putter.done() },
          { before: { putter: false, joiner: false }, left: 1, done: true }
        )
        assert.strictEqual((yield* Effect.flip(putter))._tag, "QueueShutDown")
        assert.strictEqual(yield* queue.get, "data")
        yield* iteration
        assert.isFalse(joiner.done())
        assert.deepStrictEqual(yield* uses(queue), shutDownUses)
        yield* queue.taskDone
        yield* iteration
        assert.deepStrictEqual([joiner.done(), yield* defectOf(queue.taskDone)], [true, underflow])
      })
    ))

  it("throws away what is left when that is asked for, as dealt with (_QueueShutdownTestMixin.test_shutdown_immediate)", () =>
    runKinds((make) =>
      Effect.gen(function* () {
        const queue = yield* make<string>()
        yield* queue.putNowait("data")
        const joiner = yield* asyncio.createTask(queue.join)
        yield* iteration

        yield* queue.shutdown(true)

        const left = queue.qsize()
        yield* iteration
        assert.deepStrictEqual([left, joiner.done()], [0, true])
        assert.deepStrictEqual(yield* uses(queue), shutDownUses)
        assert.strictEqual(yield* defectOf(queue.taskDone), underflow)
      })
    ))

  it("still waits for items that were got before (_QueueShutdownTestMixin.test_shutdown_immediate_with_unfinished)", () =>
    runKinds((make) =>
      Effect.gen(function* () {
        const queue = yield* make<string>()
        yield* queue.putNowait("data")
        yield* queue.putNowait("data")
        const joiner = yield* asyncio.createTask(queue.join)
        const item = yield* queue.get

        yield* queue.shutdown(true)

        const left = queue.qsize()
        yield* iteration
        assert.deepStrictEqual({ item, left, done: joiner.done() }, { item: "data", left: 0, done: false })
        assert.deepStrictEqual(yield* uses(queue), shutDownUses)
        yield* queue.taskDone
        assert.strictEqual(yield* defectOf(queue.taskDone), underflow)
        yield* iteration
        assert.isTrue(joiner.done())
      })
    ))
})
