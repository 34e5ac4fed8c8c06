import * as asyncio from "@effect-asyncio/compat"
import { Pool, type PoolClient } from "pg"
import { afterAll, assert, describe, it } from "vitest"
import { PostgresActivity, postgresUrl, withoutPostgres } from "./support/postgres.ts"
import { sevenWays } from "./support/sevenWays.ts"
import { stoppedBy } from "./support/stopping.ts"

const name = "pg"
const activity = new PostgresActivity(name)
const makePool = (max: number) =>
  new Pool({ connectionString: postgresUrl ?? "", application_name: name, max, idleTimeoutMillis: 0 })

let pool = makePool(10)
const skip = withoutPostgres

describe.skipIf(skip !== undefined)("pg", () => {
  afterAll(() => activity.close())

  const open = () => {
    pool = makePool(10)
    return Promise.resolve()
  }
  const close = async () => {
    assert.strictEqual(pool.waitingCount, 0, "nobody waits for a connection")
    assert.strictEqual(pool.idleCount, pool.totalCount, "every connection is back")
    assert.deepInclude(await activity.summary(), { busy: 0, locks: 0 })
    await pool.end()
  }

  sevenWays(
    {
      library: "pg",
      operation: "client.query(text)",
      means: "abortable",
      recipe: "On abort call pg_cancel_backend(client.processID) from another connection: the query ends with 57014."
    },
    {
      open,
      close,
      attempt: () => {
        const { begun, stopped, text } = activity.expect()
        const run = async () => {
          const client = await asyncio.abortable(pool.connect(), { discard: (late) => late.release() })
          try {
            return await stoppedBy(
              () => client.query(text),
              () => activity.cancel(pidOf(client))
            )
          } finally {
            client.release()
          }
        }
        return { run, begun, stopped }
      }
    }
  )

  sevenWays(
    {
      library: "pg",
      operation: "client.query(text) in a transaction",
      means: "abortable",
      recipe: "Roll back in `finally`, as for any error: the connection is free as soon as the query has ended."
    },
    {
      open,
      close,
      attempt: () => {
        const { begun, stopped, text } = activity.expect(
          "select pg_advisory_xact_lock((random() * 1e9)::int), pg_sleep(3600)"
        )
        const run = async () => {
          const client = await asyncio.abortable(pool.connect(), { discard: (late) => late.release() })
          try {
            await client.query("begin")
            await stoppedBy(
              () => client.query(text),
              () => activity.cancel(pidOf(client))
            )
            await client.query("commit")
          } catch (error) {
            await client.query("rollback")
            throw error
          } finally {
            client.release()
          }
        }
        return { run, begun, stopped }
      }
    }
  )

  sevenWays(
    {
      library: "pg",
      operation: "pool.query(text)",
      means: "abortable",
      recipe: "The query goes on, and the pool has its connection back when it ends: use a client where that is long."
    },
    {
      open,
      close,
      // What goes on in the server is waited for, so that there is a connection for the next one.
      rounds: 40,
      attempt: () => {
        const { begun, stopped, text } = activity.expect("select pg_sleep(0.5)")
        return { run: () => asyncio.abortable(pool.query(text)), begun, stopped }
      }
    }
  )

  sevenWays(
    {
      library: "pg",
      operation: "pool.connect() that waits",
      means: "abortable",
      recipe: "Hand back what comes late: abortable(pool.connect(), { discard: (client) => client.release() })."
    },
    {
      open: () => {
        pool = makePool(1)
        return Promise.resolve()
      },
      close,
      atOnce: 1,
      attempt: () => {
        const holder = pool.connect()
        const late = Promise.withResolvers<void>()
        const waits = Promise.withResolvers<void>()
        const discard = (client: PoolClient) => {
          client.release()
          late.resolve()
        }
        const run = async () => {
          const held = await holder
          try {
            const connecting = pool.connect()
            waits.resolve()
            const client = await asyncio.abortable(connecting, { discard })
            client.release()
          } finally {
            held.release()
          }
        }
        return { run, begun: waits.promise, stopped: late.promise }
      }
    }
  )

  it("a query that is cancelled leaves its connection as good as new", async () => {
    pool = makePool(1)
    await asyncio.run(async () => {
      for (let round = 0; round < 20; round++) {
        const { begun, text } = activity.expect()
        const task = asyncio.createTask(async () => {
          const client = await pool.connect()
          try {
            await stoppedBy(
              () => client.query(text),
              () => activity.cancel(pidOf(client))
            )
          } finally {
            client.release()
          }
        })
        await begun
        task.cancel()
        await asyncio.wait([task])
        const { rows } = await pool.query<{ n: number }>("select 1 as n")
        assert.deepStrictEqual(rows, [{ n: 1 }])
      }
    })
    assert.strictEqual(pool.totalCount, 1)
    await pool.end()
  })
})

// The types do not tell of it.
function pidOf(client: PoolClient): number {
  return (client as unknown as { readonly processID: number }).processID
}
