/** Who waits for a future, and what of them is left when they wait no more. */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import type { FutureImpl } from "../../src/internal/task/future.ts"
import { reportsOf, run } from "../support.ts"

const awaitersOf = (future: asyncio.Future<unknown, unknown>): ReadonlyArray<string> =>
  (future as unknown as FutureImpl).awaiters().map((task) => task.getName())

const futureHere = Effect.map(asyncio.getRunningLoop, (loop) => loop.createFutureUnsafe<void>())

describe("the tasks that wait for a future", () => {
  it("are none that have ended, though a fiber of theirs goes on", () =>
    run(
      Effect.gen(function* () {
        const future = yield* futureHere
        const task = yield* asyncio.createTask(Effect.asVoid(Effect.forkDetach(future)), { name: "worker" })
        yield* task
        yield* asyncio.sleep(1)

        assert.deepStrictEqual(awaitersOf(future), [])
        future.setResultUnsafe()
      })
    ))
})

describe("a callback that was removed", () => {
  it("is not counted again when so many others are there that they are indexed", () =>
    run(
      Effect.gen(function* () {
        const future = yield* futureHere
        const removed = () => {}
        future.addDoneCallbackUnsafe(removed)
        for (let n = 0; n < 20; n++) future.addDoneCallbackUnsafe(() => {})
        const first = future.removeDoneCallbackUnsafe(removed)
        for (let n = 0; n < 20; n++) future.addDoneCallbackUnsafe(() => {})

        assert.deepStrictEqual([first, future.removeDoneCallbackUnsafe(removed)], [1, 0])
        future.setResultUnsafe()
      })
    ))
})

describe("a sleep that is cancelled when its time is up already", () => {
  it("ends cancelled", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const at = loop.time() + 5
        const slept: { future?: asyncio.Future<unknown, unknown> } = {}
        loop.callAtUnsafe(at, () => slept.future!.cancelUnsafe())
        slept.future = loop.sleepUnsafe(5)
        yield* asyncio.sleep(6)

        assert.isTrue(slept.future.cancelled())
      })
    ))
})

describe("the stack of a failure", () => {
  it("is formatted at once where nobody waits, so that it keeps nothing alive", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace")
        Error.prepareStackTrace = (error) => (lines.push(error.message), error.message)
        const loop = yield* asyncio.getRunningLoop
        const future = loop.createFutureUnsafe<void, Error>()
        future.setExceptionUnsafe(new Error("boom"))
        const formatted = [...lines]
        Reflect.deleteProperty(Error, "prepareStackTrace")
        if (before !== undefined) Object.defineProperty(Error, "prepareStackTrace", before)
        yield* Effect.exit(future)

        assert.include(formatted, "boom")
      })
    ))
})

describe("gather", () => {
  it("stands once among the callbacks of one that is given twice, also where a task factory gives it", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* futureHere
        const gathering = yield* asyncio.createTask(asyncio.gather([future, future]))
        yield* asyncio.sleep(0)
        const one = String(future)
        const shared = yield* asyncio.createTask(asyncio.sleep("1 hour"))
        yield* loop.setTaskFactory(() => shared as never)
        const twice = asyncio.gather([Effect.void, Effect.void])
        const waiting = Effect.runFork(Effect.provideService(twice, asyncio.RunningLoop, loop))
        yield* loop.setTaskFactory(undefined)
        yield* asyncio.sleep(0)
        const other = String(shared)
        future.setResultUnsafe()
        yield* gathering
        yield* shared.cancel()
        waiting.interruptUnsafe()

        assert.deepStrictEqual(
          [one, other].map((text) => text.split("_done_callback()").length - 1),
          [1, 1]
        )
      })
    ))

  it("has looked at every failure among what is done already", async () => {
    const reports = await reportsOf(
      Effect.gen(function* () {
        const members = yield* Effect.all([
          asyncio.createTask(Effect.fail("first")),
          asyncio.createTask(Effect.fail("second"))
        ])
        yield* asyncio.sleep(1)
        yield* Effect.exit(asyncio.gather(members))
      })
    )

    assert.deepStrictEqual(reports, [])
  })

  it("is awaited and awaits no more when one has failed, while another goes on", () =>
    run(
      Effect.gen(function* () {
        const goesOn = yield* asyncio.createTask(asyncio.sleep(10))
        const { gatherUnsafe } = { gatherUnsafe: asyncio.gather([Effect.fail("boom"), goesOn]) }
        yield* Effect.exit(gatherUnsafe)

        assert.deepStrictEqual(goesOn.snapshot().awaitedBy, [])
      })
    ))

  it("ends with the message of its request where its last member, at a foreign effect, has ended otherwise", () =>
    run(
      Effect.gen(function* () {
        const last = asyncio.catchCancelled(Effect.never, () => Effect.succeed("all the same"))
        const task = yield* asyncio.createTask(asyncio.gather([asyncio.sleep("1 hour"), last]))
        yield* asyncio.sleep(1)
        yield* task.cancel("enough")
        const error = yield* Effect.flip(task)

        assert.strictEqual(error.message, "enough")
      })
    ))
})

describe("a shield", () => {
  it("that is cancelled in the moment in which the other has failed leaves the report to that", async () => {
    const reports = await reportsOf(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const inner = yield* asyncio.createTask(Effect.andThen(asyncio.sleep(1), Effect.fail("boom")))
        const outer = yield* asyncio.createTask(asyncio.shield(inner))
        inner.addDoneCallbackUnsafe(() => {})
        yield* asyncio.sleep(0)
        loop.callAtUnsafe(loop.time() + 1, () => loop.callSoonUnsafe(() => outer.cancelUnsafe()))
        yield* asyncio.sleep(2)
        assert.isTrue(outer.cancelled())
      })
    )

    assert.deepStrictEqual(reports, ["Task exception was never retrieved"])
  })

  it("of which two are cancelled stands once among the callbacks of the other", () =>
    run(
      Effect.gen(function* () {
        const inner = yield* asyncio.createTask(asyncio.sleep(10))
        for (const shielding of [asyncio.shield(inner), asyncio.shield(inner)]) {
          const outer = yield* asyncio.createTask(shielding)
          yield* asyncio.sleep(0)
          yield* outer.cancel()
        }
        yield* asyncio.sleep(0)
        yield* asyncio.sleep(0)

        assert.strictEqual(String(inner).split("_log_on_exception()").length - 1, 1)
      })
    ))
})
