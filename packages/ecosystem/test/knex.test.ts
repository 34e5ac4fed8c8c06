import * as asyncio from "@effect-asyncio/compat"
import knex, { type Knex } from "knex"
import { afterAll, assert, describe, it } from "vitest"
import { PostgresActivity, postgresUrl, withoutPostgres } from "./support/postgres.ts"
import { sevenWays } from "./support/sevenWays.ts"
import { stoppedBy } from "./support/stopping.ts"

const name = "knex"
const activity = new PostgresActivity(name)

/** What its clients can do, and the types do not tell. */
interface Client {
  acquireConnection(): Promise<object>
  releaseConnection(connection: object): Promise<void>
  cancelQuery(connection: object): Promise<void>
  readonly pool: { numUsed(): number; numPendingAcquires(): number }
}

const connect = (max: number): Knex =>
  knex({
    client: "pg",
    connection: { connectionString: postgresUrl ?? "", application_name: name },
    pool: { min: 0, max }
  })

describe.skipIf(withoutPostgres !== undefined)("knex", () => {
  let db: Knex
  const client = () => db.client as Client
  afterAll(() => activity.close())

  const setting = {
    open: () => {
      // Those that cancel need a connection too.
      db = connect(22)
      return Promise.resolve()
    },
    close: async () => {
      assert.strictEqual(client().pool.numUsed(), 0, "every connection is back")
      assert.strictEqual(client().pool.numPendingAcquires(), 0, "nobody waits for a connection")
      assert.deepInclude(await activity.summary(), { busy: 0, locks: 0 })
      await db.destroy()
    }
  }

  sevenWays(
    {
      library: "knex",
      operation: "query.connection(...), cancelQuery",
      means: "abortable",
      recipe: "Acquire the connection yourself, and on abort call client.cancelQuery(connection): it ends with 57014."
    },
    {
      ...setting,
      attempt: () => {
        const { begun, stopped, text } = activity.expect()
        const run = async () => {
          const connection = await asyncio.abortable(client().acquireConnection(), {
            discard: (late) => client().releaseConnection(late)
          })
          try {
            return await stoppedBy(
              () => db.raw(text).connection(connection),
              () => client().cancelQuery(connection)
            )
          } finally {
            await client().releaseConnection(connection)
          }
        }
        return { run, begun, stopped }
      }
    }
  )

  sevenWays(
    {
      library: "knex",
      operation: "query.timeout(ms, { cancel: true })",
      means: "abortable",
      recipe: "abortable stops waiting; the query is stopped by its own timeout, at the latest then."
    },
    {
      ...setting,
      // Each lasts until the time is up, which has to be behind the cancellation on a busy machine too.
      rounds: 40,
      attempt: () => {
        const { begun, stopped, text } = activity.expect()
        return { run: () => asyncio.abortable(db.raw(text).timeout(500, { cancel: true })), begun, stopped }
      }
    }
  )

  sevenWays(
    { library: "knex", operation: "knex.transaction(async (trx) => ...)", means: "inside" },
    {
      ...setting,
      attempt: () => {
        const { begun, stopped, text } = activity.expect("select pg_advisory_xact_lock((random() * 1e9)::int)")
        const run = () =>
          db.transaction(async (transaction) => {
            await transaction.raw(text)
            await asyncio.sleep("1 hour")
          })
        return { run, begun, stopped }
      }
    }
  )

  it("the library's own timeout is a failure, and no cancellation", async () => {
    db = connect(2)
    const { text } = activity.expect()
    const seen = await asyncio.run(async () => {
      try {
        await db.raw(text).timeout(20, { cancel: true })
      } catch (error) {
        return [(error as Error).name, asyncio.isCancelled(error)]
      }
      return []
    })
    assert.deepStrictEqual(seen, ["KnexTimeoutError", false])
    await db.destroy()
  })
})
