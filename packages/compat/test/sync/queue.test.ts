// The queues for promise code; what they do is tested in core.
import * as asyncio from "@effect-asyncio/compat"
import { Order } from "effect"
import { assert, describe, it } from "vitest"
import { rejection, run, text } from "../support.ts"

const settle = () => asyncio.sleep(1)

const fill = <A>(queue: asyncio.Queue<A>, items: Iterable<A>): asyncio.Queue<A> => {
  for (const item of items) queue.putNowait(item)
  return queue
}

const drain = <A>(queue: asyncio.Queue<A>): ReadonlyArray<A> => {
  const items: Array<A> = []
  while (!queue.empty()) items.push(queue.getNowait())
  return items
}

describe("a queue", () => {
  it("gives its items in the order of its kind", () => {
    assert.deepStrictEqual(
      [
        drain(fill(new asyncio.Queue<number>(), [2, 3, 1])),
        drain(fill(new asyncio.LifoQueue<number>(), [2, 3, 1])),
        drain(fill(new asyncio.PriorityQueue<number>(), [2, 3, 1])),
        drain(fill(new asyncio.PriorityQueue<number>({ order: Order.flip(Order.Number) }), [2, 3, 1]))
      ],
      [
        [2, 3, 1],
        [1, 3, 2],
        [1, 2, 3],
        [3, 2, 1]
      ]
    )
  })

  it("rejects with what its order throws, at once and after a wait", async () => {
    const order = () => {
      throw new TypeError("no order")
    }
    const main = async () => {
      const queue = fill(new asyncio.PriorityQueue<number>({ maxsize: 2, order }), [1])
      const atOnce = await text(queue.put(2))
      const putter = asyncio.createTask(() => queue.put(3))
      await settle()
      await queue.get()
      return [atOnce, await text(putter)]
    }

    assert.deepStrictEqual(await run(main), ["TypeError: no order", "TypeError: no order"])
  })

  it("leaves its stack to an error of the program, which its order throws", () => {
    const error = new TypeError("no order")
    const { stack } = error
    const order = () => {
      throw error
    }
    const queue = fill(new asyncio.PriorityQueue<number>({ order }), [1])

    assert.throws(() => queue.putNowait(2), error)
    assert.strictEqual(error.stack, stack)
  })

  it("has its kind's repr, its size and its limit", () => {
    const queue = fill(new asyncio.Queue<number>({ maxsize: 2 }), [1, 2])

    assert.deepStrictEqual(
      { maxsize: queue.maxsize, qsize: queue.qsize(), empty: queue.empty(), full: queue.full(), text: String(queue) },
      { maxsize: 2, qsize: 2, empty: false, full: true, text: "<Queue maxsize=2 _queue=[1, 2] tasks=2>" }
    )
    assert.deepStrictEqual(
      {
        lifo: String(new asyncio.LifoQueue()),
        priority: String(new asyncio.PriorityQueue({ maxsize: 1 })),
        full: new asyncio.Queue().full()
      },
      { lifo: "<LifoQueue maxsize=0>", priority: "<PriorityQueue maxsize=1>", full: false }
    )
  })

  it("throws where it does not wait, with the errors' own classes", () => {
    const queue = fill(new asyncio.Queue<number>({ maxsize: 1 }), [1])
    const errors: Array<unknown> = []
    const note = (f: () => unknown) => {
      try {
        f()
      } catch (error) {
        errors.push(error)
      }
    }

    note(() => queue.putNowait(2))
    queue.getNowait()
    note(() => queue.getNowait())
    queue.taskDone()
    note(() => queue.taskDone())
    queue.shutdown()
    note(() => queue.getNowait())
    note(() => queue.putNowait(1))

    const [full, empty, tooMany, ...shutDown] = errors
    assert.instanceOf(full, asyncio.QueueFull)
    assert.instanceOf(empty, asyncio.QueueEmpty)
    assert.strictEqual(String(tooMany), "ValueError: task_done() called too many times")
    assert.deepStrictEqual(
      shutDown.map((error) => error instanceof asyncio.QueueShutDown),
      [true, true]
    )
  })

  it("makes consumers and producers wait in the order they came", () =>
    run(async () => {
      const lines: Array<string> = []
      const queue = new asyncio.Queue<string>({ maxsize: 1 })
      for (const name of ["a", "b", "c"]) {
        asyncio.createTask(async () => lines.push(`${name} got ${await queue.get()}`))
      }
      await settle()
      for (const item of ["1", "2", "3", "4", "5"]) {
        asyncio.createTask(async () => {
          await queue.put(item)
          lines.push(`put ${item}`)
        })
      }
      await settle()
      lines.push(`${queue.full()}`, await queue.get(), await queue.get())

      assert.deepStrictEqual(lines, [
        "put 1",
        "a got 1",
        "put 2",
        "b got 2",
        "put 3",
        "c got 3",
        "put 4",
        "put 5",
        "true",
        "4",
        "5"
      ])
    }))

  it("gives the item of a cancelled consumer to the next, and the place of a cancelled producer", () =>
    run(async () => {
      const lines: Array<string> = []
      const queue = new asyncio.Queue<string>({ maxsize: 1 })
      const consumers = ["a", "b"].map((name) =>
        asyncio.createTask(async () => lines.push(`${name} got ${await queue.get()}`))
      )
      await settle()
      queue.putNowait("1")
      consumers[0]!.cancel("stop")
      lines.push(await text(consumers[0]!))
      await settle()
      queue.putNowait("2")
      const producers = ["3", "4"].map((item) => asyncio.createTask(() => queue.put(item)))
      await settle()

      producers[0]!.cancel("stop")
      lines.push(await text(producers[0]!), await queue.get(), await queue.get())

      assert.deepStrictEqual(lines, ["b got 1", "CancelledError: stop", "CancelledError: stop", "2", "4"])
    }))

  it("joins when everything that was put is dealt with", () =>
    run(async () => {
      const queue = fill(new asyncio.Queue<number>(), [1, 2])
      const joined = asyncio.createTask(() => queue.join())
      const seen: Array<boolean> = []
      for (let n = 0; n < 2; n++) {
        await queue.get()
        await settle()
        seen.push(joined.done())
        queue.taskDone()
      }

      await joined

      assert.deepStrictEqual(seen, [false, false])
    }))

  it("rejects those who wait when it is shut down, at once with immediate", () =>
    run(async () => {
      const empty = new asyncio.Queue<number>()
      const full = fill(new asyncio.Queue<number>({ maxsize: 1 }), [1])
      const dropped = fill(new asyncio.Queue<number>(), [1, 2])
      const getter = asyncio.createTask(() => empty.get())
      const putter = asyncio.createTask(() => full.put(2))
      const joiner = asyncio.createTask(() => dropped.join())
      await settle()

      empty.shutdown()
      full.shutdown()
      dropped.shutdown(true)

      assert.instanceOf(await rejection(getter), asyncio.QueueShutDown)
      assert.instanceOf(await rejection(putter), asyncio.QueueShutDown)
      await joiner
      assert.deepStrictEqual([await full.get(), dropped.qsize()], [1, 0])
      assert.instanceOf(await rejection(full.get()), asyncio.QueueShutDown)
    }))
})

describe("for await over a queue", () => {
  it("takes items until it is shut down and empty, with several consumers", () =>
    run(async () => {
      const lines: Array<string> = []
      const queue = new asyncio.Queue<number>()
      const consume = (name: string) => async () => {
        for await (const item of queue) {
          lines.push(`${name}${item}`)
          await asyncio.sleep(1)
        }
        return `${name} ends`
      }
      const consumers = [asyncio.createTask(consume("a")), asyncio.createTask(consume("b"))]
      for (let n = 0; n < 4; n++) await queue.put(n)
      queue.shutdown()

      lines.push(...(await asyncio.gather(consumers)))

      assert.deepStrictEqual(lines, ["a0", "b1", "a2", "b3", "a ends", "b ends"])
    }))

  it("is ended by a cancellation, and takes nothing then", () =>
    run(async () => {
      const queue = new asyncio.Queue<number>()
      const consumer = asyncio.createTask(async () => {
        for await (const _ of queue);
      })
      await settle()
      consumer.cancel("stop")

      assert.strictEqual(await text(consumer), "CancelledError: stop")
      queue.putNowait(1)
      assert.strictEqual(queue.qsize(), 1)
    }))

  it("can be left with break and begun again", () =>
    run(async () => {
      const queue = fill(new asyncio.Queue<number>(), [1, 2])
      const seen: Array<number> = []
      for (let n = 0; n < 2; n++) {
        for await (const item of queue) {
          seen.push(item)
          break
        }
      }

      assert.deepStrictEqual([seen, queue.empty()], [[1, 2], true])
    }))
})
