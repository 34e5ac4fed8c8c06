/**
 * Effect's SqlClient over `node:sqlite`: one connection, on which statements run one after the other.
 *
 * There is no `@effect/sql-sqlite-node` for Effect 4.1; when there is one, it takes the place of this file.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Semaphore from "effect/Semaphore"
import * as SqlClient from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import { classifySqliteError, SqlError } from "effect/sql/SqlError"
import * as Statement from "effect/sql/Statement"
import * as Stream from "effect/Stream"
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite"

// So many statements stay prepared; the texts differ by the number of their parameters, so that there is no end to them.
const mostPrepared = 200

class SqliteConnection implements Connection {
  readonly #database: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  get isTransaction(): boolean {
    return this.#database.isTransaction
  }

  execute: Connection["execute"] = (sql, params, transformRows) =>
    Effect.map(this.#rows(sql, params), (rows) => (transformRows === undefined ? rows : transformRows(rows)))

  executeRaw: Connection["executeRaw"] = (sql, params) => this.#rows(sql, params)

  executeUnprepared: Connection["executeUnprepared"] = this.execute

  executeValues: Connection["executeValues"] = (sql, params) =>
    Effect.map(this.#rows(sql, params), (rows) => rows.map((row) => Object.values(row)))

  executeValuesUnprepared: Connection["executeValuesUnprepared"] = this.executeValues

  executeStream: Connection["executeStream"] = (sql, params, transformRows) =>
    Stream.fromIterableEffect(this.execute(sql, params, transformRows))

  #rows(sql: string, params: ReadonlyArray<unknown>): Effect.Effect<ReadonlyArray<Record<string, unknown>>, SqlError> {
    return Effect.try({
      try: () => this.#statement(sql).all(...params.map(toSqlite)) as ReadonlyArray<Record<string, unknown>>,
      catch: (cause) => new SqlError({ reason: classifySqliteError(cause, { message: "a statement failed" }) })
    })
  }

  #statement(sql: string): StatementSync {
    const known = this.#prepared.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(sql)
    if (this.#prepared.size >= mostPrepared) this.#prepared.clear()
    this.#prepared.set(sql, statement)
    // Ids of the engine have 64 bits.
    statement.setReadBigInts(true)
    return statement
  }
}

const toSqlite = (value: unknown): SQLInputValue => {
  if (typeof value === "boolean") return value ? 1 : 0
  if (value === undefined) return null
  return value instanceof Date ? value.toISOString() : (value as SQLInputValue)
}

/** A client of a database that is open, and stays so for as long as the client is used. */
export const sqliteClient = (database: DatabaseSync): Layer.Layer<SqlClient.SqlClient> =>
  Layer.effect(
    SqlClient.SqlClient,
    Effect.gen(function* () {
      const connection = new SqliteConnection(database)
      const acquirers = SqlClient.makeSqliteAcquirers({
        connection: Effect.succeed(connection),
        semaphore: yield* Semaphore.make(1),
        isTransaction: (connection) => connection.isTransaction
      })
      return yield* SqlClient.make({
        ...acquirers,
        compiler: Statement.makeCompilerSqlite(),
        driver: "node:sqlite",
        spanAttributes: [["db.system.name", "sqlite"]],
        prepareTransactionControls: true
      })
    })
  ).pipe(Layer.provide(Reactivity.layer))
