import * as cluster from "@effect-asyncio/cluster"
import * as asyncio from "@effect-asyncio/core"
import * as MessageStorage from "effect/cluster/MessageStorage"
import * as RunnerHealth from "effect/cluster/RunnerHealth"
import * as Runners from "effect/cluster/Runners"
import * as RunnerStorage from "effect/cluster/RunnerStorage"
import * as Sharding from "effect/cluster/Sharding"
import * as ShardingConfig from "effect/cluster/ShardingConfig"
import * as Snowflake from "effect/cluster/Snowflake"
import * as SqlMessageStorage from "effect/cluster/SqlMessageStorage"
import * as Digest from "effect/crypto/Digest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "vitest"
import { keptInTables } from "../src/engine/kept.ts"
import { settings, tables } from "../src/engine/layers.ts"
import { engineOptions, live } from "../src/internal/live.ts"
import { sqliteClient } from "../src/internal/sqliteClient.ts"
import type { ClusterImpl } from "../src/internal/cluster.ts"
import type { NewTask } from "../src/internal/store.ts"

const echo = cluster.task("echo", { payload: Schema.Number, success: Schema.Number })
const options = { workers: [echo.worker(Effect.succeed)], drain: 0, patience: 50 }

/** A cluster whose engine has other parts than it should. */
const spoilt = (parts: {
  readonly shards?: (storage: RunnerStorage.RunnerStorage["Service"]) => Partial<RunnerStorage.RunnerStorage["Service"]>
  readonly messages?: Partial<MessageStorage.MessageStorage["Service"]>
}) => {
  const shards = Layer.effect(
    RunnerStorage.RunnerStorage,
    Effect.map(RunnerStorage.makeMemory, (storage) => ({ ...storage, ...parts.shards?.(storage) }))
  )
  const messages = Layer.effect(
    MessageStorage.MessageStorage,
    Effect.map(SqlMessageStorage.make({ prefix: tables }), (storage) => ({ ...storage, ...parts.messages }))
  ).pipe(Layer.provide([Snowflake.layerGenerator, SqlMessageStorage.layerMigrations({ prefix: tables })]))
  const engine = Sharding.layer.pipe(
    Layer.provide(Runners.layerNoop),
    Layer.provideMerge(Layer.merge(messages, keptInTables(tables))),
    Layer.provide([
      shards,
      RunnerHealth.layerNoop,
      Digest.layerWebCrypto,
      ShardingConfig.layer(settings(engineOptions(options)))
    ])
  )
  return live(options, () => ({ name: "cluster:test", id: "test" })).pipe(
    Layer.provide(engine),
    Layer.provide(sqliteClient(new DatabaseSync(":memory:")))
  )
}

/** Until the watchdog has looked again, which makes a new list. A first look may have been under way before. */
const looks = Effect.fnUntraced(function* (count: number) {
  for (let i = 0; i < count; i++) {
    const before = yield* cluster.troubles
    while (before === (yield* cluster.troubles)) yield* asyncio.sleep(20)
  }
})

const untilTrouble = Effect.repeat(Effect.andThen(asyncio.sleep(50), cluster.troubles), {
  until: (troubles) => troubles.length > 0
})

const written = (name: string): NewTask => ({
  name,
  definition: "echo",
  labels: {},
  payload: "7",
  client: "somebody",
  creator: undefined,
  retention: undefined,
  startWithin: undefined
})

const untilSucceeded = (name: string) =>
  Effect.repeat(Effect.andThen(asyncio.sleep(50), cluster.findTask(name)), {
    until: (info) => info?.state === "succeeded"
  })

describe("the watchdog", () => {
  it("has nothing to say where all is well", async () => {
    const main = Effect.gen(function* () {
      yield* Effect.flatten(cluster.createTask(echo, 1))
      yield* looks(2)
      return yield* cluster.troubles
    })

    assert.deepStrictEqual(await asyncio.run(Effect.provide(main, cluster.embedded(options))), [])
  })

  it("tells of shards that nobody holds, though a worker is there", async () => {
    const unheld = spoilt({
      shards: (storage) => ({
        acquire: (address, ids) =>
          storage.acquire(
            address,
            Array.from(ids).filter(({ id }) => id % 2 === 0)
          )
      })
    })

    const [trouble] = await asyncio.run(Effect.provide(untilTrouble, unheld))

    assert.deepInclude(trouble, { kind: "unheld", definition: "echo", count: 16 })
  })

  it("tells of messages that are not read, though a worker has a place", async () => {
    const deaf = spoilt({ messages: { unprocessedMessages: () => Effect.succeed([]) } })
    const main = Effect.andThen(cluster.submit(echo, 1, { name: "unheard" }), untilTrouble)

    const [trouble] = await asyncio.run(Effect.provide(main, deaf))

    assert.deepInclude(trouble, { kind: "stalled", definition: "echo", count: 1 })
    assert.include(trouble?.message, '"unheard"')
  })

  it("tells of workers that have different schemas for one definition", async () => {
    const main = Effect.gen(function* () {
      const { impl } = (yield* cluster.Cluster) as { readonly impl: ClusterImpl }
      const other = { runner: "other", definition: "echo", concurrency: 1, running: 0, held: [], schemas: "0" }
      yield* impl.store.seen(other)
      return yield* untilTrouble
    })

    const [trouble] = await asyncio.run(Effect.provide(main, cluster.embedded(options)))

    assert.deepInclude(trouble, { kind: "schemas", definition: "echo", count: 2 })
  })

  it("has a task begun that its client has written down and never asked for", async () => {
    const main = Effect.gen(function* () {
      const { impl } = (yield* cluster.Cluster) as { readonly impl: ClusterImpl }
      // As if the client had died in between.
      yield* impl.store.create(written("orphan"))
      return yield* untilSucceeded("orphan")
    })

    const info = await asyncio.run(Effect.provide(main, cluster.embedded(options)))

    assert.strictEqual(info?.attempt, 1)
  })

  it("has a task begun again whose worker has died, which waits until then", async () => {
    const main = Effect.gen(function* () {
      const { impl } = (yield* cluster.Cluster) as { readonly impl: ClusterImpl }
      yield* impl.store.create(written("abandoned"))
      yield* impl.store.start("abandoned", "a worker that was killed", "1")
      const before = yield* cluster.findTask("abandoned")
      return [before, yield* untilSucceeded("abandoned")]
    })

    const [before, after] = await asyncio.run(Effect.provide(main, cluster.embedded(options)))

    assert.deepInclude(before, { state: "waiting", attempt: 1, runner: "a worker that was killed" })
    assert.strictEqual(after?.attempt, 2)
  })
})

describe("the file of an embedded cluster", () => {
  it("is missed also by those whose patience is without end", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cluster-file-"))
    const file = join(folder, "tasks.sqlite")
    const main = Effect.gen(function* () {
      rmSync(file)
      return yield* asyncio.timeout("10 seconds", untilTrouble)
    })

    const [trouble] = await asyncio.run(
      Effect.provide(main, cluster.embedded({ ...options, file, patience: "Infinity" }))
    )
    rmSync(folder, { recursive: true, force: true })

    assert.deepInclude(trouble, { kind: "file", count: 1 })
  })

  it("is missed when it is removed, or another one lies there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cluster-file-"))
    const file = join(folder, "tasks.sqlite")
    const main = Effect.gen(function* () {
      yield* Effect.flatten(cluster.createTask(echo, 1))
      const before = yield* cluster.troubles
      rmSync(file)
      const [removed] = yield* untilTrouble
      writeFileSync(file, "")
      yield* looks(2)
      const [replaced] = yield* cluster.troubles
      return [before, removed, replaced]
    })

    const [before, removed, replaced] = await asyncio.run(Effect.provide(main, cluster.embedded({ ...options, file })))
    rmSync(folder, { recursive: true, force: true })

    const trouble = {
      kind: "file",
      definition: "",
      count: 1,
      message: `${file} was removed or replaced: what is written down now is gone with this process`
    }
    assert.deepStrictEqual([before, removed, replaced], [[], trouble, trouble])
  })
})
