/**
 * The tables of this package, made and brought up to date when a process starts.
 *
 * `asyncio_tasks` says what is true of a task. The engine's tables say only that somebody has yet to be told: what is in them of a task that has
 * ended, or that is not in this table, has no meaning.
 */
import * as Effect from "effect/Effect"
import * as Migrator from "effect/sql/Migrator"
import * as SqlClient from "effect/sql/SqlClient"

const createTables = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    CREATE TABLE asyncio_tasks (
      name VARCHAR(200) PRIMARY KEY,
      definition VARCHAR(40) NOT NULL,
      state VARCHAR(10) NOT NULL,
      labels TEXT NOT NULL,
      payload TEXT NOT NULL,
      attempt INTEGER NOT NULL,
      created_at BIGINT NOT NULL,
      started_at BIGINT,
      ended_at BIGINT,
      expires_at BIGINT,
      retention BIGINT,
      runner VARCHAR(255),
      client VARCHAR(255) NOT NULL,
      creator VARCHAR(200),
      cancel_requests INTEGER NOT NULL,
      cancellation TEXT,
      progress TEXT,
      outcome TEXT,
      request_id VARCHAR(20)
    )`
  // Partial ones, where few rows are asked for: every write of a task keeps all of its indexes.
  yield* sql`CREATE INDEX asyncio_tasks_order ON asyncio_tasks (created_at, name)`
  yield* sql`CREATE INDEX asyncio_tasks_state ON asyncio_tasks (state, definition) WHERE ended_at IS NULL`
  yield* sql`CREATE INDEX asyncio_tasks_expiry ON asyncio_tasks (expires_at) WHERE expires_at IS NOT NULL`
  yield* sql`CREATE INDEX asyncio_tasks_creator ON asyncio_tasks (creator) WHERE creator IS NOT NULL`
  yield* sql`
    CREATE TABLE asyncio_workers (
      runner VARCHAR(255) NOT NULL,
      definition VARCHAR(40) NOT NULL,
      concurrency INTEGER NOT NULL,
      running INTEGER NOT NULL,
      held BIGINT NOT NULL,
      schemas VARCHAR(64) NOT NULL,
      started_at BIGINT NOT NULL,
      seen_at BIGINT NOT NULL,
      PRIMARY KEY (runner, definition)
    )`
})

/** Runs what has not run yet; processes that start at the same time wait for each other. */
export const migrate: Effect.Effect<void, never, SqlClient.SqlClient> = Migrator.make({})({
  loader: Migrator.fromRecord({ "0001_create_tables": createTables }),
  table: "asyncio_migrations"
}).pipe(Effect.asVoid, Effect.orDie)
