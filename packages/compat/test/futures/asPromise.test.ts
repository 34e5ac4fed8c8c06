// Where promises are expected, a task and a future will do.
import * as asyncio from "@effect-asyncio/compat"
import { getMaxListeners } from "node:events"
import { types } from "node:util"
import { assert, describe, it } from "vitest"
import { run, self, text } from "../support.ts"

describe("a task and a future, where a promise is expected", () => {
  it("are kept in a map of promises, and waited for with the others", () =>
    run(async () => {
      const loading = new Map<string, Promise<number>>()
      loading.set(
        "task",
        asyncio.createTask(() => asyncio.sleep(1, 1))
      )
      loading.set("future", asyncio.getRunningLoop().createFuture<number>())
      loading.set("promise", Promise.resolve(3))
      ;(loading.get("future") as asyncio.Future<number>).setResult(2)

      assert.deepStrictEqual(await Promise.all(loading.values()), [1, 2, 3])
    }))

  it("are instances of Promise, for servers that ask before they wait, and none of the host's", () =>
    run(async () => {
      // As Hono and Express do.
      const handle = (handler: () => string | Promise<string>): string | Promise<string> => {
        const response = handler()
        return response instanceof Promise ? response.then((text) => `later ${text}`) : response
      }
      const task = asyncio.createTask(() => asyncio.sleep(1, "response"))
      const future = asyncio.getRunningLoop().createFuture<string>()

      assert.deepStrictEqual(
        {
          handled: await handle(() => task),
          futureIsPromise: future instanceof Promise,
          taskIsTask: task instanceof asyncio.Task,
          taskIsHosts: types.isPromise(task),
          taskIsResolved: Promise.resolve(task) === (task as Promise<string>),
          texts: `${Object.prototype.toString.call(task)} ${Object.prototype.toString.call(future)}`
        },
        {
          handled: "later response",
          futureIsPromise: true,
          taskIsTask: true,
          taskIsHosts: false,
          taskIsResolved: false,
          texts: "[object Task] [object Future]"
        }
      )
    }))

  it("give plain promises by then, catch and finally", () =>
    run(async () => {
      const task = asyncio.createTask(async () => 1)
      const made = [task.then((n) => n), task.catch(() => 0), task.finally(() => {})]

      assert.deepStrictEqual(
        made.map((each) => Object.getPrototypeOf(each) === Promise.prototype),
        [true, true, true]
      )
      assert.deepStrictEqual(await Promise.all(made), [1, 1, 1])
    }))

  it("cancel the task that awaits them, as before", () =>
    run(async () => {
      const inner: Promise<void> = asyncio.createTask(() => asyncio.sleep("1 hour"))
      const outer = asyncio.createTask(async () => await inner)
      await asyncio.sleep(1)
      outer.cancel()

      assert.deepStrictEqual([await text(outer), (inner as asyncio.Task<void>).cancelled()], ["CancelledError", true])
    }))
})

describe("the signal of a task", () => {
  it("says that it takes any number of listeners in the one way that undici understands on Node 20", () =>
    run(async () => {
      assert.strictEqual(getMaxListeners(self().signal), Infinity)
    }))
})
