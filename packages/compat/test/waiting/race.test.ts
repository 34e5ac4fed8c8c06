import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/compat"
import { type ExceptionContext } from "@effect-asyncio/core"
import { Effect } from "effect"
import { deferred, rejection, reportingTo, run, runningLoop, text, unhandledRejections } from "../support.ts"

const hour = () => asyncio.sleep("1 hour", "never")
const failsAt = (time: number, error: string) => async () => {
  await asyncio.sleep(time)
  throw new Error(error)
}
const errorsOf = async (promise: Promise<unknown>) =>
  ((await rejection(promise)) as asyncio.ExceptionGroup).errors.map(String)
const taskNames = () => Array.from(asyncio.allTasks(), (task) => task.getName())

describe("race", () => {
  it("ends as the first that ends, when the others have cleaned up", () =>
    run(async () => {
      const lines: Array<unknown> = []
      const slow = async () => {
        try {
          return await hour()
        } finally {
          await asyncio.sleep(5)
          lines.push("cleaned up")
        }
      }
      lines.push(await asyncio.race([slow, () => asyncio.sleep(1, "quick")]), runningLoop().time())
      lines.push(await text(asyncio.race([slow, failsAt(1, "failed")])), taskNames())
      assert.deepStrictEqual(lines, ["cleaned up", "quick", 6, "cleaned up", "Error: failed", ["Task-1"]])
    }))

  it("takes tasks, futures, promises and Effects, and leaves what is behind a shield", () =>
    run(async () => {
      const task = asyncio.createTask(hour)
      const kept = asyncio.createTask(() => asyncio.sleep(10, "kept"))
      const never = new Promise<string>(() => {})
      const effect = Effect.as(Effect.sleep(1), "effect")
      const winner = await asyncio.race([task, asyncio.shield(kept), never, effect, task])
      assert.deepStrictEqual([winner, task.cancelled(), await kept], ["effect", true, "kept"])
    }))

  it("aborts the signals of the losers", () =>
    run(async () => {
      const lines: Array<string> = []
      const listening = () =>
        new Promise<never>((_, reject) => {
          const signal = asyncio.currentSignal()
          signal.addEventListener("abort", () => {
            lines.push(String((signal.reason as asyncio.CancelledError).reason))
            reject(signal.reason)
          })
        })
      const quick = asyncio.createTask(() => asyncio.sleep(1), { name: "quick" })
      await asyncio.race([listening, quick])
      assert.deepStrictEqual(lines, ["quick has won race()"])
    }))

  it("passes cancellations on, and hands the winner's value back when it is cancelled meanwhile", () =>
    run(async () => {
      const lines: Array<unknown> = []
      const loser = () => hour().finally(() => asyncio.sleep(10).catch((error) => lines.push(`cut: ${String(error)}`)))
      const discard = async (value: string) => {
        await asyncio.sleep(5)
        lines.push(`discarded ${value}`, runningLoop().time())
      }
      const task = asyncio.createTask(() => asyncio.race([loser, () => asyncio.sleep(1, "value")], { discard }))
      await asyncio.sleep(4)
      task.cancel("outside")
      lines.push(await text(task), runningLoop().time(), task.cancelled(), taskNames())
      assert.deepStrictEqual(lines, [
        "cut: CancelledError: outside",
        "discarded value",
        9,
        "CancelledError: outside",
        9,
        true,
        ["Task-1"]
      ])
    }))

  it("reports failures of losers and of discards", async () => {
    const reports: Array<ExceptionContext> = []
    const loopFactory = reportingTo(reports)
    await run(
      async () => {
        await asyncio.race([() => asyncio.sleep(1), () => hour().finally(() => Promise.reject(new Error("cleanup")))])
        await asyncio.race([() => asyncio.sleep(1), () => asyncio.sleep(1)], { discard: failsAt(1, "discard") })
      },
      { loopFactory }
    )
    assert.deepStrictEqual(
      reports.map(({ exception, message }) => `${message} ${String(exception)}`),
      ["Error: cleanup", "Error: discard"].map((error) => `Task exception was never retrieved ${error}`)
    )
  })

  it("works outside of any run", async () => {
    assert.strictEqual(await asyncio.race([hour, () => asyncio.sleep(1, "quick")]), "quick")
  })

  it("refuses what is nothing, no list, and cannot be awaited, before any of it has begun", () =>
    run(async () => {
      const lines: Array<string> = []
      const ran = async () => lines.push("ran")
      const refused = [
        await text(asyncio.race([])),
        await text(asyncio.race(ran as never)),
        await text(asyncio.race([ran, 5])),
        await text(asyncio.race([ran, function* () {}])),
        await text(asyncio.race([ran], { discard: 5 as never }))
      ]
      await asyncio.sleep(1)
      assert.deepStrictEqual(
        [refused, lines],
        [
          [
            "ValueError: race() needs at least one to wait for",
            "TypeError: race() expects a list of awaitables, not function",
            "TypeError: An asyncio.Future, a coroutine or an awaitable is required",
            "TypeError: a function was expected by a task, got a generator function",
            "TypeError: a function was expected by race(), got 5"
          ],
          []
        ]
      )
    }))
})

describe("a promise that was given up", () => {
  it("is handed back when it brings something", () =>
    run(async () => {
      const lines: Array<unknown> = []
      const [one, two, three] = [deferred<string>(), deferred<string>(), deferred<string>()]
      const discard = async (value: string) => {
        await asyncio.sleep(1)
        lines.push(`discarded ${value}`)
      }
      lines.push(await asyncio.race([one.promise, () => asyncio.sleep(1, "quick")], { discard }))
      const task = asyncio.createTask(() => asyncio.anyOf([two.promise, three.promise], { discard }))
      await asyncio.sleep(1)
      await asyncio.cancelAndWait([task])
      one.resolve("one")
      two.resolve("two")
      three.reject(new Error("nobody hears of it"))
      await asyncio.sleep(5)
      assert.deepStrictEqual(lines, ["quick", "discarded one", "discarded two"])
    }))
})

describe("a promise that brings something when the run is over", () => {
  it("is no unhandled rejection", async () => {
    const lines: Array<unknown> = []
    const late = deferred<string>()
    const discard = (value: string) => lines.push(value)
    const rejections = await unhandledRejections(async () => {
      await run(() => asyncio.race([late.promise, () => asyncio.sleep(1, "quick")], { discard }))
      late.resolve("late")
    })
    assert.deepStrictEqual([lines, rejections], [[], []])
  })
})

describe("anyOf", () => {
  it("gives the first success, or fails with all failures in the order of what was given", () =>
    run(async () => {
      const cleaning = () => hour().finally(() => asyncio.sleep(5))
      const winner = await asyncio.anyOf([failsAt(1, "down"), () => asyncio.sleep(2, "value"), cleaning])
      assert.deepStrictEqual([winner, runningLoop().time(), taskNames()], ["value", 7, ["Task-1"]])
      assert.deepStrictEqual(await errorsOf(asyncio.anyOf([failsAt(3, "b"), failsAt(1, "a")])), [
        "Error: b",
        "Error: a"
      ])
    }))
})

describe("staggered", () => {
  it("begins the next one after the delay, or when the last one has failed", () =>
    run(async () => {
      const lines: Array<string> = []
      const begin = (name: string, body: () => Promise<unknown>) => () => {
        lines.push(`${name} ${runningLoop().time()}`)
        return body()
      }
      function* endless() {
        try {
          yield begin("a", failsAt(15, "a"))
          yield begin("b", failsAt(12, "b"))
          yield begin("c", failsAt(1, "c"))
          for (;;) yield begin("d", () => asyncio.sleep(3, "d"))
        } finally {
          lines.push("closed")
        }
      }
      const result = await asyncio.staggered(10, endless())
      assert.deepStrictEqual([result, lines], ["d", ["a 0", "b 10", "c 20", "d 21", "closed"]])
    }))

  it("refuses what has begun, and what is no delay", () =>
    run(async () => {
      const task = asyncio.createTask(() => asyncio.sleep(1))
      assert.deepStrictEqual(
        [
          await text(asyncio.staggered(5, [task] as never)),
          await text(asyncio.staggered(5, [])),
          await text(asyncio.staggered(5, hour as never)),
          await text(asyncio.staggered("soon" as never, [hour]))
        ],
        [
          "TypeError: a coroutine function was expected by staggered(), got a Promise",
          "ValueError: staggered() needs at least one to wait for",
          "TypeError: staggered() expects a list of coroutine functions, not function",
          "TypeError: Invalid delay: 'soon' is not a duration"
        ]
      )
    }))
})
