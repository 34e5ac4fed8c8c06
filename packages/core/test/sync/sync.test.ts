import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Cause, Effect, Exit, Fiber, Order } from "effect"
import { TestClock } from "effect/testing"
import { macrotask, run } from "../support.ts"
import { iterations, waitables } from "./syncSubjects.ts"

for (const [name, make] of Object.entries(waitables)) {
  describe(name, () => {
    it("lets two branches of a task wait, which go on in the order they came", () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const subject = yield* make
          const branch = (line: string) =>
            Effect.andThen(
              subject.wait,
              Effect.sync(() => lines.push(line))
            )
          const task = yield* asyncio.createTask(
            Effect.all([branch("first"), branch("second")], { concurrency: "unbounded" })
          )
          yield* iterations(4)
          const busy = subject.text()

          yield* subject.wakeTwo

          yield* asyncio.waitFor(task, 1000)
          assert.deepStrictEqual([busy, subject.text()], [subject.busy, subject.idle])
          assert.deepStrictEqual(lines, ["first", "second"])
        })
      ))

    it("lets a branch that lost a race leave the wait queue", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const subject = yield* make
          const loser = yield* asyncio.createTask(Effect.race(subject.wait, Effect.as(asyncio.sleep(10), "late")))
          const others = [yield* asyncio.createTask(subject.wait), yield* asyncio.createTask(subject.wait)]
          yield* iterations(4)

          const result = yield* loser
          yield* iterations(4)

          const busy = subject.text()
          yield* subject.wakeTwo
          yield* asyncio.waitFor(asyncio.gather(others), 1000)
          assert.deepStrictEqual([result, loop.time()], ["late", 10])
          assert.deepStrictEqual([busy, subject.text()], [subject.busy, subject.idle])
        })
      ))

    it("lets a branch win a race", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const subject = yield* make
          const racers = [1, 2].map(() => Effect.race(Effect.as(subject.wait, "woken"), asyncio.sleep(1000, "late")))
          const tasks = yield* Effect.forEach(racers, (racer) => asyncio.createTask(racer))
          yield* iterations(4)

          yield* subject.wakeTwo

          assert.deepStrictEqual(yield* asyncio.gather(tasks), ["woken", "woken"])
          assert.deepStrictEqual([loop.time(), loop.snapshot().timers, subject.text()], [0, 0, subject.idle])
        })
      ))

    it.effect("serves plain fibers on the test's clock", () =>
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const subject = yield* make
        const fibers = [yield* Effect.forkChild(subject.wait), yield* Effect.forkChild(subject.wait)]
        const late = yield* Effect.forkChild(Effect.andThen(asyncio.sleep("1 minute"), subject.wakeTwo))
        yield* TestClock.adjust("59 seconds")
        const before = [subject.text(), ...fibers.map((fiber) => fiber.pollUnsafe())]

        yield* TestClock.adjust("1 second")

        yield* Fiber.joinAll([...fibers, late])
        const { ready, tasks, timers } = loop.snapshot()
        assert.deepStrictEqual(before, [subject.busy, undefined, undefined])
        assert.deepStrictEqual([subject.text(), ready, tasks, timers], [subject.idle, 0, [], 0])
      })
    )

    it("makes a cancellation wait in an uninterruptible region", () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const subject = yield* make
          const region = Effect.andThen(
            subject.wait,
            Effect.sync(() => lines.push("whole"))
          )
          const other = yield* asyncio.createTask(subject.wait)
          const task = yield* asyncio.createTask(Effect.uninterruptible(region))
          yield* iterations(4)

          yield* task.cancel("stop")
          yield* iterations(4)

          const before = [task.done(), subject.text()]
          yield* subject.wakeTwo
          const error = yield* Effect.flip(task)
          yield* asyncio.waitFor(other, 1000)
          assert.deepStrictEqual(before, [false, subject.busy])
          assert.deepStrictEqual([...lines, error.reason, subject.text()], ["whole", "stop", subject.idle])
        })
      ))

    it("makes a native interruption wait in an uninterruptible region", () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const subject = yield* make
          const region = Effect.andThen(
            subject.wait,
            Effect.sync(() => lines.push("whole"))
          )
          const other = yield* asyncio.createTask(subject.wait)
          const fiber = yield* Effect.forkChild(Effect.uninterruptible(region))
          yield* iterations(4)
          const interrupting = yield* Effect.forkChild(Fiber.interrupt(fiber))
          yield* iterations(4)

          const before = [fiber.pollUnsafe(), subject.text()]
          yield* subject.wakeTwo
          yield* Fiber.join(interrupting)
          yield* asyncio.waitFor(other, 1000)
          assert.deepStrictEqual(before, [undefined, subject.busy])
          assert.deepStrictEqual([...lines, subject.text()], ["whole", subject.idle])
        })
      ))

    it("refuses to wait on a second loop", async () => {
      const subject = await run(make)
      await run(Effect.flip(asyncio.waitFor(subject.wait, 1)))

      const exit = await run(Effect.exit(subject.wait))

      const message = Exit.isFailure(exit) ? String(exit.cause.reasons[0]) : ""
      // The condition of a barrier, and of what holds the lock while it waits.
      const owner = subject.idle.slice(1).split(" ")[0]!.replace("Barrier", "Condition")
      assert.match(message, new RegExp(`RuntimeError: <${owner} [^>]+> is bound to a different event loop`))
    })
  })
}

describe("an object that nobody has waited for", () => {
  it("can be used on another loop", async () => {
    const [lock, queue] = await run(Effect.all([asyncio.Lock.make(), asyncio.Queue.make<string>()]))
    await run(Effect.andThen(lock.acquire, queue.put("item")))

    const item = await run(Effect.andThen(lock.release, lock.use(queue.get)))

    assert.strictEqual(item, "item")
  })
})

describe("toString", () => {
  it("names the class and the state", () =>
    run(
      Effect.gen(function* () {
        const priorities = yield* asyncio.PriorityQueue.make<readonly [number, string]>({ maxsize: 4 })
        yield* priorities.put([2, "b"])
        yield* priorities.put([1, "a"])
        const stack = yield* asyncio.LifoQueue.make<string>()
        yield* stack.put("a")
        yield* stack.put("b")
        const objects = [
          yield* asyncio.Lock.make(),
          yield* asyncio.Event.make(),
          yield* asyncio.Condition.make(),
          yield* asyncio.Semaphore.make(3),
          yield* asyncio.BoundedSemaphore.make(2),
          yield* asyncio.Barrier.make(2),
          yield* asyncio.Queue.make({ maxsize: 1 }),
          stack,
          priorities
        ]

        assert.deepStrictEqual(objects.map(String), [
          "<Lock [unlocked]>",
          "<Event [unset]>",
          "<Condition [unlocked]>",
          "<Semaphore [unlocked, value:3]>",
          "<BoundedSemaphore [unlocked, value:2]>",
          "<Barrier [filling, waiters:0/2]>",
          "<Queue maxsize=1>",
          "<LifoQueue maxsize=0 _queue=['a', 'b'] tasks=2>",
          '<PriorityQueue maxsize=4 _queue=[[1,"a"], [2,"b"]] tasks=2>'
        ])
      })
    ))
})

/** Puts all of `items`, and gets as many. */
const drain = <A>(queue: asyncio.Queue<A>, items: ReadonlyArray<A>) =>
  Effect.andThen(
    Effect.forEach(items, (item) => queue.put(item)),
    Effect.forEach(items, () => queue.get)
  )

describe("PriorityQueue", () => {
  it("compares arrays member by member, and gives equal ones in the order they were put", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.PriorityQueue.make<ReadonlyArray<number | string>>()
        const items = [[2, "b"], [1, "z", 0], [2, "a"], [1, "z"], [1]]

        const sorted = yield* drain(queue, items)

        assert.deepStrictEqual(sorted, [[1], [1, "z"], [1, "z", 0], [2, "a"], [2, "b"]])
      })
    ))

  it("takes an order of its own", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.PriorityQueue.make<{ readonly rank: number; readonly name: string }>({
          order: (a, b) => (a.rank < b.rank ? 1 : a.rank > b.rank ? -1 : 0)
        })
        const names = yield* drain(
          queue,
          ["low:1", "first:9", "second:9", "middle:5"].map((text) => {
            const [name, rank] = text.split(":")
            return { name: name!, rank: Number(rank) }
          })
        )

        assert.deepStrictEqual(
          names.map((item) => item.name),
          ["first", "second", "middle", "low"]
        )
      })
    ))

  it("takes a comparison as Array.sort does, of any size and of equal ones", () =>
    run(
      Effect.gen(function* () {
        const ranks = yield* asyncio.PriorityQueue.make<readonly [number, string]>({ order: (a, b) => b[0] - a[0] })
        const words = yield* asyncio.PriorityQueue.make<string>({ order: (a, b) => a.localeCompare(b) })
        const strings = yield* asyncio.PriorityQueue.make<string>({ order: Order.String })

        const drained = [
          yield* drain(ranks, [
            [1, "low"],
            [700.5, "first"],
            [Infinity, "top"],
            [700.5, "second"]
          ]),
          yield* drain(words, ["b", "a", "c"]),
          yield* drain(strings, ["b", "a", "c"])
        ]

        assert.deepStrictEqual(drained, [
          [
            [Infinity, "top"],
            [700.5, "first"],
            [700.5, "second"],
            [1, "low"]
          ],
          ["a", "b", "c"],
          ["a", "b", "c"]
        ])
      })
    ))

  it.each([
    ["true or false", (a: number, b: number) => a < b, "true"],
    ["nothing", () => {}, "undefined"],
    ["NaN", (a: { readonly rank?: number }, b: { readonly rank?: number }) => a.rank! - b.rank!, "NaN"],
    ["a bigint", () => 1n, "1n"]
  ])("refuses an order that says %s", (_, order, said) =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.PriorityQueue.make<unknown>({ order: order as never })
        yield* queue.put(2)

        const exit = yield* Effect.exit(queue.put(1))

        const error = Exit.isFailure(exit) && (Cause.squash(exit.cause) as Error & asyncio.ErrorNotes)
        assert.strictEqual(
          String(error),
          `TypeError: a number was expected from the order of a PriorityQueue, got ${said}`
        )
        assert.include(error && error.hint, "a.rank - b.rank")
      })
    )
  )

  it("hands what its order throws to whoever waited to put, or to get", () =>
    run(
      Effect.gen(function* () {
        const { order, breakDown } = fragileOrder()
        const full = yield* asyncio.PriorityQueue.make<number>({ maxsize: 2, order })
        const empty = yield* asyncio.PriorityQueue.make<number>({ order })
        yield* drain(full, [1, 2])
        for (const item of [2, 1]) yield* full.put(item)
        const putter = yield* asyncio.createTask(Effect.exit(full.put(3)))
        const getter = yield* asyncio.createTask(Effect.exit(empty.get))
        yield* asyncio.sleep(0)
        yield* full.getNowait
        for (const item of [1, 2, 3]) yield* empty.putNowait(item)
        breakDown()

        const exits = yield* asyncio.gather([putter, getter])

        assert.deepStrictEqual(exits, [Exit.die("no order"), Exit.die("no order")])
      })
    ))

  it("keeps each item once where its order throws", () =>
    run(
      Effect.gen(function* () {
        const { order, breakDown, mend } = fragileOrder()
        const queue = yield* asyncio.PriorityQueue.make<number>({ order })
        for (const item of [5, 3, 4, 1, 2]) yield* queue.put(item)
        breakDown()

        yield* Effect.exit(queue.put(0))
        yield* Effect.exit(queue.getNowait)

        mend()
        const left = yield* Effect.forEach(Array.from({ length: queue.qsize() }), () => queue.getNowait)
        // As from Python's heap, what was about to be given is gone.
        assert.deepStrictEqual(left.toSorted(Order.Number), [0, 2, 3, 4, 5])
      })
    ))
})

/** An order of numbers that can break down. */
const fragileOrder = () => {
  let broken = false
  const order: Order.Order<number> = (a, b) => {
    if (broken) throw "no order"
    return Order.Number(a, b)
  }
  return { order, breakDown: () => void (broken = true), mend: () => void (broken = false) }
}

describe("Queue", () => {
  it("keeps its order over many items", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<number>()
        const got: Array<number> = []
        let next = 0
        for (let round = 0; round < 50; round++) {
          for (let i = 0; i < 7; i++) yield* queue.putNowait(next++)
          for (let i = 0; i < 5; i++) got.push(yield* queue.getNowait)
        }
        while (!queue.empty()) got.push(yield* queue.getNowait)

        assert.deepStrictEqual(
          got,
          Array.from({ length: 350 }, (_, i) => i)
        )
      })
    ))

  it("gives an item that is put in the iteration in which the first getter is cancelled to the second", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<string>()
        const first = yield* asyncio.createTask(queue.get)
        const second = yield* asyncio.createTask(queue.get)
        yield* iterations(1)

        yield* first.cancel()
        yield* queue.putNowait("item")

        assert.deepStrictEqual(
          { result: yield* second, cancelled: first.cancelled(), text: String(queue) },
          { result: "item", cancelled: true, text: "<Queue maxsize=0 tasks=1>" }
        )
      })
    ))

  it("lets a getter that somebody was faster than wait again, behind those who came meanwhile", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const queue = yield* asyncio.Queue.make<string>()
        const get = (name: string) => Effect.map(queue.get, (item) => lines.push(`${name} got ${item}`))
        const slow = yield* asyncio.createTask(get("slow"))
        yield* asyncio.sleep(0)
        yield* queue.putNowait("first")
        yield* get("fast")
        const behind = yield* asyncio.createTask(get("behind"))
        yield* iterations(2)

        const waiting = queue.toString()
        yield* queue.putNowait("second")
        yield* queue.putNowait("third")

        yield* asyncio.gather([slow, behind])
        assert.deepStrictEqual(waiting, "<Queue maxsize=0 _getters[2] tasks=1>")
        assert.deepStrictEqual(lines, ["fast got first", "slow got second", "behind got third"])
      })
    ))

  it("lets a putter that somebody was faster than wait again, and still takes its cancellation", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<string>({ maxsize: 1 })
        yield* queue.put("first")
        const slow = yield* asyncio.createTask(queue.put("slow"))
        yield* asyncio.sleep(0)
        yield* queue.get
        yield* queue.putNowait("fast")
        yield* iterations(2)
        const waiting = queue.toString()

        yield* slow.cancel("enough")

        const exit = yield* Effect.exit(slow)
        assert.deepStrictEqual(waiting, "<Queue maxsize=1 _queue=['fast'] _putters[1] tasks=2>")
        assert.isTrue(Exit.isFailure(exit) && slow.cancelled())
        assert.strictEqual(queue.toString(), "<Queue maxsize=1 _queue=['fast'] tasks=2>")
      })
    ))

  it("may be shut down with items that were dealt with before anybody got them", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<string>()
        yield* queue.put("item")
        yield* queue.taskDone

        yield* queue.shutdown(true)

        yield* queue.join
        assert.strictEqual(String(queue), "<Queue maxsize=0 shutdown>")
      })
    ))
})

describe("Condition", () => {
  it("takes an Effect as the question", () =>
    run(
      Effect.gen(function* () {
        const condition = yield* asyncio.Condition.make()
        let stock = 0
        const question = Effect.as(
          asyncio.sleep(5),
          Effect.sync(() => stock)
        )
        const task = yield* asyncio.createTask(condition.use(condition.waitFor(() => Effect.flatten(question))))
        yield* asyncio.sleep(10)
        stock = 7

        yield* condition.use(condition.notify())

        assert.strictEqual(yield* task, 7)
      })
    ))

  it("gives up when it cannot take the lock again, which is another loop's", async () => {
    const lock = await run(asyncio.Lock.make())
    await run(Effect.flip(asyncio.waitFor(Effect.andThen(lock.acquire, lock.acquire), 1)))
    await run(lock.release)

    const exit = await run(
      Effect.gen(function* () {
        const condition = yield* asyncio.Condition.make(lock)
        const task = yield* asyncio.createTask(Effect.andThen(condition.acquire, condition.wait))
        yield* iterations(1)
        yield* condition.acquire
        yield* condition.notify()
        yield* asyncio.wait([task])
        return yield* Effect.exit(task)
      })
    )

    const message = Exit.isFailure(exit) ? String(exit.cause.reasons[0]) : ""
    assert.include(message, "RuntimeError: <Lock [locked]> is bound to a different event loop")
  })

  it("wakes nobody when it refuses to wait on another loop", async () => {
    const condition = await run(asyncio.Condition.make())
    let open!: () => void
    const gate = new Promise<void>((resolve) => (open = resolve))
    const other = run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(condition.use(condition.wait))
        yield* Effect.promise(() => gate)
        yield* iterations(3)
        return task.done()
      })
    )
    await macrotask()
    await run(Effect.exit(condition.use(condition.wait)))

    open()

    assert.isFalse(await other)
  })
})
