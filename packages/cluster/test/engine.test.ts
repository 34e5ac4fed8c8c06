/**
 * What of Effect Cluster's behaviour this package relies on. Its modules are marked unstable: where one of these fails with a new version of
 * effect, `src/engine` is what has to change.
 */
import * as asyncio from "@effect-asyncio/core"
import * as MessageStorage from "effect/cluster/MessageStorage"
import * as Sharding from "effect/cluster/Sharding"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as SqlClient from "effect/sql/SqlClient"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "vitest"
import { type Addressed, Engine, type Handlers, makeEngine, serve } from "../src/engine/engine.ts"
import { single, tables } from "../src/engine/layers.ts"
import { sqliteClient } from "../src/internal/sqliteClient.ts"

const a: Addressed = { definition: "work", name: "a" }
const b: Addressed = { definition: "work", name: "b" }

/** An engine on a database, which other engines may follow. */
const engineOn = (database: DatabaseSync) =>
  Layer.provideMerge(single({ definitions: ["work"], served: ["work"], drain: 0 }), sqliteClient(database))

const run = <A, E>(
  program: Effect.Effect<A, E, Layer.Success<ReturnType<typeof engineOn>> | Scope.Scope>,
  database = new DatabaseSync(":memory:")
) => asyncio.run(program.pipe(Effect.scoped, Effect.provide(engineOn(database))))

/** Handlers that note what they are asked, and answer how often that was. */
const noting = (seen: Array<string>, also: Partial<Handlers> = {}): Handlers => ({
  run: ({ name }) => Effect.sync(() => seen.push(`run ${name}`)),
  cancel: ({ id }) => Effect.sync(() => void seen.push(`cancel ${id}`)),
  ...also
})

describe("the engine", () => {
  it("runs a request once, and gives its answer to all who ask", async () => {
    const seen: Array<string> = []
    const main = Effect.gen(function* () {
      const engine = yield* makeEngine(tables)
      yield* serve(noting(seen))
      yield* engine.submit(a)
      return yield* Effect.all([engine.join(a), engine.join(a), engine.join(b)], { concurrency: "unbounded" })
    })

    const answers = await run(main)

    assert.deepStrictEqual(answers, [{ value: 1 }, { value: 1 }, { value: 2 }])
    assert.deepStrictEqual(seen, ["run a", "run b"])
  })

  it("delivers another message while a request runs, each once", async () => {
    const seen: Array<string> = []
    const main = Effect.gen(function* () {
      const engine = yield* makeEngine(tables)
      const told = yield* Deferred.make<void>()
      const cancel: Handlers["cancel"] = ({ id }) =>
        Effect.andThen(
          Effect.sync(() => void seen.push(id)),
          Deferred.succeed(told, undefined)
        )
      yield* serve(noting(seen, { run: () => Effect.as(Deferred.await(told), "told"), cancel }))
      const joined = yield* Effect.forkChild(engine.join(a))
      yield* engine.submit(a)
      yield* engine.cancel({ ...a, id: "1", cancellation: {} })
      yield* engine.cancel({ ...a, id: "1", cancellation: {} })
      const answer = yield* Fiber.join(joined)
      yield* asyncio.sleep(50)
      return answer
    })

    assert.deepStrictEqual(await run(main), { value: "told" })
    assert.deepStrictEqual(seen, ["1"])
  })

  it("leaves a request that its client gives up", async () => {
    const seen: Array<string> = []
    const main = Effect.gen(function* () {
      const engine = yield* makeEngine(tables)
      const end = yield* Deferred.make<string>()
      const begun = yield* Deferred.make<void>()
      yield* serve(noting(seen, { run: () => Effect.andThen(Deferred.succeed(begun, undefined), Deferred.await(end)) }))
      const joined = yield* Effect.forkChild(engine.join(a))
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(joined)
      yield* Deferred.succeed(end, "still there")
      return yield* engine.join(a)
    })

    assert.deepStrictEqual(await run(main), { value: "still there" })
  })

  it("runs a request again that was interrupted because the worker stops, and keeps it for the next one", async () => {
    const database = new DatabaseSync(":memory:")
    const seen: Array<string> = []
    const first = Effect.gen(function* () {
      const engine = yield* makeEngine(tables)
      const begun = yield* Deferred.make<void>()
      const hangs = Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
      const stops = Effect.onInterrupt(hangs, () => Effect.sync(() => void seen.push("interrupted")))
      yield* serve(noting(seen, { run: () => stops }))
      yield* engine.submit(a)
      yield* Deferred.await(begun)
    })
    const second = Effect.gen(function* () {
      const engine = yield* makeEngine(tables)
      yield* serve(noting(seen))
      return yield* engine.join(a)
    })

    await run(first, database)
    const answer = await run(second, database)

    assert.deepStrictEqual(answer, { value: 2 })
    assert.deepStrictEqual(seen, ["interrupted", "run a"])
  })

  it("tells a defect of a handler to who waits, and goes on with the other requests", async () => {
    const seen: Array<string> = []
    const main = Effect.gen(function* () {
      const engine = yield* makeEngine(tables)
      yield* serve(
        noting(seen, { run: ({ name }) => (name === "a" ? Effect.die(new Error("broken")) : Effect.succeed(1)) })
      )
      return [yield* engine.join(a), yield* engine.join(b)]
    })

    const [broken, fine] = await run(main)

    assert.include(JSON.stringify(broken), "broken")
    assert.deepStrictEqual(fine, { value: 1 })
  })

  it("is asked again where it has failed and has not answered", async () => {
    let calls = 0
    const main = Effect.gen(function* () {
      const sharding = yield* Sharding.Sharding
      const storage = yield* MessageStorage.MessageStorage
      const sql = yield* SqlClient.SqlClient
      const run = () => (calls++ === 0 ? Effect.die(new Error("the connection was cut")) : Effect.succeed("done"))
      const engine = new Engine({ sharding, storage, sql, prefix: tables, client: () => ({ run }) as never })
      return yield* engine.join(a)
    })

    assert.deepStrictEqual(await run(main), { value: "done" })
    assert.strictEqual(calls, 2)
  })

  it("takes a request anew whose rows were deleted", async () => {
    const seen: Array<string> = []
    const main = Effect.gen(function* () {
      const engine = yield* makeEngine(tables)
      const sql = yield* SqlClient.SqlClient
      yield* serve(noting(seen))
      yield* engine.join(a)
      const id = yield* engine.requestOf(a)
      yield* engine.forget([id!])
      const left = yield* sql<{
        n: bigint
      }>`SELECT (SELECT COUNT(*) FROM cluster_messages) + (SELECT COUNT(*) FROM cluster_replies) AS n`
      return [yield* engine.requestOf(a), Number(left[0]?.n), yield* engine.join(a)]
    })

    assert.deepStrictEqual(await run(main), [undefined, 0, { value: 2 }])
  })

  it("has no use for requests to cancel that were delivered", async () => {
    const main = Effect.gen(function* () {
      const engine = yield* makeEngine(tables)
      const sql = yield* SqlClient.SqlClient
      yield* serve(noting([]))
      yield* engine.cancel({ ...a, id: "1", cancellation: {} })
      const left = Effect.map(
        sql<{
          n: bigint
        }>`SELECT (SELECT COUNT(*) FROM cluster_messages) + (SELECT COUNT(*) FROM cluster_replies) AS n`,
        ([row]) => Number(row!.n)
      )
      yield* Effect.repeat(Effect.andThen(asyncio.sleep(5), left), { until: (n) => n === 2 })
      yield* engine.sweep(Date.now() - 60_000)
      const young = yield* left
      yield* engine.sweep(Date.now() + 60_000)
      return [young, yield* left]
    })

    assert.deepStrictEqual(await run(main), [2, 0])
  })
})
