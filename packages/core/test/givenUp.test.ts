import * as asyncio from "@effect-asyncio/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { reportsOf, run } from "./support.ts"

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
