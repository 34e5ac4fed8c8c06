import * as asyncio from "@effect-asyncio/compat"
import type { ExceptionContext } from "@effect-asyncio/core"
import { assert, describe, it } from "vitest"
import { macrotask, reportingTo, run, self, text, unhandledRejections } from "../support.ts"

const failing = (name?: string) => asyncio.createTask(() => Promise.reject(new Error("spam")), { name })

/** Runs `main`, and gives what the loop reported and what the host took for an unhandled rejection. */
const observe = async (main: () => Promise<unknown>) => {
  const reports: Array<ExceptionContext> = []
  const unhandled = await unhandledRejections(() => run(main, { loopFactory: reportingTo(reports) }).catch(() => {}))
  return { reports: reports.map(({ exception, message }) => `${message}: ${exception}`), unhandled }
}

const silent = { reports: [], unhandled: [] }

describe("a failure that nobody retrieved", () => {
  // test_log_traceback
  it("is reported once, and is no unhandled rejection", async () => {
    const seen = await observe(async () => {
      failing()
      asyncio.createTask(() => {
        throw new Error("synchronously")
      })
      await asyncio.sleep(1)
      await macrotask()
    })

    assert.deepStrictEqual(seen, {
      reports: [
        "Task exception was never retrieved: Error: spam",
        "Task exception was never retrieved: Error: synchronously"
      ],
      unhandled: []
    })
  })

  it("is reported with the repr of the task", async () => {
    const reports: Array<ExceptionContext> = []

    await run(
      async () => {
        failing("lost")
        await asyncio.sleep(0)
      },
      { loopFactory: reportingTo(reports) }
    )

    assert.deepStrictEqual(
      reports.map(({ task }) => task),
      ["<Task finished name='lost' coro=<coroutine() done> exception=Error('spam')>"]
    )
  })

  it("is still one when a task only looked whether it is done", async () => {
    const { reports } = await observe(async () => {
      const task = failing()
      await asyncio.sleep(1)
      void [task.done(), task.cancelled(), String(task)]
    })

    assert.deepStrictEqual(reports, ["Task exception was never retrieved: Error: spam"])
  })
})

describe("a failure that somebody retrieved", () => {
  it("is silent when it was awaited, in any way, or asked for, or cancelled afterwards", async () => {
    const retrievals: ReadonlyArray<(task: asyncio.Task<never>) => unknown> = [
      (task) => text(task),
      (task) => Promise.allSettled([task]),
      (task) => Promise.race([task, asyncio.sleep(1)]).catch(() => {}),
      (task) => text(asyncio.createTask(async () => task)),
      (task) => asyncio.sleep(1).then(() => task.exception()),
      (task) => asyncio.sleep(1).then(() => text(Promise.resolve().then(() => task.result()))),
      (task) => asyncio.sleep(1).then(() => task.cancel()),
      (task) => text(task.then(() => "never"))
    ]

    const seen = await Promise.all(retrievals.map((retrieve) => run(async () => void (await retrieve(failing())))))

    assert.strictEqual(seen.length, retrievals.length)
    for (const retrieve of retrievals) {
      assert.deepStrictEqual(await observe(async () => void (await retrieve(failing()))), silent)
    }
  })

  it("is silent when it is the run's own", async () => {
    assert.deepStrictEqual(await observe(() => Promise.reject(new Error("main"))), silent)
  })

  it("is silent for both when Promise.all sees only the first of two", async () => {
    const seen = await observe(async () => {
      await Promise.all([failing(), failing()]).catch(() => {})
      await asyncio.sleep(1)
    })

    assert.deepStrictEqual(seen, silent)
  })
})

describe("a cancellation", () => {
  it("is never reported", async () => {
    const seen = await observe(async () => {
      const tasks = [1, 2].map(() => asyncio.createTask(() => asyncio.sleep("1 day")))
      tasks[0]?.cancel()
      await asyncio.sleep(1)
      tasks[1]?.cancel()
      await asyncio.sleep(1)
    })

    assert.deepStrictEqual(seen, silent)
  })

  it("is no unhandled rejection in an await that nobody looks at", async () => {
    const seen = await observe(async () => {
      const task = asyncio.createTask(async () => {
        void asyncio.sleep(10)
        void asyncio.sleep(10, "result")
        void asyncio.sleep(0)
        await asyncio.sleep(5)
      })
      await asyncio.sleep(0)
      task.cancel()
      await text(task)
      await macrotask()
    })

    assert.deepStrictEqual(seen, silent)
  })

  it("is no unhandled rejection in the loser of a race", async () => {
    const seen = await observe(async () => {
      const slow = asyncio.createTask(() => asyncio.sleep(100))
      const task = asyncio.createTask(async () => {
        await Promise.race([asyncio.sleep(1), asyncio.sleep(10), slow])
        await asyncio.sleep(5)
      })
      await asyncio.sleep(2)
      task.cancel()
      await text(task)
      await macrotask()
    })

    assert.deepStrictEqual(seen, silent)
  })

  it("is no unhandled rejection at the end of the run, in awaits that are left in flight", async () => {
    const seen = await observe(async () => {
      void asyncio.sleep("1 day")
      asyncio.createTask(() => void asyncio.sleep("1 day"))
      self().cancel()
      await asyncio.sleep(1)
    })

    assert.deepStrictEqual(seen, silent)
  })
})

describe("an await that nobody looks at", () => {
  it("is an unhandled rejection when it fails for another reason, as any promise", async () => {
    const { unhandled } = await observe(async () => {
      void asyncio.sleep(NaN)
      await macrotask()
    })

    assert.deepStrictEqual(unhandled.map(String), ["ValueError: Invalid delay: NaN (not a number)"])
  })
})
