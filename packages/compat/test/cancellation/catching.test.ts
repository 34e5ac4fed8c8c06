// A cancellation that was caught: counted, withdrawn, followed by another.
import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { run, runningLoop, self, text } from "../support.ts"

describe("a caught cancellation", () => {
  // test_cancel_task_catching
  it("lets the task go on and end with a result", () =>
    run(async () => {
      const task = asyncio.createTask(async () => {
        await asyncio.sleep("1 day").catch(() => {})
        await asyncio.sleep("1 second")
        return 42
      })
      await asyncio.sleep(0)

      task.cancel()

      assert.deepStrictEqual(
        { result: await task, cancelled: task.cancelled(), time: runningLoop().time() },
        { result: 42, cancelled: false, time: 1000 }
      )
    }))

  // test_uncancel_basic
  it("stays counted until it is withdrawn", () =>
    run(async () => {
      const counts: Array<number> = []
      const task = asyncio.createTask(async () => {
        const me = self()
        counts.push(me.cancelling())
        await asyncio.sleep("1 day").catch(() => counts.push(me.cancelling()))
        await asyncio.sleep("1 day").catch(() => counts.push(me.cancelling()))
        counts.push(me.uncancel(), me.uncancel(), me.uncancel())
      })
      await asyncio.sleep(0)

      task.cancel()
      await asyncio.sleep(0)
      task.cancel()

      await task
      assert.deepStrictEqual(counts, [0, 1, 2, 1, 0, 0])
    }))

  // test_uncancel_resets_must_cancel
  it("is forgotten when it is withdrawn before it was delivered", () =>
    run(async () => {
      const task = asyncio.createTask(async () => {
        await asyncio.sleep(0)
        return "went on"
      })
      await asyncio.sleep(0)
      task.cancel()

      const left = task.uncancel()

      assert.deepStrictEqual([left, await task], [0, "went on"])
    }))

  it("is not forgotten while another request is left", () =>
    run(async () => {
      const task = asyncio.createTask(() => asyncio.sleep(0))
      await asyncio.sleep(0)
      task.cancel("first")
      task.cancel("second")

      const left = task.uncancel()

      assert.deepStrictEqual([left, await text(task)], [1, "CancelledError: second"])
    }))

  it("runs finally blocks, whose awaits work, and goes on after them", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(async () => {
        try {
          try {
            await asyncio.sleep("1 day")
          } finally {
            lines.push("inner begins")
            await asyncio.sleep("1 second")
            lines.push(`inner ends at ${runningLoop().time()}`)
          }
        } finally {
          lines.push("outer")
        }
      })
      await asyncio.sleep(0)

      task.cancel("clean up")

      lines.push(await text(task))
      assert.deepStrictEqual(lines, ["inner begins", "inner ends at 1000", "outer", "CancelledError: clean up"])
    }))

  // test_cancel_task_ignoring
  it("reaches a task that ignores it again with each request", () =>
    run(async () => {
      const seen: Array<string> = []
      const task = asyncio.createTask(async () => {
        while (seen.length < 3) await asyncio.sleep("1 day").catch((error: unknown) => seen.push(`${error}`))
        return "stubborn"
      })

      for (const message of ["one", "two", "three"]) {
        await asyncio.sleep(0)
        task.cancel(message)
      }

      assert.deepStrictEqual(
        [await task, seen, task.cancelling()],
        ["stubborn", ["CancelledError: one", "CancelledError: two", "CancelledError: three"], 3]
      )
    }))
})

describe("a second cancellation", () => {
  it("interrupts the awaits of the cleanup", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(async () => {
        try {
          await asyncio.sleep("1 day")
        } finally {
          lines.push("cleaning up")
          await asyncio.sleep("1 day")
          lines.push("not reached")
        }
      })
      await asyncio.sleep(0)
      task.cancel("first")
      await asyncio.sleep(0)

      task.cancel("second")

      lines.push(await text(task))
      assert.deepStrictEqual(lines, ["cleaning up", "CancelledError: second"])
    }))

  it("that comes before the first was seen makes one of the two", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(async () => {
        await asyncio.sleep("1 day").catch((error: unknown) => lines.push(`${error}`))
        await asyncio.sleep(1)
        lines.push("cleaned up")
      })
      await asyncio.sleep(0)

      task.cancel()
      task.cancel()

      await task
      assert.deepStrictEqual([lines, task.cancelling()], [["CancelledError", "cleaned up"], 2])
    }))
})
