import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Channel, Effect, Stream } from "effect"
import { run } from "../support.ts"

const after = (millis: number) => asyncio.createTask(asyncio.sleep(millis, millis), { name: `after ${millis}` })

const nameOf = (future: asyncio.Future<unknown, unknown> | undefined) =>
  future === undefined ? "none" : asyncio.isTask(future) ? future.getName() : "future"

describe("asCompleted by next", () => {
  it("gives the very futures, done, in the order they are done, and then nothing", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const tasks = [yield* after(30), yield* after(10), yield* after(20)]
        const completions = yield* asyncio.asCompleted(tasks)
        const seen: Array<readonly [string, boolean, number]> = []

        for (let next = yield* completions.next; next !== undefined; next = yield* completions.next) {
          seen.push([nameOf(next), next.done(), loop.time()])
        }

        assert.deepStrictEqual(seen, [
          ["after 10", true, 10],
          ["after 20", true, 20],
          ["after 30", true, 30]
        ])
        assert.isUndefined(yield* completions.next)
      })
    ))

  it("gives new tasks for coroutines", () =>
    run(
      Effect.gen(function* () {
        const completions = yield* asyncio.asCompleted([asyncio.sleep(1, "slept")])

        const task = yield* completions.next

        assert.deepStrictEqual([nameOf(task), yield* task!], ["Task-2", "slept"])
      })
    ))

  it("does not fail for a future that failed", () =>
    run(
      Effect.gen(function* () {
        const failing = yield* asyncio.createTask(Effect.fail("broken"))
        const completions = yield* asyncio.asCompleted([failing])

        const next = yield* completions.next

        assert.strictEqual(next, failing)
        assert.strictEqual(yield* Effect.flip(next!), "broken")
      })
    ))

  it("fails with a TimeoutError once for each that the time was not enough for", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const tasks = [yield* after(10), yield* after(200), yield* after(300)]
        const completions = yield* asyncio.asCompleted(tasks, { timeout: 100 })
        const next = Effect.catch(Effect.map(completions.next, nameOf), ({ _tag }) => Effect.succeed(_tag))

        const seen = [yield* next, yield* next, yield* next, yield* next]

        assert.deepStrictEqual([seen, loop.time()], [["after 10", "TimeoutError", "TimeoutError", "none"], 100])
        assert.deepStrictEqual(
          tasks.map((task) => task.done()),
          [true, false, false]
        )
      })
    ))

  it("shares what is left with the plain style", () =>
    run(
      Effect.gen(function* () {
        const completions = yield* asyncio.asCompleted([yield* after(1), yield* after(2), yield* after(3)])

        const first = yield* completions.next
        const rest: Array<number> = []
        for (const next of completions) rest.push(yield* next)

        assert.deepStrictEqual([nameOf(first), rest, yield* completions.next], ["after 1", [2, 3], undefined])
      })
    ))
})

describe("asCompleted as a stream", () => {
  it("gives the futures in the order they are done", () =>
    run(
      Effect.gen(function* () {
        const completions = yield* asyncio.asCompleted([yield* after(3), yield* after(1), yield* after(2)])

        const names = yield* Stream.runCollect(Stream.map(completions.stream, nameOf))

        assert.deepStrictEqual(names, ["after 1", "after 2", "after 3"])
      })
    ))

  it("gives each as soon as it is done", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const completions = yield* asyncio.asCompleted([yield* after(20), yield* after(10)])
        const times: Array<number> = []

        yield* Stream.runForEach(completions.stream, () => Effect.sync(() => void times.push(loop.time())))

        assert.deepStrictEqual(times, [10, 20])
      })
    ))

  it("can be left, and goes on where it was left", () =>
    run(
      Effect.gen(function* () {
        const completions = yield* asyncio.asCompleted([yield* after(1), yield* after(2), yield* after(3)])

        const first = yield* Stream.runCollect(Stream.take(Stream.map(completions.stream, nameOf), 1))
        const rest = yield* Stream.runCollect(Stream.map(completions.stream, nameOf))

        assert.deepStrictEqual([first, rest], [["after 1"], ["after 2", "after 3"]])
      })
    ))

  it("fails with a TimeoutError after those that were done in time, which leaves the others alone", () =>
    run(
      Effect.gen(function* () {
        const slow = yield* after(200)
        const completions = yield* asyncio.asCompleted([slow, yield* after(10)], { timeout: 100 })
        const names: Array<string> = []
        const collected = Stream.runForEach(completions.stream, (future) =>
          Effect.sync(() => names.push(nameOf(future)))
        )

        const error = yield* Effect.flip(collected)

        assert.deepStrictEqual(
          { names, tag: error._tag, done: slow.done() },
          { names: ["after 10"], tag: "TimeoutError", done: false }
        )
      })
    ))

  it("ends with the task that runs it, and leaves the futures alone", () =>
    run(
      Effect.gen(function* () {
        const slow = yield* after(100)
        const completions = yield* asyncio.asCompleted([slow])
        const reader = yield* asyncio.createTask(Stream.runDrain(completions.stream))
        yield* asyncio.sleep(0)

        yield* reader.cancel()

        yield* Effect.exit(reader)
        assert.deepStrictEqual(
          { readerCancelled: reader.cancelled(), slowDone: slow.done(), result: yield* slow },
          { readerCancelled: true, slowDone: false, result: 100 }
        )
      })
    ))

  it("of nothing is empty", () =>
    run(
      Effect.gen(function* () {
        const completions = yield* asyncio.asCompleted([])

        assert.deepStrictEqual(yield* Stream.runCollect(completions.stream), [])
      })
    ))

  // It is made without Effect's modules: what their functions read of a stream and of its channel.
  it("has all that one of Effect has", () =>
    run(
      Effect.gen(function* () {
        const { stream } = yield* asyncio.asCompleted([asyncio.sleep(1)])
        const effects = Stream.unfold(0, () => Effect.succeed(undefined))
        const keysOf = (value: object) => {
          const keys: Array<string> = []
          for (const key in value) keys.push(key)
          return keys.sort()
        }

        assert.deepStrictEqual(keysOf(stream), keysOf(effects))
        assert.deepStrictEqual(keysOf(stream.channel), keysOf(effects.channel))
        assert.deepStrictEqual(
          { isStream: Stream.isStream(stream), hasChannel: Channel.isChannel(stream.channel) },
          { isStream: true, hasChannel: true }
        )
      })
    ))

  it("is composed with others, by pipe and by functions", () =>
    run(
      Effect.gen(function* () {
        const completions = yield* asyncio.asCompleted([yield* after(2), yield* after(1)])

        const names = yield* completions.stream.pipe(
          Stream.map(nameOf),
          Stream.concat(Stream.make("end")),
          Stream.zipWithIndex,
          Stream.runCollect
        )

        assert.deepStrictEqual(names, [
          ["after 1", 0],
          ["after 2", 1],
          ["end", 2]
        ])
      })
    ))
})
