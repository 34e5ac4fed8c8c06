import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/compat"
import { Effect } from "effect"
import { on, EventEmitter } from "node:events"
import { Readable } from "node:stream"
import { rejection, run, runningLoop, self, text } from "../support.ts"

const hour = () => asyncio.sleep("1 hour")
const throws = (message: string) => {
  throw new Error(message)
}
const errorsOf = async (promise: Promise<unknown>) =>
  ((await rejection(promise)) as asyncio.ExceptionGroup).errors.map(String)
const taskNames = () => Array.from(asyncio.allTasks(), (task) => task.getName())

function* counted(lines: Array<unknown>, most = Infinity) {
  try {
    for (let i = 1; i <= most; i++) {
      lines.push(`read ${i}`)
      yield i
    }
  } finally {
    lines.push("closed")
  }
}

describe("mapTasks", () => {
  it("gives results in the order of the items or as they come, so many at a time, each in a task", () =>
    run(async () => {
      let now = 0
      let most = 0
      const names: Array<string> = []
      const f = async (item: number, index: number) => {
        names.push(`${self().getName()} ${index}`)
        most = Math.max(most, ++now)
        await asyncio.sleep(10 - item)
        now--
        return item * item
      }
      assert.deepStrictEqual(await asyncio.mapTasks([1, 2, 3], f, { concurrency: 2 }), [1, 4, 9])
      assert.deepStrictEqual([most, names], [2, ["Task-2 0", "Task-3 1", "Task-4 2"]])
      assert.deepStrictEqual(await asyncio.mapTasks([1, 2, 3], f, { concurrency: 3, order: "completed" }), [9, 4, 1])
      assert.deepStrictEqual(await asyncio.mapTasks([], f, { concurrency: 1 }), [])
      assert.deepStrictEqual(await asyncio.mapTasks([1, 2], (item) => item, { concurrency: 1 }), [1, 2])
    }))

  it("reads no item before there is room, and closes the reading when one fails", () =>
    run(async () => {
      const lines: Array<unknown> = []
      const f = async (item: number) => {
        lines.push(`begin ${item}`)
        await asyncio.sleep(5)
        if (item === 3) throw new Error("boom")
      }
      async function* asynchronous() {
        for (const item of counted(lines)) {
          await asyncio.sleep(1)
          yield item
        }
      }
      assert.deepStrictEqual(await errorsOf(asyncio.mapTasks(counted(lines), f, { concurrency: 1 })), ["Error: boom"])
      assert.deepStrictEqual(await errorsOf(asyncio.mapTasks(asynchronous(), f, { concurrency: 1 })), ["Error: boom"])
      const reading = ["read 1", "begin 1", "read 2", "begin 2", "read 3", "begin 3", "closed"]
      assert.deepStrictEqual([lines, taskNames()], [[...reading, ...reading], ["Task-1"]])
    }))

  it("collects failures, or gives how each has ended", () =>
    run(async () => {
      const f = async (item: number) => {
        if (item % 2 === 0) throw new Error(`bad ${item}`)
        return item
      }
      const items = [1, 2, 3, 4]
      assert.deepStrictEqual(await errorsOf(asyncio.mapTasks(items, f, { concurrency: 1, onFailure: "collect" })), [
        "Error: bad 2",
        "Error: bad 4"
      ])
      const settled = await asyncio.mapTasks(items, f, { concurrency: 2, returnExceptions: true })
      assert.deepStrictEqual(
        settled.map((each) => (each.status === "fulfilled" ? each.value : String(each.reason))),
        [1, "Error: bad 2", 3, "Error: bad 4"]
      )
    }))

  it("is cancelled with all that run, and with the awaits of a generator, whose cleanup it waits for", () =>
    run(async () => {
      const lines: Array<unknown> = []
      async function* slow() {
        try {
          yield 1
          await hour()
        } finally {
          await asyncio.sleep(7000)
          lines.push(`closed ${runningLoop().time()}`)
        }
      }
      const task = asyncio.createTask(() =>
        asyncio.mapTasks(slow(), () => hour().finally(() => lines.push("item")), { concurrency: 2 })
      )
      await asyncio.sleep(10)
      task.cancel("stop")
      lines.push(await text(task), runningLoop().time(), taskNames())
      assert.deepStrictEqual(lines, ["closed 7010", "item", "CancelledError: stop", 7010, ["Task-1"]])
    }))

  it("tells an iterator that hangs to end, and gives it up when it does not answer", () =>
    run(async () => {
      const emitter = new EventEmitter()
      const events = asyncio.timeout(10, () => asyncio.mapTasks(on(emitter, "x"), () => {}, { concurrency: 1 }))
      assert.deepStrictEqual(
        [await text(events), runningLoop().time(), emitter.listenerCount("x")],
        ["TimeoutError", 10, 0]
      )
      async function* hangs() {
        yield 1
        await new Promise(() => {})
      }
      const failing = asyncio.mapTasks(
        hangs(),
        async () => {
          await asyncio.sleep(10)
          throw new Error("boom")
        },
        { concurrency: 2 }
      )
      assert.deepStrictEqual(
        [await errorsOf(failing), runningLoop().time(), taskNames()],
        [["Error: boom"], 5020, ["Task-1"]]
      )
    }))

  it("fails with what closing the items fails with, wherever they are, also in place of a cancellation", () =>
    run(async () => {
      const lines: Array<unknown> = []
      function* broken() {
        try {
          yield 1
          yield 2
        } finally {
          throws("closing")
        }
      }
      async function* brokenAsync() {
        yield* broken()
      }
      async function* brokenWaiting() {
        yield 1
        try {
          await hour()
        } finally {
          await asyncio.sleep(1)
          throws("closing")
        }
      }
      for (const items of [broken, brokenAsync, brokenWaiting] as ReadonlyArray<() => Iterable<number>>) {
        const failing = async () => {
          await asyncio.sleep(1)
          throw new Error("boom")
        }
        const concurrency = items === (brokenWaiting as unknown) ? 2 : 1
        lines.push(await errorsOf(asyncio.mapTasks(items(), failing, { concurrency })))
        lines.push(await errorsOf(asyncio.moveOn(5, () => asyncio.mapTasks(items(), hour, { concurrency }))))
      }
      assert.deepStrictEqual(
        lines,
        [1, 2, 3].flatMap(() => [["Error: boom", "Error: closing"], ["Error: closing"]])
      )
    }))

  it("lets a second cancellation enter where it waits for the items to close", () =>
    run(async () => {
      const lines: Array<unknown> = []
      async function* slow(isAsked: boolean) {
        try {
          yield 1
          if (isAsked) await hour()
          yield 2
        } finally {
          await hour().finally(() => lines.push("cut"))
        }
      }
      async function* hangs() {
        try {
          yield 1
          yield 2
        } finally {
          await new Promise(() => {})
        }
      }
      const items = [slow.bind(null, false), slow.bind(null, true), hangs]
      for (const each of items) {
        const task = asyncio.createTask(() =>
          asyncio.mapTasks(each(), hour, { concurrency: each === items[1] ? 2 : 1 })
        )
        for (const request of ["first", "second"]) {
          await asyncio.sleep(5)
          task.cancel(request)
        }
        lines.push(await text(task), runningLoop().time(), taskNames())
      }
      const ended = (time: number) => ["CancelledError: second", time, ["Task-1"]]
      assert.deepStrictEqual(lines, ["cut", ...ended(10), "cut", ...ended(20), ...ended(5030)])
    }))

  it("tells an iterator once to end, and not one that has failed or cannot be told", () =>
    run(async () => {
      const lines: Array<unknown> = []
      const iterable = (iterator: Partial<AsyncIterator<number>>) =>
        ({ [Symbol.asyncIterator]: () => iterator }) as AsyncIterable<number>
      const next = async () => ({ done: false, value: 1 }) as const
      const told = async () => {
        lines.push("told")
        await hour()
        return { done: true, value: undefined } as const
      }
      const task = asyncio.createTask(() =>
        asyncio.mapTasks(iterable({ next, return: told }), hour, { concurrency: 1 })
      )
      for (const request of ["first", "second"]) {
        await asyncio.sleep(5)
        task.cancel(request)
      }
      lines.push(await text(task))

      const broken = iterable({ next: async () => throws("broken"), return: told })
      lines.push(await errorsOf(asyncio.mapTasks(broken, hour, { concurrency: 1 })))

      const before = asyncio.createTask(hour).id
      const mute = iterable({ next })
      lines.push(await errorsOf(asyncio.mapTasks(mute, () => throws("boom"), { concurrency: 1 })))
      // One for the item, and one that has asked for it.
      lines.push(asyncio.createTask(hour).id - before - 1)
      assert.deepStrictEqual(lines, ["told", "CancelledError: second", ["Error: broken"], ["Error: boom"], 2])
    }))

  it("closes the items, and hears how that ends, in whichever iteration it is cancelled and cancelled again", () =>
    run(async () => {
      let closed = 0
      async function* items() {
        try {
          for (let i = 1; ; i++) {
            yield i
            await asyncio.sleep(5)
          }
        } finally {
          closed++
          throws("closing")
        }
      }
      const counts = [0, 1, 2, 3, 4, 5, 6, 7]
      for (const concurrency of [1, 3]) {
        for (const [first, second] of counts.flatMap((i) => [0, 1, 2, 3].map((k) => [i, k] as const))) {
          closed = 0
          const task = asyncio.createTask(() => asyncio.mapTasks(items(), hour, { concurrency }))
          await asyncio.sleep(5)
          for (let iterations = first; iterations > 0; iterations--) await asyncio.sleep(0)
          task.cancel("first")
          for (let iterations = second; iterations > 0; iterations--) await asyncio.sleep(0)
          task.cancel("second")
          const errors = await errorsOf(task)
          assert.deepStrictEqual([closed, errors], [1, ["Error: closing"]], `${concurrency} ${first} ${second}`)
        }
      }
    }))

  it("lets a generator begin what it gives, in the function that has given the generator", () =>
    run(async () => {
      const closing = new Set<string>()
      function* promises() {
        try {
          for (let i = 1; ; i++) yield asyncio.sleep(i, `${i} of ${self().getName()}`)
        } finally {
          closing.add(self().getName())
          void asyncio.sleep(1)
        }
      }
      const f = async (promise: Promise<string>, index: number) => {
        if (index === 2) throw new Error(await promise)
        return await promise
      }
      const failing = asyncio.mapTasks(promises(), f, { concurrency: 2 })
      assert.deepStrictEqual([await errorsOf(failing), [...closing]], [["Error: 3 of Task-1"], ["Task-1"]])
      function* coroutines() {
        const before = asyncio.sleep(1, self().getName())
        yield () => before
      }
      assert.strictEqual(await asyncio.staggered(1, coroutines()), "Task-1")
      assert.deepStrictEqual(await asyncio.mapTasks("abc", (item) => item, { concurrency: 1 }), ["a", "b", "c"])
    }))

  it("reads streams of Node, and destroys one that it does not read to its end", () =>
    run(async () => {
      const whole = Readable.from(["a", "b", "c"])
      assert.deepStrictEqual(await asyncio.mapTasks(whole, (item) => String(item).toUpperCase(), { concurrency: 2 }), [
        "A",
        "B",
        "C"
      ])
      const cut = Readable.from(["a", "b", "c"])
      const failing = asyncio.mapTasks(cut, () => Promise.reject(new Error("boom")), { concurrency: 1 })
      assert.deepStrictEqual([await errorsOf(failing), cut.destroyed], [["Error: boom"], true])
    }))

  it("refuses wrong arguments before it reads anything", () =>
    run(async () => {
      const lines: Array<unknown> = []
      const items = counted(lines)
      const f = () => {}
      const mapTasks = asyncio.mapTasks as (...args: ReadonlyArray<unknown>) => Promise<unknown>
      assert.deepStrictEqual(
        [
          await text(mapTasks(5, f, { concurrency: 1 })),
          await text(mapTasks(Effect.void, f, { concurrency: 1 })),
          await text(mapTasks(items, 5, { concurrency: 1 })),
          await text(mapTasks(items, f)),
          await text(mapTasks(items, f, { concurrency: -1 })),
          await text(mapTasks(items, function* () {}, { concurrency: 1 }))
        ],
        [
          "TypeError: an iterable was expected by mapTasks(), got 5",
          "TypeError: an iterable was expected by mapTasks(), got an Effect",
          "TypeError: a function was expected by mapTasks(), got 5",
          "TypeError: a whole number was expected for the concurrency of mapTasks(), got undefined",
          "ValueError: concurrency must be >= 1",
          "TypeError: a function was expected by mapTasks(), got a generator function"
        ]
      )
      assert.deepStrictEqual(lines, [])
    }))
})

describe("the function of mapTasks", () => {
  it("is called as a function, and not as a method of ours", () =>
    run(async () => {
      const f = function (this: unknown, item: number) {
        return [item, typeof this]
      }

      assert.deepStrictEqual(await asyncio.mapTasks([1], f, { concurrency: 1 }), [[1, "undefined"]])
    }))
})
