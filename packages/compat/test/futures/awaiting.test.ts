import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { deferred, rejection, reportingTo, run, runningLoop, self, text } from "../support.ts"

const value = <A>(result: A, millis = 1) => asyncio.createTask(() => asyncio.sleep(millis, result))

describe("a task as a thenable", () => {
  it("is awaited", () =>
    run(async () => {
      assert.strictEqual(await value(7), 7)
    }))

  it("is awaited any number of times, by any number of tasks, in order", () =>
    run(async () => {
      const task = value("shared")
      const order: Array<string> = []
      const reader = (name: string) =>
        asyncio.createTask(async () => {
          order.push(`${name} ${await task}`)
          order.push(`${name} ${await task}`)
        })

      await Promise.all([reader("a"), reader("b")])

      assert.deepStrictEqual(order, ["a shared", "a shared", "b shared", "b shared"])
    }))

  it("rejects with the very error of the task, each time", () =>
    run(async () => {
      const error = new Error("once")
      const task = asyncio.createTask(() => Promise.reject(error))

      const errors = [await rejection(task), await rejection(task)]

      assert.deepStrictEqual(
        errors.map((seen) => seen === error),
        [true, true]
      )
    }))

  it("goes into Promise.all, in the order given and in the time of the slowest", () =>
    run(async () => {
      const results = await Promise.all([value("slow", 3), value("quick", 1), asyncio.sleep(2, "sleep")])

      assert.deepStrictEqual([results, runningLoop().time()], [["slow", "quick", "sleep"], 3])
    }))

  it("goes into Promise.race, Promise.any and Promise.allSettled", () =>
    run(async () => {
      const failing = asyncio.createTask(() => Promise.reject(new Error("no")))

      const first = await Promise.race([value("slow", 3), value("quick", 1)])
      const any = await Promise.any([failing, value("good")])
      const settled = await Promise.allSettled([failing, value("good")])

      assert.deepStrictEqual(
        [first, any, settled.map(({ status }) => status)],
        ["quick", "good", ["rejected", "fulfilled"]]
      )
    }))

  it("is adopted by Promise.resolve and by the result of an async function", () =>
    run(async () => {
      const task = value("adopted")
      const returned = async () => task

      assert.deepStrictEqual([await Promise.resolve(task), await returned()], ["adopted", "adopted"])
    }))

  it("calls the handlers of then, and passes on what they return and throw", () =>
    run(async () => {
      const task = value(1)

      const plusOne = await task.then((n) => n + 1)
      const unchanged = await task.then()
      const handled = await text(task.then(() => Promise.reject(new Error("handler"))))

      assert.deepStrictEqual([plusOne, unchanged, handled], [2, 1, "Error: handler"])
    }))

  it("has one wrapper, which is the same wherever it is met", () =>
    run(async () => {
      const wrappers: Array<unknown> = []
      const task = asyncio.createTask(() => void wrappers.push(asyncio.currentTask()))
      task.addDoneCallback((seen) => wrappers.push(seen))
      wrappers.push(asyncio.Task.of(task.core), [...asyncio.allTasks()][1])
      await asyncio.sleep(0)
      await asyncio.sleep(0)

      assert.deepStrictEqual(
        wrappers.map((wrapper) => wrapper === task),
        [true, true, true, true]
      )
    }))
})

describe("awaiting a task that is done", () => {
  it("takes no iteration of the loop", () =>
    run(async () => {
      const order: Array<string> = []
      const done = asyncio.createTask(() => "value")
      await asyncio.sleep(0)
      runningLoop().callSoonUnsafe(() => order.push("callback"))

      for (const n of [1, 2, 3]) order.push(`${await done} ${n}`)

      await asyncio.sleep(0)
      assert.deepStrictEqual(order, ["value 1", "value 2", "value 3", "callback"])
    }))

  it("takes no iteration when it failed or was cancelled, either", () =>
    run(async () => {
      const order: Array<string> = []
      const failed = asyncio.createTask(() => Promise.reject(new Error("failed")))
      const cancelled = asyncio.createTask(() => asyncio.sleep(1))
      cancelled.cancel("cancelled")
      await asyncio.sleep(0)
      runningLoop().callSoonUnsafe(() => order.push("callback"))

      order.push(await text(failed), await text(cancelled))

      await asyncio.sleep(0)
      assert.deepStrictEqual(order, ["Error: failed", "CancelledError: cancelled", "callback"])
    }))
})

const tasksOfEveryEnding = async () => {
  const tasks = [value("result"), asyncio.createTask(() => Promise.reject(new Error("error"))), value("left", 1000)]
  await asyncio.sleep(2)
  return tasks
}

describe("awaiting from outside of the loop", () => {
  it("follows the task, and leaves it and the run alone", async () => {
    const tasks: Array<asyncio.Task<string>> = []
    const running = run(async () => {
      tasks.push(value("followed", 10))
      await asyncio.sleep(20)
      return "main"
    })
    await Promise.resolve()
    while (tasks[0] === undefined) await new Promise((resolve) => void setImmediate(resolve))

    const followed = await tasks[0]

    assert.deepStrictEqual([followed, await running], ["followed", "main"])
  })

  it("gives the result, the error or the CancelledError of a task of a run that is over", async () => {
    const [succeeded, failed, cancelled] = await run(tasksOfEveryEnding, { loopFactory: reportingTo([]) })

    assert.deepStrictEqual(
      [await succeeded, await text(failed!), await text(cancelled!)],
      ["result", "Error: error", "CancelledError"]
    )
  })
})

describe("a task that awaits itself", () => {
  // test_task_awaits_on_itself
  it("gets a RuntimeError with its repr, at the await, and can go on", () =>
    run(async () => {
      const task: asyncio.Task<string> = asyncio.createTask(async function narcissus() {
        const message = await text(self())
        return `went on after ${message}`
      })

      assert.match(
        await task,
        /^went on after RuntimeError: Task cannot await on itself: <Task pending name='Task-2' coro=<narcissus\(\) running.*>$/
      )
    }))

  it("is told so in Promise.all and by returning itself, too", () =>
    run(async () => {
      const inAll = asyncio.createTask(async () => Promise.all([self(), asyncio.sleep(1)]))
      const returned = asyncio.createTask(async () => self())

      const messages = [await text(inAll), await text(returned)]

      assert.deepStrictEqual(
        messages.map((message) => message.slice(0, 45)),
        ["RuntimeError: Task cannot await on itself: <T", "RuntimeError: Task cannot await on itself: <T"]
      )
    }))

  // test_other_loop_future
  it("is told apart from one that awaits a task of another loop", async () => {
    const { promise, resolve } = deferred<ReadonlyArray<asyncio.Task<unknown>>>()
    const there = run(() => {
      resolve([self()])
      return asyncio.sleep("1 day")
    })

    const message = await run(async () => {
      const [other] = await promise
      return text(other!)
    })

    assert.match(message, /^RuntimeError: Task <Task .*> got Future <Task .*> attached to a different loop$/)
    await there
  })
})
