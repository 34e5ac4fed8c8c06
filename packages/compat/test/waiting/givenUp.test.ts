/**
 * Promises that many wait for, and give up.
 */
import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import { AsyncLocalStorage } from "node:async_hooks"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { deferred, macrotask, rejection, run, text } from "../support.ts"

setFlagsFromString("--expose_gc")
const collectGarbage = runInNewContext("gc") as () => void

/** A promise that counts its reactions. */
class Counting<A> extends Promise<A> {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }
  reactions = 0
  override then<B, C>(
    onFulfilled?: ((value: A) => B | PromiseLike<B>) | null,
    onRejected?: ((reason: unknown) => C | PromiseLike<C>) | null
  ): Promise<B | C> {
    this.reactions++
    return super.then(onFulfilled, onRejected)
  }
}

const never = () => new Counting<string>(() => {})

/** Cancels what `wait` waits for. Nothing here waits for time. */
const cancelled = async (wait: () => PromiseLike<unknown>): Promise<unknown> => {
  const task = asyncio.createTask(wait)
  await asyncio.sleep(0)
  await asyncio.sleep(0)
  task.cancel()
  return await task
}

const lost = async () => {
  await asyncio.sleep(0)
  throw new Error("lost")
}

const ways: Record<string, (promise: PromiseLike<unknown>) => Promise<unknown>> = {
  "abortable in a timeout": (promise) => asyncio.timeout(0, () => asyncio.abortable(promise)),
  "abortable in a task that is cancelled": (promise) => cancelled(() => asyncio.abortable(promise)),
  "abortable in a scope that fails": (promise) =>
    asyncio.timeout("1 hour", () => Promise.all([asyncio.abortable(promise), lost()])),
  waitFor: (promise) => cancelled(() => asyncio.waitFor(promise, "1 hour")),
  "waitFor without time": (promise) => asyncio.waitFor(promise, 0),
  ensureFuture: (promise) => cancelled(() => asyncio.ensureFuture(promise)),
  "ensureFuture that is cancelled before it begins": async (promise) => {
    const future = asyncio.ensureFuture(promise)
    future.cancel()
    return await future
  },
  gather: (promise) => cancelled(() => asyncio.gather([promise]))
}

describe.each(Object.entries(ways))("a promise that is given up: %s", (_, giveUp) => {
  it("has one reaction however often", () =>
    run(async () => {
      const promise = never()

      for (let i = 0; i < 100; i++) await rejection(giveUp(promise))

      assert.strictEqual(promise.reactions, 1)
    }))

  it("keeps nothing of those who gave up", () =>
    run(async () => {
      const promise = never()
      const used = async () => {
        await macrotask()
        collectGarbage()
        return process.memoryUsage().heapUsed
      }
      for (let i = 0; i < 2000; i++) await rejection(giveUp(promise))
      const before = await used()

      for (let i = 0; i < 3000; i++) await rejection(giveUp(promise))

      assert.isBelow((await used()) - before, 600_000, "bytes for 3000 calls")
    }))

  it("rejects later without being an unhandled rejection", () =>
    run(async () => {
      const { promise, reject } = deferred()
      await rejection(giveUp(promise))

      reject(new Error("nobody cares"))

      await macrotask()
    }))
})

describe("a promise that several wait for", () => {
  it("is told to all of them, in the order they came, and not to who has given up", () =>
    run(async () => {
      const { promise, resolve } = deferred<string>()
      const lines: Array<string> = []
      const wait = (name: string) => async () => lines.push(`${name}: ${await asyncio.abortable(promise)}`)
      const tasks = ["a", "b", "c"].map((name) => asyncio.createTask(wait(name), { name }))
      await asyncio.sleep(0)
      tasks[1]!.cancel()
      await asyncio.sleep(0)

      resolve("done")
      await asyncio.wait(tasks)

      assert.deepStrictEqual(lines, ["a: done", "c: done"])
    }))

  it("is asked once, also where it is only like a promise, and again when it has settled", () =>
    run(async () => {
      let asked = 0
      // As a query of knex: each `then` is another query.
      const query: PromiseLike<number> = {
        // oxlint-disable-next-line unicorn/no-thenable -- that is the point
        then: (onFulfilled) => Promise.resolve(++asked).then(onFulfilled)
      }

      const both = await Promise.all([asyncio.abortable(query), asyncio.abortable(query)])
      const later = await asyncio.waitFor(query, 10)

      assert.deepStrictEqual([both, later, asked], [[1, 1], 2, 2])
    }))

  it("may be a task, whose await is that of who asks", () =>
    run(async () => {
      const task = asyncio.createTask(() => asyncio.sleep(5, "done"))
      const shielded = asyncio.shield(task)
      const given = asyncio.createTask(() => asyncio.abortable(shielded))
      await asyncio.sleep(1)

      given.cancel("enough")

      assert.deepStrictEqual([await text(given), await task], ["CancelledError: enough", "done"])
    }))

  it("resumes each with its own stores", () =>
    run(async () => {
      const { promise, resolve } = deferred<string>()
      const storage = new AsyncLocalStorage<string>()
      const ask = (name: string) =>
        storage.run(name, () =>
          asyncio.createTask(async () => [
            await asyncio.abortable(promise),
            await asyncio.waitFor(promise, 10),
            storage.getStore()
          ])
        )
      const tasks = ["a", "b"].map(ask)
      await asyncio.sleep(0)

      resolve("done")

      assert.deepStrictEqual(await asyncio.gather(tasks), [
        ["done", "done", "a"],
        ["done", "done", "b"]
      ])
    }))
})

describe("asCompleted that is given up", () => {
  const ways: Record<string, (all: ReadonlyArray<asyncio.Task<string>>) => Promise<unknown>> = {
    "by break, of the futures": async (all) => {
      for await (const task of asyncio.asCompleted(all)) if (task.result() === "quick") break
    },
    "by break, of the results": async (all) => {
      for (const next of asyncio.asCompleted(all, { timeout: "1 hour" })) if ((await next) === "quick") break
    },
    "by a timeout": (all) =>
      rejection(asyncio.timeout(5, () => asyncio.asCompleted(all.slice(0, 1))[Symbol.asyncIterator]().next()))
  }

  it.each(Object.entries(ways))("leaves nothing on the futures: %s", (_, giveUp) =>
    run(async () => {
      const long = asyncio.createTask(() => asyncio.sleep("1 day", "long"))
      const quick = asyncio.createTask(() => asyncio.sleep(1, "quick"))
      const left = () => String(long).match(/_handle_completion/g)?.length ?? 0

      for (let i = 0; i < 50; i++) await giveUp([long, quick])

      for (let i = 0; i < 20 && left() > 0; i++) {
        await macrotask()
        collectGarbage()
        await macrotask()
      }
      assert.strictEqual(left(), 0)
    })
  )
})

describe("a task that is made in a store of another task's", () => {
  it("keeps nothing of that one, nor of those before", () =>
    run(async () => {
      const storage = new AsyncLocalStorage<number>()
      const stop = asyncio.getRunningLoop().createFuture<void>()
      const results: Array<WeakRef<object>> = []
      const chain = async (left: number): Promise<object | void> => {
        if (left === 0) return await stop
        const result = {}
        results.push(new WeakRef(result))
        storage.run(left, () => asyncio.createTask(() => chain(left - 1)))
        return result
      }
      await asyncio.createTask(() => chain(20))
      await asyncio.sleep(1)

      let left = results
      for (let i = 0; i < 20 && left.length > 0; i++) {
        await macrotask()
        collectGarbage()
        left = left.filter((each) => each.deref() !== undefined)
      }

      assert.strictEqual(left.length, 0)
      stop.setResult()
    }))
})
