import * as asyncio from "@effect-asyncio/compat"
import pLimit from "p-limit"
import pMap from "p-map"
import PQueue from "p-queue"
import pRetry from "p-retry"
import pTimeout from "p-timeout"
import { assert, describe, it } from "vitest"
import { sevenWays } from "./support/sevenWays.ts"

/** Work that never ends by itself, and tells when it begins and ends. */
const work = () => {
  const begun = Promise.withResolvers<void>()
  const stopped = Promise.withResolvers<void>()
  const body = async () => {
    begun.resolve()
    try {
      await asyncio.sleep("1 hour")
    } finally {
      stopped.resolve()
    }
  }
  return { body, begun: begun.promise, stopped: stopped.promise }
}

sevenWays(
  { library: "p-map", operation: "pMap(items, mapper)", means: "inside" },
  {
    attempt: () => {
      const { begun, body, stopped } = work()
      return { run: () => pMap([1, 2, 3], body, { concurrency: 2 }), begun, stopped }
    }
  }
)

sevenWays(
  { library: "p-map", operation: "pMap(items, mapper, { signal })", means: "signal" },
  {
    attempt: () => {
      const { begun, body, stopped } = work()
      return { run: () => pMap([1, 2, 3], body, { signal: asyncio.currentSignal() }), begun, stopped }
    }
  }
)

sevenWays(
  { library: "p-limit", operation: "limit(fn)", means: "inside" },
  {
    attempt: () => {
      const { begun, body, stopped } = work()
      return { run: () => pLimit(1)(body), begun, stopped }
    }
  }
)

sevenWays(
  {
    library: "p-limit",
    operation: "limit(fn) that waits in the queue",
    means: "abortable",
    recipe: "abortable stops waiting; fn is called later all the same: begin it with signal.throwIfAborted()."
  },
  {
    attempt: () => {
      const limit = pLimit(1)
      const free = Promise.withResolvers<void>()
      const begun = Promise.withResolvers<void>()
      const called = Promise.withResolvers<void>()
      void limit(() => free.promise)
      const run = async () => {
        const signal = asyncio.currentSignal()
        const waiting = limit(() => {
          called.resolve()
          signal.throwIfAborted()
          return asyncio.sleep("1 hour")
        })
        begun.resolve()
        try {
          await asyncio.abortable(waiting)
        } finally {
          free.resolve()
        }
      }
      return { run, begun: begun.promise, stopped: called.promise.then(() => untilIdle(limit)) }
    }
  }
)

const untilIdle = async (limit: { readonly activeCount: number }): Promise<void> => {
  while (limit.activeCount > 0) await new Promise(setImmediate)
}

sevenWays(
  { library: "p-queue", operation: "queue.add(fn)", means: "inside" },
  {
    attempt: () => {
      const queue = new PQueue({ concurrency: 1 })
      const { begun, body, stopped } = work()
      return { run: () => queue.add(body), begun, stopped: stopped.then(() => queue.onIdle()) }
    }
  }
)

sevenWays(
  { library: "p-queue", operation: "queue.add(fn, { signal }) that waits", means: "signal" },
  {
    attempt: () => {
      const queue = new PQueue({ concurrency: 1 })
      const free = Promise.withResolvers<void>()
      void queue.add(() => free.promise)
      const begun = Promise.withResolvers<void>()
      const stopped = Promise.withResolvers<void>()
      const run = async () => {
        const waiting = queue.add(() => asyncio.sleep("1 hour"), { signal: asyncio.currentSignal() })
        begun.resolve()
        try {
          await waiting
        } finally {
          assert.strictEqual(queue.size, 0, "nothing waits")
          free.resolve()
          stopped.resolve()
        }
      }
      return { run, begun: begun.promise, stopped: stopped.promise.then(() => queue.onIdle()) }
    }
  }
)

sevenWays(
  {
    library: "p-retry",
    operation: "pRetry(fn, { signal })",
    means: "signal",
    recipe: "Give it the signal: without, it takes a cancellation for a failure, and tries again."
  },
  {
    attempt: () => {
      const { begun, body, stopped } = work()
      return { run: () => pRetry(body, { signal: asyncio.currentSignal() }), begun, stopped }
    }
  }
)

sevenWays(
  { library: "p-retry", operation: "pRetry(fn, { signal }), between two tries", means: "signal" },
  {
    attempt: () => {
      const begun = Promise.withResolvers<void>()
      const fail = () => {
        begun.resolve()
        throw new Error("not yet")
      }
      const run = () => pRetry(fail, { signal: asyncio.currentSignal(), minTimeout: 3_600_000 })
      return { run, begun: begun.promise.then(() => new Promise(setImmediate)) }
    }
  }
)

sevenWays(
  { library: "p-timeout", operation: "pTimeout(promise, { signal })", means: "signal" },
  {
    attempt: () => {
      const { begun, body, stopped } = work()
      const run = () => pTimeout(body(), { milliseconds: 3_600_000, signal: asyncio.currentSignal() })
      return { run, begun, stopped }
    }
  }
)

describe("permits", () => {
  it("none is lost in p-limit and p-queue when the tasks that hold them are cancelled", async () => {
    const limit = pLimit(3)
    const queue = new PQueue({ concurrency: 3 })
    await asyncio.run(async () => {
      const tasks = Array.from({ length: 300 }, (_, n) =>
        asyncio.createTask(() => (n % 2 === 0 ? limit(() => asyncio.sleep(1)) : queue.add(() => asyncio.sleep(1))))
      )
      await asyncio.sleep(2)
      for (const task of tasks.slice(0, 200)) task.cancel()
      await asyncio.wait(tasks)
    })
    await queue.onIdle()
    assert.deepStrictEqual([limit.activeCount, limit.pendingCount, queue.pending, queue.size], [0, 0, 0, 0])
  })
})
