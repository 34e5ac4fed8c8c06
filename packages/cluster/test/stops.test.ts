import * as cluster from "@effect-asyncio/cluster"
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "vitest"
import { messagesInTables, single } from "../src/engine/layers.ts"
import { engineOptions, live } from "../src/internal/live.ts"
import { sqliteClient } from "../src/internal/sqliteClient.ts"

const expiry = 700
const work = cluster.task("work")
const options = { workers: [work.worker(() => Effect.void)] }

/** One of several workers, as it believes. */
const worker = () =>
  live(options, () => ({ name: "cluster:test", id: "test" }), expiry).pipe(
    Layer.provide(single(engineOptions(options), messagesInTables)),
    Layer.provide(sqliteClient(new DatabaseSync(":memory:")))
  )

/** A task that was cancelled while another worker had it, which is then found by this one; and how it ends. */
const takenOver = (state: "running" | "waiting", another: { readonly isSeen: boolean }) =>
  Effect.gen(function* () {
    const { impl } = yield* cluster.Cluster
    const { sql } = impl.store
    const seenAt = Date.now()
    if (another.isSeen) {
      yield* sql`
        INSERT INTO asyncio_workers (runner, definition, concurrency, running, held, schemas, started_at, seen_at)
        VALUES ('another', 'work', 1, 1, 0, '', ${seenAt}, ${seenAt})`
    }
    const cancellation = JSON.stringify({ kind: "requested", reason: "enough", by: "somebody" })
    yield* sql`
      INSERT INTO asyncio_tasks
        (name, definition, state, labels, payload, attempt, created_at, client, cancel_requests, cancellation, runner)
      VALUES ('taken over', 'work', ${state}, '{}', 'null', 1, 0, '', 1, ${cancellation}, 'another')`
    yield* impl.engine.submit({ definition: "work", name: "taken over" })
    const info = yield* Effect.repeat(Effect.delay(cluster.findTask("taken over"), 20), {
      until: (info) => info?.endedAt !== undefined
    })
    return { ...info, after: info!.endedAt! - seenAt }
  })

const run = <A, E>(program: Effect.Effect<A, E, cluster.Cluster>) => asyncio.run(Effect.provide(program, worker()))

describe("a task that was cancelled, and whose worker is cut off", () => {
  it("is told to have stopped when that worker has had the time to stop it", async () => {
    const { after, attempt, runner, state } = await run(takenOver("running", { isSeen: true }))

    assert.deepStrictEqual([state, attempt, runner], ["cancelled", 2, "another"])
    assert.isAtLeast(after, expiry)
  })

  it("has stopped where the worker is long gone, or has given it back", async () => {
    const gone = await run(takenOver("running", { isSeen: false }))
    const givenBack = await run(takenOver("waiting", { isSeen: true }))

    assert.deepStrictEqual([gone.state, givenBack.state], ["cancelled", "cancelled"])
  })
})
