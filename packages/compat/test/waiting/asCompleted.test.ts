import * as asyncio from "@effect-asyncio/compat"
import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import { run, runningLoop, text, thrown } from "../support.ts"

const after =
  <A>(millis: number, value: A) =>
  () =>
    asyncio.sleep(millis, value)

const failAfter = (millis: number, message: string) => async (): Promise<never> => {
  await asyncio.sleep(millis)
  throw new Error(message)
}

describe("asCompleted", () => {
  it("gives with for await the very tasks that were passed in, as they are done", () =>
    run(async () => {
      const tasks = [asyncio.createTask(after(2, "slow")), asyncio.createTask(after(1, "fast"))]
      const seen: Array<unknown> = []

      for await (const task of asyncio.asCompleted(tasks)) seen.push([task === tasks[0], task.result()])

      assert.deepStrictEqual(seen, [
        [false, "fast"],
        [true, "slow"]
      ])
    }))

  it("gives with for promises of the results in the order in which they come", () =>
    run(async () => {
      const lines: Array<string> = []

      for (const next of asyncio.asCompleted([after(2, "slow"), after(1, "fast")])) lines.push(await next)

      assert.deepStrictEqual(lines, ["fast", "slow"])
    }))

  it("gives tasks for functions, Effects and promises, and a future as it is", () =>
    run(async () => {
      const future = asyncio.getRunningLoop().createFuture<string>()
      const given = [
        future,
        after(1, "function"),
        Effect.delay(Effect.succeed("effect"), 2),
        Promise.resolve("promise")
      ]
      asyncio.getRunningLoop().callLater(3, () => future.setResult("future"))
      const seen: Array<unknown> = []

      for await (const each of asyncio.asCompleted(given))
        seen.push({ isTask: asyncio.isTask(each), isGiven: each === future, value: await each })

      assert.deepStrictEqual(seen, [
        { isTask: true, isGiven: false, value: "promise" },
        { isTask: true, isGiven: false, value: "function" },
        { isTask: true, isGiven: false, value: "effect" },
        { isTask: false, isGiven: true, value: "future" }
      ])
    }))

  it("gives a failure in its place, and goes on after it", () =>
    run(async () => {
      const lines: Array<string> = []

      for (const next of asyncio.asCompleted([after(3, "last"), failAfter(2, "bad"), after(1, "first")])) {
        lines.push(await next.catch(String))
      }
      for await (const task of asyncio.asCompleted([failAfter(1, "again")])) lines.push(String(task.exception()))

      assert.deepStrictEqual(lines, ["first", "Error: bad", "last", "Error: again"])
    }))

  it("counts a task that is given twice once, and runs a function that is given twice twice", () =>
    run(async () => {
      let calls = 0
      const count = async () => ++calls
      const task = asyncio.createTask(count)
      const seen: Array<number> = []

      for await (const each of asyncio.asCompleted([task, task])) seen.push(each.result())
      for await (const each of asyncio.asCompleted([count, count])) seen.push(each.result())

      assert.deepStrictEqual(seen, [1, 2, 3])
    }))

  it("ends at once for nothing", () =>
    run(async () => {
      for await (const _ of asyncio.asCompleted([])) assert.fail("something came")
      assert.deepStrictEqual([...asyncio.asCompleted([])], [])
    }))

  it("starts the functions at the call", () =>
    run(async () => {
      const lines: Array<string> = []
      asyncio.asCompleted([async () => lines.push("started")])

      await asyncio.sleep(0)

      assert.deepStrictEqual(lines, ["started"])
    }))
})

describe("the timeout of asCompleted", () => {
  const jobs = () => ["fast", "slow", "slower"].map((name, n) => asyncio.createTask(after(1 + 10 * n, name)))

  it("rejects the next one, and each that is still asked for, while the tasks go on", () =>
    run(async () => {
      const lines: Array<string> = []
      const tasks = jobs()

      for (const next of asyncio.asCompleted(tasks, { timeout: 5 })) lines.push(await next.catch(String))

      lines.push(`at ${runningLoop().time()}`, ...(await asyncio.gather(tasks)))
      assert.deepStrictEqual(lines, ["fast", "TimeoutError", "TimeoutError", "at 5", "fast", "slow", "slower"])
    }))

  it("ends a for await with the TimeoutError", () =>
    run(async () => {
      const lines: Array<string> = []
      const collect = async () => {
        for await (const task of asyncio.asCompleted(jobs(), { timeout: "5 millis" })) lines.push(task.result())
      }

      lines.push(await text(collect()), `at ${runningLoop().time()}`)

      assert.deepStrictEqual(lines, ["fast", "TimeoutError", "at 5"])
    }))

  it("leaves no timer behind when all came in time", () =>
    run(async () => {
      for await (const _ of asyncio.asCompleted([after(1, 1)], { timeout: "1 hour" }));

      assert.strictEqual(runningLoop().snapshot().timers, 0)
    }))
})

describe("leaving asCompleted", () => {
  it("with break lets the tasks go on", () =>
    run(async () => {
      const tasks = [asyncio.createTask(after(1, "first")), asyncio.createTask(after(5, "second"))]
      const lines: Array<string> = []

      for await (const task of asyncio.asCompleted(tasks)) {
        lines.push(task.result())
        break
      }
      for (const next of asyncio.asCompleted(tasks)) {
        lines.push(await next)
        break
      }

      assert.deepStrictEqual([lines, await tasks[1]], [["first", "first"], "second"])
    }))

  it("by a cancellation ends the waiting, and lets the tasks go on", () =>
    run(async () => {
      const task = asyncio.createTask(after(5, "goes on"))
      const styles = [
        async () => {
          for await (const each of asyncio.asCompleted([task])) each.result()
        },
        async () => {
          for (const next of asyncio.asCompleted([task])) await next
        }
      ]
      const waiting = styles.map((style) => asyncio.createTask(style))
      await asyncio.sleep(1)

      for (const each of waiting) each.cancel("enough")

      assert.deepStrictEqual(
        [await text(waiting[0]!), await text(waiting[1]!), await task],
        ["CancelledError: enough", "CancelledError: enough", "goes on"]
      )
    }))

  it("lets another task take what is left", () =>
    run(async () => {
      const completions = asyncio.asCompleted([after(1, "first"), after(2, "second")])
      const take = async () => {
        const { value } = await completions[Symbol.asyncIterator]().next()
        return asyncio.isFuture(value) ? [value.result()] : []
      }

      const taken = await asyncio.gather([take, take, take])

      assert.deepStrictEqual(taken, [["first"], ["second"], []])
    }))
})

describe("asCompleted of something else", () => {
  it("throws a TypeError at the call", () =>
    run(async () => {
      const asCompleted = asyncio.asCompleted as (awaitables: unknown) => unknown
      const task = asyncio.createTask(async () => {})

      assert.deepStrictEqual(
        [task, async () => {}, undefined, Effect.void, [1]].map((each) => thrown(() => asCompleted(each))),
        [
          "TypeError: expects an iterable of awaitables, not Task",
          "TypeError: expects an iterable of awaitables, not function",
          "TypeError: expects an iterable of awaitables, not undefined",
          "TypeError: expects an iterable of awaitables, not coroutine",
          "TypeError: An asyncio.Future, a coroutine or an awaitable is required"
        ]
      )
    }))
})
