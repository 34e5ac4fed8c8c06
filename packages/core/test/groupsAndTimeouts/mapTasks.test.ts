import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Cause, Effect, Exit, Fiber, Stream } from "effect"
import { failureOf, failuresOf, reportsOf, run } from "../support.ts"

const hour = asyncio.sleep("1 hour")
const errorsOf = (error: unknown) => (error as asyncio.ExceptionGroup).errors
/** An error, or what was thrown that it is about. */
const told = (error: unknown) => (Cause.isUnknownError(error) ? `threw ${String(error.cause)}` : String(error))
const taskNames = Effect.map(asyncio.allTasks, (tasks) => Array.from(tasks, (task) => task.getName()))

/** Items as they are read, and the end of reading. */
function* counted(lines: Array<unknown>, most = Infinity) {
  try {
    for (let i = 1; i <= most; i++) {
      lines.push(`read ${i}`)
      yield i
    }
    lines.push("read all")
  } finally {
    lines.push("closed")
  }
}

async function* countedAsync(lines: Array<unknown>, most = Infinity) {
  for (const i of counted(lines, most)) {
    await Promise.resolve()
    yield i
  }
}

describe("mapTasks", () => {
  it("gives results in the order of the items, however they come, so many at a time", () =>
    run(
      Effect.gen(function* () {
        let now = 0
        let most = 0
        const indices: Array<number> = []
        const f = (item: number, index: number) =>
          Effect.gen(function* () {
            indices.push(index)
            most = Math.max(most, ++now)
            yield* asyncio.sleep(10 - item)
            now--
            return item * item
          })
        assert.deepStrictEqual(yield* asyncio.mapTasks([1, 2, 3, 4, 5], f, { concurrency: 2 }), [1, 4, 9, 16, 25])
        assert.deepStrictEqual([most, indices], [2, [0, 1, 2, 3, 4]])
        const completed = { concurrency: 5, order: "completed" } as const
        assert.deepStrictEqual(yield* asyncio.mapTasks([1, 2, 3, 4, 5], f, completed), [25, 16, 9, 4, 1])
        assert.strictEqual((yield* asyncio.getRunningLoop).time(), 29)
      })
    ))

  it("takes iterables, async iterables and streams, and none of any", () =>
    run(
      Effect.gen(function* () {
        const f = (item: number | string) => Effect.as(asyncio.sleep(1), `${item}!`)
        const options = { concurrency: 2 }
        const three = ["1!", "2!", "3!"]
        assert.deepStrictEqual(yield* asyncio.mapTasks(new Set([1, 2, 3]), f, options), three)
        assert.deepStrictEqual(yield* asyncio.mapTasks("123", f, options), three)
        assert.deepStrictEqual(yield* asyncio.mapTasks(countedAsync([], 3), f, options), three)
        assert.deepStrictEqual(yield* asyncio.mapTasks(Stream.make(1, 2, 3), f, options), three)
        assert.deepStrictEqual(yield* asyncio.mapTasks([], f, options), [])
        assert.deepStrictEqual(yield* asyncio.mapTasks(countedAsync([], 0), f, options), [])
        assert.deepStrictEqual(yield* asyncio.mapTasks(Stream.empty, f, options), [])
        assert.deepStrictEqual(yield* asyncio.mapTasks([1], f, { concurrency: Infinity }), ["1!"])
      })
    ))

  it.each(["iterable", "async iterable", "stream"] as const)("reads no item of an %s before there is room", (kind) =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const items = {
          iterable: () => asyncio.mapTasks(counted(lines, 4), f, { concurrency: 2 }),
          "async iterable": () => asyncio.mapTasks(countedAsync(lines, 4), f, { concurrency: 2 }),
          stream: () =>
            asyncio.mapTasks(Stream.fromIterable(counted(lines, 4), { chunkSize: 1 }), f, { concurrency: 2 })
        }
        const f = (item: number) =>
          Effect.gen(function* () {
            lines.push(`begin ${item}`)
            yield* asyncio.sleep(10 * item)
            lines.push(`end ${item}`)
          })
        yield* items[kind]()
        assert.deepStrictEqual(
          lines.filter((line) => String(line) !== "read all" && String(line) !== "closed"),
          [
            "read 1",
            "read 2",
            "begin 1",
            "begin 2",
            "end 1",
            "read 3",
            "begin 3",
            "end 2",
            "read 4",
            "begin 4",
            "end 3",
            "end 4"
          ]
        )
      })
    )
  )

  it("cancels the rest when one fails, waits for it, reads no more, and fails with all failures", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        const f = (item: number) =>
          item === 2
            ? Effect.andThen(asyncio.sleep(5), Effect.fail("boom"))
            : Effect.ensuring(hour, Effect.andThen(asyncio.sleep(3), Effect.die("cleanup")))
        const error = yield* failureOf(asyncio.mapTasks(counted(lines), f, { concurrency: 2 }))
        lines.push(String(error), errorsOf(error), loop.time(), yield* taskNames)
        assert.deepStrictEqual(lines, [
          "read 1",
          "read 2",
          "closed",
          "ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)",
          ["boom", "cleanup"],
          8,
          ["Task-1"]
        ])
      })
    ))

  it("lets the rest go on when failures are collected, and fails in the end", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const f = (item: number) =>
          Effect.andThen(
            asyncio.sleep(1),
            item % 2 === 0 ? Effect.fail(item) : Effect.sync(() => void lines.push(item))
          )
        const error = yield* Effect.flip(asyncio.mapTasks([1, 2, 3, 4, 5], f, { concurrency: 2, onFailure: "collect" }))
        assert.deepStrictEqual(
          [lines, errorsOf(error)],
          [
            [1, 3, 5],
            [2, 4]
          ]
        )
      })
    ))

  it("fails with what fails in its cleanup when all are cancelled, with returnExceptions as well", () =>
    run(
      Effect.gen(function* () {
        const f = () => asyncio.catchCancelled(hour, () => Effect.fail("cleanup"))
        const mapped = asyncio.mapTasks([1], f, { concurrency: 1, returnExceptions: true })
        const task = yield* asyncio.createTask(mapped)
        yield* asyncio.sleep(1)
        yield* task.cancel()
        assert.deepStrictEqual(errorsOf(yield* Effect.flip(task)), ["cleanup"])
      })
    ))

  it("has no report of failures that it has given with returnExceptions", async () => {
    const options = { concurrency: 1, returnExceptions: true } as const
    assert.deepStrictEqual(await reportsOf(asyncio.mapTasks([1], () => Effect.fail("failed"), options)), [])
  })

  it("gives how each has ended with returnExceptions, also of one that somebody cancels", () =>
    run(
      Effect.gen(function* () {
        const f = (item: number): Effect.Effect<string | void, string> => {
          if (item === 1) return Effect.fail("boom")
          if (item === 2) return Effect.die("bug")
          if (item === 3)
            return Effect.andThen(
              Effect.flatMap(asyncio.currentTask, (task) => task.cancel("me")),
              hour
            )
          return Effect.succeed("value")
        }
        const exits = yield* asyncio.mapTasks([1, 2, 3, 4], f, { concurrency: 2, returnExceptions: true })
        assert.deepStrictEqual(exits.slice(0, 2), [Exit.fail("boom"), Exit.die("bug")])
        assert.strictEqual(String(exits[2]), String(Exit.fail(new asyncio.CancelledError("me"))))
        assert.deepStrictEqual(exits[3], Exit.succeed("value"))
        const error = yield* Effect.flip(asyncio.mapTasks([3, 4], f, { concurrency: 2 }))
        assert.deepStrictEqual(errorsOf(error).map(String), ["CancelledError: me"])
      })
    ))

  it("fails with what f throws, what it gives that is no Effect, and what the items throw", () =>
    run(
      Effect.gen(function* () {
        const throws = () => {
          throw new Error("thrown")
        }
        function* broken() {
          yield 1
          throw new Error("broken")
        }
        async function* brokenAsync() {
          yield* broken()
        }
        const options = { concurrency: 2 }
        const errors: Array<unknown> = []
        for (const each of [
          asyncio.mapTasks([1], throws, options),
          asyncio.mapTasks([1], () => 5 as never, options),
          asyncio.mapTasks(broken(), () => hour, options),
          asyncio.mapTasks(brokenAsync(), () => hour, options),
          asyncio.mapTasks(Stream.fail("stream"), () => hour, options)
        ] as ReadonlyArray<Effect.Effect<unknown, unknown>>) {
          errors.push(...errorsOf(yield* failureOf(each)).map(told))
        }
        assert.deepStrictEqual(errors, [
          "Error: thrown",
          "TypeError: an Effect was expected by mapTasks(), got 5",
          "Error: broken",
          "threw Error: broken",
          "stream"
        ])
        assert.deepStrictEqual(yield* taskNames, ["Task-1"])
      })
    ))

  it("is cancelled with all that run, and ends the reading, wherever it is", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        const cleanup = Effect.andThen(
          asyncio.sleep(3),
          Effect.sync(() => lines.push("cleaned up"))
        )
        const f = () => Effect.ensuring(hour, cleanup)
        const options = { concurrency: 1 }
        const stream = Stream.ensuring(
          Stream.never,
          Effect.sync(() => lines.push("stream closed"))
        )
        for (const mapped of [
          asyncio.mapTasks(counted(lines), f, options),
          asyncio.mapTasks(countedAsync(lines), f, options),
          asyncio.mapTasks(stream, f, options)
        ]) {
          const task = yield* asyncio.createTask(mapped)
          yield* asyncio.sleep(10)
          yield* task.cancel("stop")
          yield* task.cancel("again")
          lines.push(...(yield* failuresOf([task])), loop.time())
        }
        lines.push(yield* taskNames)
        assert.deepStrictEqual(lines, [
          "read 1",
          "closed",
          "cleaned up",
          "CancelledError: stop",
          13,
          "read 1",
          "closed",
          "cleaned up",
          "CancelledError: stop",
          26,
          "stream closed",
          "CancelledError: again",
          36,
          ["Task-1"]
        ])
      })
    ))

  it("gives an async iterable up that does not answer", async () => {
    const lines: Array<unknown> = []
    const reports = await reportsOf(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        async function* hangs() {
          try {
            yield 1
            await new Promise(() => {})
          } finally {
            lines.push("never")
          }
        }
        const timeout = asyncio.timeout(
          10,
          asyncio.mapTasks(hangs(), () => Effect.void, { concurrency: 1 })
        )
        lines.push((yield* Effect.flip(timeout))._tag, loop.time())
        const failing = asyncio.mapTasks(hangs(), () => Effect.fail("boom"), { concurrency: 2 })
        lines.push(errorsOf(yield* Effect.flip(failing)), loop.time())
      })
    )
    assert.deepStrictEqual([lines, reports], [["TimeoutError", 5010, ["boom"], 10_010], []])
  })

  it("fails with what closing the items fails with, also in place of a cancellation", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const throws = () => {
          throw new Error("closing")
        }
        function* broken() {
          try {
            yield 1
            yield 2
          } finally {
            throws()
          }
        }
        async function* brokenAsync() {
          yield* broken()
        }
        const throwing = {
          [Symbol.asyncIterator]: () => ({
            next: () => Promise.resolve({ done: false as const, value: 1 }),
            return: throws
          })
        }
        for (const items of [broken, brokenAsync, () => throwing] as ReadonlyArray<() => AsyncIterable<number>>) {
          const failing = asyncio.mapTasks(items(), () => Effect.fail("boom"), { concurrency: 1 })
          lines.push(errorsOf(yield* failureOf(failing)).map(told))
          const late = asyncio.moveOn(
            5,
            asyncio.mapTasks(items(), () => hour, { concurrency: 1 })
          )
          lines.push(errorsOf(yield* failureOf(late)).map(told))
        }
        assert.deepStrictEqual(
          lines,
          ["Error: closing", "threw Error: closing", "Error: closing"].flatMap((closing) => [
            ["boom", closing],
            [closing]
          ])
        )
      })
    ))

  it("fails with what an async iterable was asked for before a cancellation, and answers behind it", () =>
    run(
      Effect.gen(function* () {
        let reject: (error: Error) => void = () => {}
        async function* slow() {
          yield 1
          await new Promise((_, onRejected) => (reject = onRejected))
        }
        const items = slow()
        const late = asyncio.moveOn(
          5,
          asyncio.mapTasks(items, () => Effect.void, { concurrency: 1 })
        )
        const task = yield* asyncio.createTask(Effect.flip(late))
        const loop = yield* asyncio.getRunningLoop
        loop.callLaterUnsafe(6, () => reject(new Error("too late")))
        assert.deepStrictEqual(errorsOf(yield* task).map(told), ["threw Error: too late"])
        assert.strictEqual(loop.time(), 6)
      })
    ))

  it("lets a second cancellation enter where it waits for the items to close", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        async function* hangs(before: boolean) {
          try {
            yield 1
            if (before) await new Promise(() => {})
            yield 2
          } finally {
            await new Promise(() => {})
          }
        }
        for (const before of [false, true]) {
          const task = yield* asyncio.createTask(
            asyncio.mapTasks(hangs(before), () => hour, { concurrency: before ? 2 : 1 })
          )
          for (const request of ["first", "second"]) {
            yield* asyncio.sleep(5)
            yield* task.cancel(request)
          }
          lines.push(...(yield* failuresOf([task])), loop.time(), yield* taskNames)
        }
        const ended = (time: number) => ["CancelledError: second", time, ["Task-1"]]
        assert.deepStrictEqual(lines, [...ended(10), ...ended(20)])
      })
    ))

  it("waits for the items to close when its plain fiber is interrupted, however long they take", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const loop = yield* asyncio.getRunningLoop
        async function* items() {
          try {
            yield 1
            yield 2
          } finally {
            await new Promise<void>((resolve) => loop.callLaterUnsafe(7000, resolve))
            lines.push("closed")
          }
        }
        const fiber = yield* Effect.forkChild(asyncio.mapTasks(items(), () => hour, { concurrency: 1 }))
        yield* asyncio.sleep(5)
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual([lines, loop.time(), yield* taskNames], [["closed"], 7005, ["Task-1"]])
      })
    ))

  it("ends all at a Ctrl-C in an item, whatever becomes of other failures", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const interrupt = new asyncio.KeyboardInterrupt()
        const items = [Effect.die(interrupt), hour]
        for (const options of [{}, { onFailure: "collect" }, { returnExceptions: true }] as const) {
          const mapped = asyncio.mapTasks(items, (item) => item, { concurrency: 2, ...options })
          assert.strictEqual(yield* Effect.catchDefect(Effect.orDie(Effect.asVoid(mapped)), Effect.succeed), interrupt)
        }
        assert.deepStrictEqual([loop.time(), yield* taskNames], [0, ["Task-1"]])
      })
    ))

  it("takes what f gives as it is if that is a task, and waits for futures in one", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        const me = yield* asyncio.currentTask
        const task = yield* asyncio.createTask(asyncio.sleep(1, "task"))
        const future = yield* loop.createFuture<string, Error>()
        yield* loop.callLater(2, () => future.setExceptionUnsafe(new Error("future")))
        const given = [task, future, me] as ReadonlyArray<Effect.Effect<string, unknown>>
        const exits = yield* asyncio.mapTasks(given, (each) => each, { concurrency: 3, returnExceptions: true })
        for (const exit of exits) lines.push(...(yield* failuresOf([exit])))
        assert.deepStrictEqual(
          lines.map((line) => String(line).replace(/: <.*/, "")),
          ["value task", "Error: future", "RuntimeError: Task cannot await on itself"]
        )
      })
    ))

  it("calls no return of an iterable that was read to its end, or has thrown", () =>
    run(
      Effect.gen(function* () {
        let returned = 0
        const items = (next: () => IteratorResult<number>) => ({
          [Symbol.iterator]: () => ({
            next,
            return: () => {
              returned++
              return { done: true as const, value: undefined }
            }
          })
        })
        const throws = (): never => {
          throw new Error("broken")
        }
        const none = items(() => ({ done: true, value: undefined }))
        const broken = items(throws)
        yield* asyncio.mapTasks(none, () => Effect.void, { concurrency: 1 })
        yield* failureOf(asyncio.mapTasks(broken, () => Effect.void, { concurrency: 1 }))
        let asked = 0
        const second = () => (asked++ === 0 ? Promise.resolve({ done: false, value: 1 }) : throws())
        for (const next of [() => Promise.reject(new Error("rejects")), throws, second]) {
          const rejecting = { [Symbol.asyncIterator]: () => ({ ...broken[Symbol.iterator](), next }) }
          const mapped = asyncio.mapTasks(rejecting as unknown as AsyncIterable<number>, () => Effect.void, {
            concurrency: 1
          })
          yield* failureOf(mapped)
        }
        assert.strictEqual(returned, 0)
      })
    ))

  it("refuses wrong arguments before it reads anything", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const f = () => Effect.void
        const mapTasks = asyncio.mapTasks as (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown, unknown>
        const items = counted(lines)
        assert.deepStrictEqual(
          yield* failuresOf([
            mapTasks(5, f, { concurrency: 1 }),
            mapTasks(Promise.resolve([1]), f, { concurrency: 1 }),
            mapTasks(Effect.void, f, { concurrency: 1 }),
            mapTasks(items, hour, { concurrency: 1 }),
            mapTasks(items, f),
            mapTasks(items, f, 5),
            mapTasks(items, f, { concurrency: 0 }),
            mapTasks(items, f, { concurrency: -1 }),
            mapTasks(items, f, { concurrency: Number.NaN }),
            mapTasks(items, f, { concurrency: 1.5 }),
            mapTasks(items, f, { concurrency: 1, order: "random" }),
            mapTasks(items, f, { concurrency: 1, onFailure: "ignore" })
          ]),
          [
            "TypeError: an iterable was expected by mapTasks(), got 5",
            "TypeError: an iterable was expected by mapTasks(), got a Promise",
            "TypeError: an iterable was expected by mapTasks(), got an Effect",
            "TypeError: a function was expected by mapTasks(), got an Effect",
            "TypeError: a whole number was expected for the concurrency of mapTasks(), got undefined",
            "TypeError: an object of options was expected by mapTasks(), got 5",
            "ValueError: concurrency must be >= 1",
            "ValueError: concurrency must be >= 1",
            "ValueError: concurrency must be >= 1",
            "TypeError: a whole number was expected for the concurrency of mapTasks(), got 1.5",
            `TypeError: "items" or "completed" was expected for order of mapTasks(), got 'random'`,
            `TypeError: "cancel" or "collect" was expected for onFailure of mapTasks(), got 'ignore'`
          ]
        )
        assert.deepStrictEqual(lines, [])
      })
    ))
})
