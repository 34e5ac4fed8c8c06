import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { run, runningLoop, text } from "../support.ts"

describe("sleep", () => {
  // test_sleep
  it("waits for the time it is given and resolves with its second argument", () =>
    run(async () => {
      const result = await asyncio.sleep("1 second", "yeah")

      assert.deepStrictEqual([result, runningLoop().time()], ["yeah", 1000])
    }))

  it("resolves with undefined when there is no second argument", () =>
    run(async () => {
      assert.deepStrictEqual([await asyncio.sleep(1), await asyncio.sleep(0)], [undefined, undefined])
    }))

  it("takes a bare number as milliseconds", () =>
    run(async () => {
      await asyncio.sleep(1500)

      assert.strictEqual(runningLoop().time(), 1500)
    }))

  // test_sleep_zero
  it("gives every ready task one step, and takes no time, when the time is zero or less", async () => {
    const delays = [0, -0, -1, "0 millis", -Infinity] as const

    const results = await Promise.all(
      delays.map((delay) =>
        run(async () => {
          const lines: Array<string> = []
          asyncio.createTask(() => lines.push("one"))
          asyncio.createTask(() => lines.push("two"))
          lines.push(await asyncio.sleep(delay, "main"))
          return [...lines, runningLoop().time()]
        })
      )
    )

    assert.deepStrictEqual(
      results,
      delays.map(() => ["one", "two", "main", 0])
    )
  })

  // test_sleep_when_delay_is_nan
  it("rejects with asyncio's ValueError for what is not a number", () =>
    run(async () => {
      assert.strictEqual(await text(asyncio.sleep(NaN)), "ValueError: Invalid delay: NaN (not a number)")
    }))

  it("rejects with a TypeError for what is no duration", () =>
    run(async () => {
      const junk = ["soon", undefined, null, true] as ReadonlyArray<unknown>

      const errors = await Promise.all(junk.map((delay) => text(asyncio.sleep(delay as number))))

      assert.deepStrictEqual(errors, [
        "TypeError: Invalid delay: 'soon' is not a duration",
        "TypeError: Invalid delay: undefined is not a duration",
        "TypeError: Invalid delay: null is not a duration",
        "TypeError: Invalid delay: true is not a duration"
      ])
    }))

  it("lasts until it is cancelled when the time is infinite", () =>
    run(async () => {
      const task = asyncio.createTask(() => asyncio.sleep(Infinity))
      await asyncio.sleep("1000 days")
      assert.isFalse(task.done())

      task.cancel()

      assert.strictEqual(await text(task), "CancelledError")
      assert.strictEqual(runningLoop().time(), 1000 * 86_400_000)
    }))

  // test_sleep_cancel
  it("leaves no timer behind when it is cancelled", () =>
    run(async () => {
      const task = asyncio.createTask(() => asyncio.sleep("1 day"))
      await asyncio.sleep(1)
      task.cancel()
      await text(task)

      await asyncio.sleep(1)

      assert.strictEqual(runningLoop().time(), 2)
    }))

  it("wakes those with equal deadlines in the order of their calls", () =>
    run(async () => {
      const order: Array<string> = []
      const wait = (name: string, millis: number) => asyncio.sleep(millis).then(() => order.push(name))

      await Promise.all([wait("third", 3), wait("first", 1), wait("second a", 2), wait("second b", 2)])

      assert.deepStrictEqual(order, ["first", "second a", "second b", "third"])
    }))

  it("counts the time from the call and not from the await", () =>
    run(async () => {
      const first = asyncio.sleep(10)
      await asyncio.sleep(7)

      await first

      assert.strictEqual(runningLoop().time(), 10)
    }))

  it("rejects in a callback of the loop, which cannot wait", () =>
    run(async () => {
      const message = await new Promise<string>((resolve) => {
        runningLoop().callSoonUnsafe(() => resolve(text(asyncio.sleep(1))))
      })

      assert.strictEqual(message, "RuntimeError: sleep() needs a task: a callback cannot wait")
    }))
})
