import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { type LoopEvent, makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { collectReports, run } from "../support.ts"

/** A loop whose watcher fails at the first event for which `isIt`. */
const failingAt = (isIt: (event: LoopEvent) => boolean) =>
  makeVirtualTimeLoop({
    onEvent: (event) => {
      if (isIt(event)) throw new RangeError(`no ${event.type}`)
    }
  })

const outcome = (loop: asyncio.EventLoop, main: Effect.Effect<unknown, unknown>) =>
  run(main, { loopFactory: () => loop }).then(String, String)

const types = ["created", "stepStarted", "stepEnded", "cancelRequested", "done"] as const

describe("a watcher that throws", () => {
  it.each(types)("at the first %s ends the run with its error, and every task is cancelled", async (type) => {
    const lines: Array<string> = []
    const loop = failingAt((event) => event.type === type)
    const main = Effect.gen(function* () {
      const cleanup = Effect.sync(() => lines.push("cleaned up"))
      const worker = yield* asyncio.createTask(Effect.ensuring(asyncio.sleep("1 hour"), cleanup), { name: "worker" })
      yield* asyncio.sleep(0)
      yield* worker.cancel()
      yield* Effect.exit(worker)
      yield* asyncio.sleep("1 hour")
    })

    const result = await outcome(loop, main)

    assert.deepStrictEqual(
      { result, atMostOneLine: lines.length <= 1, closed: loop.isClosed() },
      { result: `RangeError: no ${type}`, atMostOneLine: true, closed: true }
    )
  })

  it("in an event of another scheduler's macrotask ends the run, too", async () => {
    const loop = failingAt((event) => event.type === "stepEnded" && event.waitingFor?.kind === "future")
    const main = Effect.andThen(
      Effect.promise(() => Promise.resolve()),
      Effect.flatten(loop.createFuture<void>())
    )

    assert.strictEqual(await outcome(loop, main), "RangeError: no stepEnded")
  })

  it("is not called again", async () => {
    let calls = 0
    const loop = makeVirtualTimeLoop({
      onEvent: () => {
        calls++
        throw new RangeError("no more")
      }
    })

    assert.deepStrictEqual([await outcome(loop, asyncio.sleep(1)), calls], ["RangeError: no more", 1])
  })

  it("while the run shuts down is reported, and the tasks that are left end", async () => {
    const lines: Array<string> = []
    const loop = failingAt((event) => event.type === "cancelRequested")
    const reports = collectReports(loop)
    const main = asyncio.createTask(
      Effect.ensuring(
        asyncio.sleep("1 hour"),
        Effect.sync(() => lines.push("cleaned up"))
      )
    )

    const result = await outcome(loop, Effect.andThen(main, asyncio.sleep(1, "done")))

    assert.deepStrictEqual([result, lines], ["done", ["cleaned up"]])
    assert.deepStrictEqual(
      reports.map(({ exception, message }) => [message, String(exception)]),
      [["Exception in onEvent of a loop on virtual time", "RangeError: no cancelRequested"]]
    )
  })
})
