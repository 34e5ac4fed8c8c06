import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { run, runningLoop, self, text } from "../support.ts"

const sleeper = (millis: number, name: string) => asyncio.createTask(() => asyncio.sleep(millis, name), { name })

const failing = (millis: number, name: string) =>
  asyncio.createTask(
    async () => {
      await asyncio.sleep(millis)
      throw new Error(name)
    },
    { name }
  )

const names = (tasks: Iterable<asyncio.Task<unknown>>) => Array.from(tasks, (task) => task.getName())

describe("wait", () => {
  it("waits for all, failures or not, and gives sets of the tasks that were passed in", () =>
    run(async () => {
      const tasks = [sleeper(2, "good"), failing(1, "bad")]

      const { done, pending } = await asyncio.wait(tasks)

      assert.deepStrictEqual([[...done], [...pending], runningLoop().time()], [tasks, [], 2])
      assert.strictEqual(`${tasks[1]?.exception()}`, "Error: bad")
    }))

  it("ends with the first that is done", () =>
    run(async () => {
      const tasks = [sleeper(3, "c"), sleeper(1, "a"), sleeper(2, "b")]

      const { done, pending } = await asyncio.wait(tasks, { returnWhen: asyncio.FIRST_COMPLETED })

      assert.deepStrictEqual([names(done), names(pending), runningLoop().time()], [["a"], ["c", "b"], 1])
    }))

  it("ends with the first failure, and not with a cancellation", () =>
    run(async () => {
      const tasks = [sleeper(9, "slow"), failing(3, "bad"), sleeper(1, "quick"), sleeper(9, "cancelled")]
      asyncio.getRunningLoop().callLater(2, () => tasks[3]!.cancel())

      const { done, pending } = await asyncio.wait(tasks, { returnWhen: asyncio.FIRST_EXCEPTION })

      assert.deepStrictEqual(
        [names(done), names(pending), runningLoop().time()],
        [["bad", "quick", "cancelled"], ["slow"], 3]
      )
    }))

  it("does not fail when the time is up", () =>
    run(async () => {
      const tasks = [sleeper(1, "quick"), sleeper(9, "slow")]

      const { done, pending } = await asyncio.wait(tasks, { timeout: 5 })

      assert.deepStrictEqual([names(done), names(pending), runningLoop().time()], [["quick"], ["slow"], 5])
    }))

  it("takes a duration for its timeout, and looks once when that is zero", () =>
    run(async () => {
      const tasks = [sleeper(1500, "slow")]

      const looked = await asyncio.wait(tasks, { timeout: 0 })
      const atFirst = runningLoop().time()
      await asyncio.wait(tasks, { timeout: "1 second" })

      assert.deepStrictEqual([looked.done.size, atFirst, runningLoop().time()], [0, 0, 1000])
    }))

  it("takes futures and any iterable, and counts the same one once", () =>
    run(async () => {
      const future = asyncio.getRunningLoop().createFuture<number>()
      asyncio.getRunningLoop().callSoon(() => future.setResult(1))
      const given = function* () {
        yield future
        yield future
      }

      const { done } = await asyncio.wait(given())

      assert.deepStrictEqual([...done], [future])
    }))

  it("leaves the futures alone when it is cancelled, and no callback on them", () =>
    run(async () => {
      const task = sleeper(5, "goes on")
      const waiting = asyncio.createTask(() => asyncio.wait([task]))
      await asyncio.sleep(1)

      waiting.cancel("enough")

      assert.strictEqual(await text(waiting), "CancelledError: enough")
      assert.deepStrictEqual([String(task).includes("_on_completion"), await task], [false, "goes on"])
    }))

  it("leaves no timer behind", () =>
    run(async () => {
      await asyncio.wait([sleeper(1, "quick")], { timeout: "1 hour" })
      const waiting = asyncio.createTask(() => asyncio.wait([self()], { timeout: "1 hour" }))
      await asyncio.sleep(0)
      waiting.cancel()
      await text(waiting)

      assert.strictEqual(asyncio.getRunningLoop().snapshot().timers, 0)
    }))

  it("rejects what is no list of futures", () =>
    run(async () => {
      const wait = asyncio.wait as (futures: unknown, options?: object) => Promise<unknown>
      const task = sleeper(1, "task")

      const errors = [
        await text(wait([async () => {}])),
        await text(wait([task, Promise.resolve()])),
        await text(wait([])),
        await text(wait(task)),
        await text(wait(Promise.resolve())),
        await text(wait(undefined)),
        await text(wait([task], { returnWhen: "SOMETIMES" })),
        await text(wait([task], { timeout: NaN }))
      ]

      assert.deepStrictEqual(errors, [
        "TypeError: Passing coroutines is forbidden, use tasks explicitly.",
        "TypeError: Passing coroutines is forbidden, use tasks explicitly.",
        "ValueError: Set of Tasks/Futures is empty.",
        "TypeError: expect a list of futures, not Task",
        "TypeError: expect a list of futures, not object",
        "TypeError: expect a list of futures, not undefined",
        "ValueError: Invalid return_when value: SOMETIMES",
        "ValueError: Invalid delay: NaN (not a number)"
      ])
    }))
})
