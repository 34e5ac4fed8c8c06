import * as asyncio from "@effect-asyncio/compat"
import postgres from "postgres"
import { afterAll, assert, describe } from "vitest"
import { PostgresActivity, postgresUrl, withoutPostgres } from "./support/postgres.ts"
import { sevenWays } from "./support/sevenWays.ts"
import { stoppedBy } from "./support/stopping.ts"

const name = "postgres.js"
const activity = new PostgresActivity(name)
const connect = () =>
  postgres(postgresUrl ?? "", { max: 10, connection: { application_name: name }, onnotice: () => {} })
let sql = connect()

/**
 * Runs queries on a connection that nobody else gets before their cancellation is through. The server answers a request to cancel
 * before it has passed it on to who runs the query: one that comes late hits whatever runs there next, here a query that is made for it.
 */
const onReserved = async <A>(use: (reserved: postgres.ReservedSql) => PromiseLike<A>): Promise<A> => {
  const reserved = await asyncio.abortable(sql.reserve(), { discard: (late) => late.release() })
  try {
    return await use(reserved)
  } catch (error) {
    await reserved.unsafe("select pg_sleep(0.005)").catch(() => {})
    throw error
  } finally {
    reserved.release()
  }
}

describe.skipIf(withoutPostgres !== undefined)("postgres.js", () => {
  afterAll(() => activity.close())

  const setting = {
    open: () => {
      sql = connect()
      return Promise.resolve()
    },
    close: async () => {
      // Every connection that there may be, for oneself: one that was lost would be missing here.
      const reserved = await Promise.all(Array.from({ length: 10 }, () => sql.reserve()))
      for (const each of reserved) each.release()
      assert.deepInclude(await activity.summary(), { busy: 0, locks: 0 })
      await sql.end()
    }
  }

  sevenWays(
    {
      library: "postgres.js",
      operation: "sql`...`, query.cancel() on abort",
      means: "abortable",
      recipe:
        "On a connection of its own, sql.reserve(); behind a cancelled query a short one, `select pg_sleep(0.005)`, before it is released: a cancellation that comes late hits whatever runs there next. signal.throwIfAborted() before it: cancelled before it began, it loses a connection."
    },
    {
      ...setting,
      attempt: () => {
        const { begun, stopped, text } = activity.expect()
        const run = () =>
          onReserved((reserved) => {
            const query = reserved.unsafe(text)
            return stoppedBy(
              () => query,
              () => query.cancel()
            )
          })
        return { run, begun, stopped }
      }
    }
  )

  sevenWays(
    {
      library: "postgres.js",
      operation: "abortable(query, { onCancel })",
      means: "abortable",
      recipe: "On a connection of sql.reserve(), as the one above."
    },
    {
      ...setting,
      attempt: () => {
        const { begun, stopped, text } = activity.expect()
        const run = () =>
          onReserved((reserved) => {
            const query = reserved.unsafe(text)
            return asyncio.abortable(query, { onCancel: () => query.cancel() })
          })
        return { run, begun, stopped }
      }
    }
  )

  sevenWays(
    { library: "postgres.js", operation: "sql.begin(async (sql) => ...)", means: "inside" },
    {
      ...setting,
      attempt: () => {
        const { begun, stopped, text } = activity.expect("select pg_advisory_xact_lock((random() * 1e9)::int)")
        const run = () =>
          sql.begin(async (transaction) => {
            await transaction.unsafe(text)
            await asyncio.sleep("1 hour")
          })
        return { run, begun, stopped }
      }
    }
  )
})
