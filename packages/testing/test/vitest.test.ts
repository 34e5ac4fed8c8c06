/**
 * Tests that are programs, in vitest and in runners that take functions.
 */
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { fakeFetch, task } from "@effect-asyncio/testing"
import { assert, describe, it } from "@effect-asyncio/testing/vitest"
import { Effect } from "effect"
import timersPromises from "node:timers/promises"
import { promisify } from "node:util"

describe("it.task", () => {
  it.task("runs on virtual time", async () => {
    await asyncio.sleep("1 day")
    assert.strictEqual(asyncio.getRunningLoop().time(), 86_400_000)
  })

  it.task("is given vitest's context", async ({ expect, task }) => {
    await asyncio.sleep(1)
    expect(task.name).toBe("is given vitest's context")
  })

  it.task("has the timers of the host go by its time", async () => {
    const order: Array<string> = []
    setTimeout((text: string) => order.push(text), 20, "timeout")
    const interval = setInterval(() => order.push("interval") === 3 && clearInterval(interval), 15)
    const never = setTimeout(() => order.push("never"), 5)
    clearTimeout(never)
    await timersPromises.setTimeout(1000)
    await promisify(setTimeout)(1000)
    const signal = AbortSignal.timeout(10)
    await new Promise((resolve) => signal.addEventListener("abort", resolve))

    order.push(String(asyncio.getRunningLoop().time()), (signal.reason as Error).name)
    assert.deepStrictEqual(order, ["interval", "timeout", "interval", "2010", "TimeoutError"])
  })

  it.task("has an answer that is given up", async () => {
    const fetch = fakeFetch({ "/slow": () => "late" }, { latency: "1 minute" })

    const answer = await asyncio
      .timeout("1 second", () => fetch("http://host/slow", { signal: asyncio.currentSignal() }))
      .catch((error: Error) => error.name)

    assert.deepStrictEqual([answer, asyncio.getRunningLoop().time()], ["TimeoutError", 1000])
  })

  it.task.core(
    "runs Effects",
    Effect.gen(function* () {
      yield* Effect.sleep("1 hour")
      assert.strictEqual((yield* core.getRunningLoop).time(), 3_600_000)
    })
  )

  it.task.fails("fails as the test does", async () => {
    await asyncio.sleep(1)
    assert.strictEqual(1, 2)
  })

  for (const name of ["first", "second", "third"]) {
    it.task.concurrent(`has a time of its own beside others: ${name}`, async () => {
      const began = Date.now()
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 100))
      assert.strictEqual(Date.now() - began, 500)
    })
  }
})

describe("a test as a function", () => {
  const errorOf = async (test: () => Promise<void>): Promise<Error> => {
    const error: unknown = await test().then(
      () => undefined,
      (error: unknown) => error
    )
    assert.instanceOf(error, Error)
    return error
  }

  it("fails for a task that it leaves, with what that waits for", async () => {
    const { message } = await errorOf(
      task(async () => {
        const lock = new asyncio.Lock()
        await lock.acquire()
        asyncio.createTask(async function waiter() {
          await lock.acquire()
        })
        await asyncio.sleep(1)
      })
    )

    assert.match(message, /^2 things do not hold behind the test\n[^]*locks: a lock is still held: <Lock \[locked/)
    assert.match(message, /a task is left: Task-2 \(waiter\(\) running.*, made by Task-1\) waits for <Future pending/)
    assert.include(message, "* Task(name='Task-2'")
  })

  it("fails with its own error, and names what is left", async () => {
    const { message, name } = await errorOf(
      task(async () => {
        asyncio.createTask(() => asyncio.sleep("1 hour"), { name: "orphan" })
        await asyncio.sleep(1)
        throw new RangeError("mine")
      })
    )

    assert.strictEqual(name, "RangeError")
    assert.match(message, /^mine\n\na task is left: orphan/)
  })

  it("fails where it hangs, and says who waits for what", async () => {
    const { message } = await errorOf(task(async () => await new asyncio.Event().wait()))

    assert.match(message, /^the test hangs\n[^]*every task waits and no timer is set/)
  })

  it("fails for what is reported", async () => {
    const { message } = await errorOf(
      task(async () => {
        asyncio.getRunningLoop().callSoon(() => {
          throw new Error("in a callback")
        })
        await asyncio.sleep(1)
      })
    )

    assert.include(message, "Error: in a callback")
  })

  it("ignores what it is told to", async () => {
    await task(async () => void asyncio.createTask(() => asyncio.sleep(5)), { ignore: ["tasks"] })()
  })
})

describe("it.sweep and it.explore", () => {
  it.sweep("cancels everywhere", async () => {
    const lock = new asyncio.Lock()
    await lock.use(() => asyncio.sleep(5))
  })

  it.sweep.fails(
    "fails for what a sweep finds",
    async (lock: asyncio.Lock) => {
      await lock.acquire()
      await asyncio.sleep(5)
      lock.release()
    },
    { setup: () => new asyncio.Lock(), picture: false }
  )

  it.sweep.core(
    "cancels Effects",
    Effect.gen(function* () {
      const lock = yield* core.Lock.make()
      yield* lock.use(core.sleep(5))
    })
  )

  it.explore("tries schedules", async () => await asyncio.gather([asyncio.sleep(5), asyncio.sleep(5)]), {
    schedules: 20
  })

  it.explore.core("tries schedules of Effects", Effect.all([core.sleep(5), core.sleep(5)], { concurrency: 2 }), {
    schedules: 20
  })
})
