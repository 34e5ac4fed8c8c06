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
 * Runs queries on a connection that nobody else gets before their cancellation is through. `query.cancel()` does not tell when that is,
 * and asks the server to cancel twice: the second time may hit whoever has the connection next.
 */
const onReserved = async <A>(use: (reserved: postgres.ReservedSql, cancel: () => Promise<void>) => PromiseLike<A>) => {
  const reserved = await asyncio.abortable(sql.reserve(), { discard: (late) => late.release() })
  try {
    const [row] = await reserved<Array<{ readonly pid: number }>>`select pg_backend_pid() as pid`
    return await use(reserved, () => activity.cancel(row?.pid ?? null))
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
      operation: "reserved`...`, pg_cancel_backend on abort",
      means: "abortable",
      recipe:
        "On a connection of sql.reserve(), by pg_cancel_backend(pid) on another one: it ends with 57014. query.cancel() does not say when it is through, and may hit the next query."
    },
    {
      ...setting,
      attempt: () => {
        const { begun, stopped, text } = activity.expect()
        const run = () => onReserved((reserved, cancel) => stoppedBy(() => reserved.unsafe(text), cancel))
        return { run, begun, stopped }
      }
    }
  )

  sevenWays(
    {
      library: "postgres.js",
      operation: "abortable(query, { onCancel })",
      means: "abortable",
      recipe: "On a connection of sql.reserve(); onCancel is pg_cancel_backend(pid) on another one."
    },
    {
      ...setting,
      attempt: () => {
        const { begun, stopped, text } = activity.expect()
        const run = () =>
          onReserved((reserved, cancel) => asyncio.abortable(reserved.unsafe(text), { onCancel: cancel }))
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
