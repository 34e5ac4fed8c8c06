import * as asyncio from "@effect-asyncio/compat"
import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import { deferred, run, runningLoop, self, text } from "../support.ts"

/** Refuses to be cancelled before `millis` are over. */
const stubborn = (millis: number) => async () => {
  const until = runningLoop().time() + millis
  while (runningLoop().time() < until) await asyncio.sleep(until - runningLoop().time()).catch(() => {})
  return "in the end"
}

describe("waitFor", () => {
  it("runs a function in the current task, which it is given", () =>
    run(async () => {
      const seen = await asyncio.waitFor(async (task) => {
        await asyncio.sleep(1)
        return [task === self(), asyncio.allTasks().size]
      }, 5)

      assert.deepStrictEqual([seen, runningLoop().time()], [[true, 1], 1])
    }))

  it("gives what a task, a future, a promise or an Effect gives", () =>
    run(async () => {
      const future = asyncio.getRunningLoop().createFuture<string>()
      asyncio.getRunningLoop().callSoon(() => future.setResult("future"))
      const task = asyncio.createTask(() => asyncio.sleep(1, "task"))

      const seen = [
        await asyncio.waitFor(task, 5),
        await asyncio.waitFor(future, 5),
        await asyncio.waitFor(Promise.resolve("promise"), 5),
        await asyncio.waitFor(Effect.succeed("effect"), 5),
        await asyncio.waitFor(() => "plain", 5)
      ]

      assert.deepStrictEqual(seen, ["task", "future", "promise", "effect", "plain"])
    }))

  it("rejects with TimeoutError when the time is up, after the cleanup of what it cancelled", () =>
    run(async () => {
      const lines: Array<string> = []
      const slow = async () => {
        try {
          await asyncio.sleep("1 hour")
        } finally {
          await asyncio.sleep(10)
          lines.push("cleaned up")
        }
      }
      const task = asyncio.createTask(slow)

      lines.push(await text(asyncio.waitFor(task, 5)), `at ${runningLoop().time()} ${task.cancelled()}`)
      lines.push(await text(asyncio.waitFor(slow, 5)), `at ${runningLoop().time()}`)

      assert.deepStrictEqual(lines, ["cleaned up", "TimeoutError", "at 15 true", "cleaned up", "TimeoutError", "at 30"])
    }))

  it("leaves a promise to itself when the time is up, also one that fails later", () =>
    run(async () => {
      const never = new Promise<void>(() => {})
      const late = deferred()

      const errors = [await text(asyncio.waitFor(never, 5)), await text(asyncio.waitFor(late.promise, 5))]

      late.reject(new Error("too late for anybody"))
      assert.deepStrictEqual(errors, ["TimeoutError", "TimeoutError"])
    }))

  it("gives the result of an awaitable that does not let itself be cancelled, however late", () =>
    run(async () => {
      const task = asyncio.createTask(stubborn(20))

      const results = [await asyncio.waitFor(task, 5), await asyncio.waitFor(stubborn(30), 5)]

      assert.deepStrictEqual([results, runningLoop().time()], [["in the end", "in the end"], 50])
      assert.strictEqual(self().cancelling(), 0)
    }))

  it("rejects with the error of the awaitable, also one that is thrown because of the timeout", () =>
    run(async () => {
      const broken = async () => {
        try {
          await asyncio.sleep("1 hour")
        } catch {
          throw new Error("cleanup failed")
        }
      }

      const errors = [
        await text(asyncio.waitFor(() => Promise.reject(new Error("at once")), 5)),
        await text(asyncio.waitFor(broken, 5)),
        await text(asyncio.waitFor(asyncio.createTask(broken), 5))
      ]

      assert.deepStrictEqual(errors, ["Error: at once", "Error: cleanup failed", "Error: cleanup failed"])
    }))

  it("does not start a function, and takes only what is done, when the timeout is zero or less", () =>
    run(async () => {
      const lines: Array<string> = []
      const start = async () => lines.push("started")
      const done = asyncio.createTask(() => "done")
      await done
      const pending = asyncio.createTask(() => asyncio.sleep("1 hour"))

      for (const timeout of [0, -1, "0 millis"] as const) {
        lines.push(await text(asyncio.waitFor(start, timeout)), await asyncio.waitFor(done, timeout))
      }
      lines.push(await text(asyncio.waitFor(pending, 0)), `${pending.cancelled()}`)

      assert.deepStrictEqual(lines, [
        "TimeoutError",
        "done",
        "TimeoutError",
        "done",
        "TimeoutError",
        "done",
        "TimeoutError",
        "true"
      ])
    }))

  it("waits without limit for undefined and for Infinity", () =>
    run(async () => {
      const day = () => asyncio.sleep("1 day", "a day")

      assert.deepStrictEqual(
        [await asyncio.waitFor(day, undefined), await asyncio.waitFor(asyncio.createTask(day), Infinity)],
        ["a day", "a day"]
      )
    }))

  it("passes a cancellation of its task on, and waits for the cleanup", () =>
    run(async () => {
      const lines: Array<string> = []
      const inner = asyncio.createTask(async () => {
        try {
          await asyncio.sleep("1 hour")
        } finally {
          await asyncio.sleep(5)
          lines.push("cleaned up")
        }
      })
      const outer = asyncio.createTask(() => asyncio.waitFor(inner, "1 day"))
      await asyncio.sleep(1)

      outer.cancel("from outside")

      lines.push(await text(outer))
      assert.deepStrictEqual([lines, inner.cancelled()], [["cleaned up", "CancelledError: from outside"], true])
    }))

  it("is a CancelledError and no TimeoutError when the awaited task is cancelled by somebody else", () =>
    run(async () => {
      const inner = asyncio.createTask(() => asyncio.sleep("1 hour"))
      asyncio.getRunningLoop().callLater(1, () => inner.cancel("not yours"))

      assert.strictEqual(await text(asyncio.waitFor(inner, 5)), "CancelledError: not yours")
      assert.strictEqual(self().cancelling(), 0)
    }))

  it("ends with a TimeoutError when the time is up before a cancellation, and cancelled the other way round", () =>
    run(async () => {
      const outcome = async (cancelAt: number) => {
        const task = asyncio.createTask(async () => await asyncio.waitFor(() => asyncio.sleep("1 hour"), 5))
        asyncio.getRunningLoop().callLater(cancelAt, () => task.cancel("both"))
        return await text(task)
      }

      assert.deepStrictEqual([await outcome(4), await outcome(5)], ["CancelledError: both", "CancelledError: both"])
    }))

  it("rejects what is no awaitable and no duration", () =>
    run(async () => {
      const waitFor = asyncio.waitFor as (awaitable: unknown, timeout: unknown) => Promise<unknown>

      const errors = [
        await text(waitFor(1, 5)),
        await text(waitFor(undefined, undefined)),
        await text(waitFor(async () => {}, NaN)),
        await text(
          waitFor(
            asyncio.createTask(async () => {}),
            NaN
          )
        ),
        await text(waitFor(async () => {}, "soon")),
        await text(
          waitFor(
            asyncio.createTask(async () => {}),
            "soon"
          )
        )
      ]

      assert.deepStrictEqual(errors, [
        "TypeError: An asyncio.Future, a coroutine or an awaitable is required",
        "TypeError: An asyncio.Future, a coroutine or an awaitable is required",
        "ValueError: Invalid delay: NaN (not a number)",
        "ValueError: Invalid delay: NaN (not a number)",
        "TypeError: Invalid delay: 'soon' is not a duration",
        "TypeError: Invalid delay: 'soon' is not a duration"
      ])
    }))
})
