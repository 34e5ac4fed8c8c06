import * as asyncio from "@effect-asyncio/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { collectGarbage } from "../collectGarbage.ts"
import { macrotask, reportsOf, run } from "../support.ts"

/** Who waits for `task`, as the call graph shows it. */
const awaitedBy = (task: asyncio.Task<unknown, unknown>) =>
  Effect.map(asyncio.captureCallGraph(task), (graph) => graph?.awaitedBy.length)

describe("who gave up waiting leaves nothing on what goes on", () => {
  it("behind a shield", () =>
    run(
      Effect.gen(function* () {
        const long = yield* asyncio.createTask(asyncio.sleep("1 hour"))
        for (let i = 0; i < 100; i++) {
          const caller = yield* asyncio.createTask(asyncio.shield(long))
          yield* asyncio.sleep(0)
          assert.strictEqual(yield* awaitedBy(long), 1)
          yield* caller.cancel()
          yield* asyncio.wait([caller])
          yield* asyncio.sleep(0)
        }

        assert.strictEqual(yield* awaitedBy(long), 0)
        assert.include(String(long), "cb=[_log_on_exception()]")
      })
    ))

  it("in a gather of which another one failed", () =>
    run(
      Effect.gen(function* () {
        const long = yield* asyncio.createTask(asyncio.sleep("1 hour"))
        const caller = yield* asyncio.createTask(Effect.exit(asyncio.gather([long, Effect.fail("no")])))
        yield* asyncio.sleep(0)
        assert.strictEqual(yield* awaitedBy(long), 1)

        yield* caller

        assert.strictEqual(yield* awaitedBy(long), 0)
      })
    ))
})

/** Collects garbage until `isSo`, which the host finds out in a task of its own; gives how it is in the end. */
const collected = (isSo: () => boolean) =>
  Effect.promise(async () => {
    for (let n = 0; n < 20 && !isSo(); n++) {
      await macrotask()
      collectGarbage()
      await macrotask()
    }
    return isSo()
  })

const entries = (future: asyncio.Future<unknown, unknown>) => String(future).match(/_handle_completion/g)?.length ?? 0

describe("asCompleted that is given up leaves nothing on the futures", () => {
  const ways: Record<string, (all: ReadonlyArray<asyncio.Task<unknown>>) => Effect.Effect<unknown, unknown>> = {
    "before it is asked": (all) => asyncio.asCompleted(all),
    "after the first": (all) => Effect.flatMap(asyncio.asCompleted(all), (completions) => completions.next),
    "after the first, with a time limit": (all) =>
      Effect.flatMap(asyncio.asCompleted(all, { timeout: "1 hour" }), (completions) => completions.next),
    "by break": (all) =>
      Effect.gen(function* () {
        for (const next of yield* asyncio.asCompleted(all)) if ((yield* next) === "quick") break
      }),
    "as a stream": (all) =>
      Effect.flatMap(asyncio.asCompleted(all), ({ stream }) => Stream.runDrain(Stream.take(stream, 1))),
    "by a task that is cancelled": (all) =>
      Effect.gen(function* () {
        const completions = yield* asyncio.asCompleted(all.slice(0, 1))
        const task = yield* asyncio.createTask(completions.next)
        yield* asyncio.sleep(0)
        yield* task.cancel()
        yield* Effect.exit(task)
      })
  }

  it.each(Object.entries(ways))("%s", (_, way) =>
    run(
      Effect.gen(function* () {
        const long = yield* asyncio.createTask(Effect.never)
        const quick = yield* asyncio.createTask(asyncio.sleep(1, "quick"))

        for (let n = 0; n < 50; n++) yield* way([long, quick])

        assert.isTrue(yield* collected(() => entries(long) === 0))
        yield* long.cancel()
      })
    )
  )

  it("and goes on for who waits, or may ask", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<string>()
        const later = yield* loop.createFuture<string>()
        const waiting = yield* asyncio.createTask(
          Effect.flatMap(asyncio.asCompleted([future]), (completions) => completions.next)
        )
        const mayAsk = yield* asyncio.asCompleted([later])
        yield* asyncio.sleep(0)

        yield* collected(() => entries(future) === 0)
        future.setResultUnsafe("came")
        later.setResultUnsafe("later")

        assert.deepStrictEqual([yield* waiting, yield* mayAsk.next], [future, later])
      })
    ))
})

describe("a failure behind a shield that was given up", () => {
  const program = (look: (task: asyncio.Task<never, string>) => Effect.Effect<unknown, unknown>) =>
    reportsOf(
      Effect.gen(function* () {
        const work = yield* asyncio.createTask(Effect.andThen(asyncio.sleep(5), Effect.fail("late")))
        const caller = yield* asyncio.createTask(asyncio.shield(work))
        yield* asyncio.sleep(1)
        yield* caller.cancel()
        yield* asyncio.sleep(10)
        yield* Effect.exit(look(work))
      })
    )

  it("is not reported when somebody retrieves it later", async () => {
    assert.deepStrictEqual(await program((task) => task), [])
  })

  it("is reported when nobody does", async () => {
    assert.deepStrictEqual(await program(() => Effect.void), ["string exception in shielded future"])
  })
})
