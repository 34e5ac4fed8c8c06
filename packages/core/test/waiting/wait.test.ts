import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Effect, Fiber } from "effect"
import { run } from "../support.ts"

const fail = asyncio.createTask(Effect.fail("broken"))

describe("wait", () => {
  it("dies with a TypeError when there is something to await among its futures that is none", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.void)
        const junk = [asyncio.sleep(0), Promise.resolve(), 1]

        const defects = yield* Effect.forEach(junk, (value) =>
          Effect.catchDefect(asyncio.wait([task, value as never]), Effect.succeed)
        )

        const message = "TypeError: Passing coroutines is forbidden, use tasks explicitly."
        assert.deepStrictEqual(defects.map(String), [message, message, message])
      })
    ))

  it("leaves neither a timer nor a callback behind, however it ends", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const [never, soon] = [yield* loop.createFuture<void>(), yield* loop.createFuture<void>()]
        const wait = asyncio.wait([never, soon], { timeout: "1 hour", returnWhen: "FIRST_COMPLETED" })
        const left = () => [loop.snapshot().timers, String(never)]
        const lefts: Array<ReadonlyArray<unknown>> = []

        const cancelled = yield* asyncio.createTask(wait)
        yield* asyncio.sleep(0)
        lefts.push(left())
        yield* cancelled.cancel()
        yield* Effect.ignore(cancelled)
        lefts.push(left())
        const interrupted = yield* Effect.forkChild(wait)
        yield* asyncio.sleep(0)
        yield* Fiber.interrupt(interrupted)
        lefts.push(left())
        yield* soon.setResult()
        yield* wait
        lefts.push(left())

        const nothing = [0, "<Future pending>"]
        assert.deepStrictEqual(lefts, [
          [1, "<Future pending cb=[_wait.<locals>._on_completion()]>"],
          nothing,
          nothing,
          nothing
        ])
      })
    ))

  // CPython asks a future for its exception only where the answer decides.
  it("has seen the failure that ended it, and no other", () =>
    run(
      Effect.gen(function* () {
        const pending = yield* asyncio.createTask(asyncio.sleep("1 hour"))
        const [first, last] = [yield* fail, yield* fail]

        yield* asyncio.wait([first, pending], { returnWhen: "FIRST_EXCEPTION" })
        yield* asyncio.wait([last], { returnWhen: "FIRST_EXCEPTION" })

        assert.deepStrictEqual(
          {
            firstExceptionRetrieved: lowlevel.exceptionRetrieved(first),
            lastExceptionRetrieved: lowlevel.exceptionRetrieved(last)
          },
          { firstExceptionRetrieved: true, lastExceptionRetrieved: false }
        )
        yield* last.exception()
      })
    ))

  it("with no time at all gives what is done one iteration later", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const quick = yield* asyncio.createTask(Effect.void)
        const slow = yield* asyncio.createTask(asyncio.sleep(1))

        const { done, pending } = yield* asyncio.wait([slow, quick], { timeout: 0 })

        assert.deepStrictEqual([[...done], [...pending], loop.time()], [[quick], [slow], 0])
      })
    ))
})
