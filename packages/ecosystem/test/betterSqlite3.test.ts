import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { sevenWays } from "./support/sevenWays.ts"

/** What is used of it: it has to be compiled, so that the quick mode has neither it nor its types. */
interface Database {
  readonly inTransaction: boolean
  exec(text: string): void
  prepare(text: string): { run(...values: ReadonlyArray<unknown>): unknown; get(): unknown; all(): unknown }
  transaction(body: () => void): () => void
  close(): void
}

const name = "better-sqlite3"
const loaded = await import(name).then(
  (module: { readonly default: new (path: string) => Database }) => module.default,
  () => undefined
)

const open = (): Database => {
  if (loaded === undefined) throw new Error("better-sqlite3 is not installed")
  const database = new loaded(":memory:")
  database.exec("create table numbers (n integer)")
  return database
}

const countOf = (database: Database): unknown => database.prepare("select count(*) as n from numbers").get()

let shared: Database

sevenWays(
  {
    library: name,
    operation: "statements between awaits",
    means: "inside",
    recipe: "A statement runs to its end: it blocks the thread, and nothing can stop it. Put long ones into a worker."
  },
  {
    skip: loaded === undefined ? "it is not installed" : undefined,
    open: () => {
      shared = open()
      return Promise.resolve()
    },
    close: () => {
      assert.isFalse(shared.inTransaction)
      shared.close()
      return Promise.resolve()
    },
    attempt: () => {
      const begun = Promise.withResolvers<void>()
      const run = async () => {
        for (;;) {
          shared.prepare("select 1 as n").get()
          begun.resolve()
          await asyncio.sleep(1)
        }
      }
      return { run, begun: begun.promise }
    }
  }
)

describe.skipIf(loaded === undefined)("better-sqlite3", () => {
  it("a transaction is never cut: it has begun and ended before a cancellation can come", async () => {
    const database = open()
    await asyncio.run(async () => {
      const insert = database.transaction(() => {
        database.prepare("insert into numbers values (?)").run(1)
        asyncio.currentTask()?.cancel()
        database.prepare("insert into numbers values (?)").run(2)
      })
      const task = asyncio.createTask(async () => {
        insert()
        await asyncio.sleep(0)
        insert()
      })
      await asyncio.wait([task])
      assert.isTrue(task.cancelled())
    })
    assert.deepStrictEqual([countOf(database), database.inTransaction], [{ n: 2 }, false])
    database.close()
  })

  it("a transaction begun by hand that waits is rolled back by its own finally", async () => {
    const database = open()
    await asyncio.run(async () => {
      const task = asyncio.createTask(async () => {
        database.exec("begin")
        try {
          database.prepare("insert into numbers values (?)").run(1)
          await asyncio.sleep("1 hour")
          database.exec("commit")
        } finally {
          if (database.inTransaction) database.exec("rollback")
        }
      })
      await asyncio.sleep(0)
      task.cancel()
      await asyncio.wait([task])
      assert.isTrue(task.cancelled())
    })
    assert.deepStrictEqual([countOf(database), database.inTransaction], [{ n: 0 }, false])
    database.close()
  })
})
