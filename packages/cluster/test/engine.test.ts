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
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "vitest"
import { type Addressed, Engine, type EngineParts, type Handlers, makeEngine, serve } from "../src/engine/engine.ts"
import { Kept } from "../src/engine/kept.ts"
import { messagesInTables, single, tables } from "../src/engine/layers.ts"
import { messagesInMemory } from "../src/engine/memory.ts"
import { sqliteClient } from "../src/internal/sqliteClient.ts"

const a: Addressed = { definition: "work", name: "a" }
const b: Addressed = { definition: "work", name: "b" }

const options = { definitions: ["work"], served: ["work"], drain: 0 }

type Program<A, E> = Effect.Effect<A, E, EngineParts | Scope.Scope>

const runIn = <A, E>(layer: Layer.Layer<EngineParts>, program: Program<A, E>) =>
  asyncio.run(program.pipe(Effect.scoped, Effect.provide(layer)))

/** On a database, which other engines may follow. */
const onDatabase = (database: DatabaseSync) =>
  Layer.provideMerge(single(options, messagesInTables), sqliteClient(database))

const engines = {
  "in tables": () => onDatabase(new DatabaseSync(":memory:")),
  "in memory": () => single(options, messagesInMemory)
}

/** Handlers that note what they are asked, and answer how often that was. */
const noting = (seen: Array<string>, also: Partial<Handlers> = {}): Handlers => ({
  run: ({ name }) => Effect.sync(() => seen.push(`run ${name}`)),
  cancel: ({ id }) => Effect.sync(() => void seen.push(`cancel ${id}`)),
  ...also
})

describe.each(Object.entries(engines))("an engine with its messages %s", (_, layer) => {
  const run = <A, E>(program: Program<A, E>) => runIn(layer(), program)

  it("runs a request once, and gives its answer to all who ask", async () => {
    const seen: Array<string> = []
    const main = Effect.gen(function* () {
      const engine = yield* makeEngine
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
      const engine = yield* makeEngine
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
      const engine = yield* makeEngine
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

  it("tells a defect of a handler to who waits, and goes on with the other requests", async () => {
    const seen: Array<string> = []
    const main = Effect.gen(function* () {
      const engine = yield* makeEngine
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
      const kept = yield* Kept
      const run = () => (calls++ === 0 ? Effect.die(new Error("the connection was cut")) : Effect.succeed("done"))
      const engine = new Engine({ sharding, storage, kept, client: () => ({ run }) as never })
      return yield* engine.join(a)
    })

    assert.deepStrictEqual(await run(main), { value: "done" })
    assert.strictEqual(calls, 2)
  })

  it("takes a request anew that was forgotten", async () => {
    const seen: Array<string> = []
    const main = Effect.gen(function* () {
      const engine = yield* makeEngine
      yield* serve(noting(seen))
      yield* engine.join(a)
      const id = yield* engine.requestOf(a)
      yield* engine.forget([id!])
      return [yield* engine.requestOf(a), yield* engine.join(a)]
    })

    assert.deepStrictEqual(await run(main), [undefined, { value: 2 }])
  })

  it("answers whoever comes while a request is under way, and whoever comes when it is answered", async () => {
    const seen: Array<string> = []
    const main = Effect.gen(function* () {
      const engine = yield* makeEngine
      const end = yield* Deferred.make<string>()
      yield* serve(noting(seen, { run: () => Deferred.await(end) }))
      const first = yield* Effect.forkChild(engine.join(a))
      yield* asyncio.sleep(20)
      const second = yield* Effect.forkChild(engine.join(a))
      yield* asyncio.sleep(20)
      yield* Deferred.succeed(end, "done")
      return [yield* Fiber.join(first), yield* Fiber.join(second), yield* engine.join(a)]
    })

    assert.deepStrictEqual(await run(main), [{ value: "done" }, { value: "done" }, { value: "done" }])
  })

  it("begins requests in the order in which they came", async () => {
    const seen: Array<string> = []
    const names = Array.from({ length: 50 }, (_, i) => `task ${i}`)
    const main = Effect.gen(function* () {
      const engine = yield* makeEngine
      yield* Effect.forEach(names, (name) => engine.submit({ definition: "work", name }))
      yield* serve(noting(seen))
      yield* Effect.forEach(names, (name) => engine.join({ definition: "work", name }), { concurrency: "unbounded" })
    })

    await run(main)

    assert.deepStrictEqual(
      seen,
      names.map((name) => `run ${name}`)
    )
  })

  it("keeps young requests to cancel that were delivered, and none that are old", async () => {
    const seen: Array<string> = []
    const main = Effect.gen(function* () {
      const engine = yield* makeEngine
      yield* serve(noting(seen))
      const cancel = (id: string) => engine.cancel({ ...a, id, cancellation: {} })
      const untilSeen = Effect.fnUntraced(function* (count: number) {
        while (seen.length < count) yield* asyncio.sleep(5)
      })
      yield* cancel("1")
      yield* untilSeen(1)
      yield* engine.sweep(Date.now() - 60_000)
      yield* cancel("1")
      // Comes behind it, if that is delivered once more.
      yield* cancel("2")
      yield* untilSeen(2)
      yield* engine.sweep(Date.now() + 60_000)
      // Nobody knows it any more, so that it is a new one.
      yield* cancel("1")
      yield* untilSeen(3)
      return seen
    })

    assert.deepStrictEqual(await run(main), ["cancel 1", "cancel 2", "cancel 1"])
  })
})

describe("an engine on a database", () => {
  it("runs a request again that was interrupted because the worker stops, and keeps it for the next one", async () => {
    const database = new DatabaseSync(":memory:")
    const seen: Array<string> = []
    const first = Effect.gen(function* () {
      const engine = yield* makeEngine
      const begun = yield* Deferred.make<void>()
      const hangs = Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
      const stops = Effect.onInterrupt(hangs, () => Effect.sync(() => void seen.push("interrupted")))
      yield* serve(noting(seen, { run: () => stops }))
      yield* engine.submit(a)
      yield* Deferred.await(begun)
    })
    const second = Effect.gen(function* () {
      const engine = yield* makeEngine
      yield* serve(noting(seen))
      return yield* engine.join(a)
    })

    await runIn(onDatabase(database), first)
    const answer = await runIn(onDatabase(database), second)

    assert.deepStrictEqual(answer, { value: 2 })
    assert.deepStrictEqual(seen, ["interrupted", "run a"])
  })

  it("deletes the rows of what is forgotten or swept", async () => {
    const database = new DatabaseSync(":memory:")
    const left = () => {
      const count = (table: string) => database.prepare(`SELECT COUNT(*) AS n FROM ${table}`).get()!["n"] as number
      return count(`${tables}_messages`) + count(`${tables}_replies`)
    }
    const main = Effect.gen(function* () {
      const engine = yield* makeEngine
      yield* serve(noting([]))
      yield* engine.join(a)
      yield* engine.cancel({ ...a, id: "1", cancellation: {} })
      yield* Effect.repeat(Effect.andThen(asyncio.sleep(5), Effect.sync(left)), { until: (n) => n === 4 })
      yield* engine.sweep(Date.now() + 60_000)
      const swept = left()
      yield* engine.forget([(yield* engine.requestOf(a))!])
      return [swept, left()]
    })

    assert.deepStrictEqual(await runIn(onDatabase(database), main), [2, 0])
  })

  it("sweeps answers whose requests were deleted before they came", async () => {
    const database = new DatabaseSync(":memory:")
    const count = (table: string) => database.prepare(`SELECT COUNT(*) AS n FROM ${table}`).get()!["n"] as number
    const replies = () => count(`${tables}_replies`)
    const main = Effect.gen(function* () {
      const engine = yield* makeEngine
      yield* serve(noting([], { run: (_, requestId) => Effect.as(engine.forget([requestId]), 2) }))
      yield* engine.submit(a)
      yield* Effect.repeat(Effect.andThen(asyncio.sleep(5), Effect.sync(replies)), { until: (n) => n === 1 })
      yield* engine.sweep(Date.now() - 60_000)
      return [count(`${tables}_messages`), replies()]
    })

    assert.deepStrictEqual(await runIn(onDatabase(database), main), [0, 0])
  })
})
