/**
 * Questions to the table of tasks.
 */
import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import type { DefinitionCounts, TaskInfo, TaskPage, TaskQuery, TaskState, WorkerInfo } from "../TaskInfo.ts"
import { fromMask, infoOf, outcomeOf, type Row } from "./rows.ts"
import type { Store } from "./store.ts"
import type { Outcome } from "./wire.ts"

const mostOfAPage = 1000

/** The workers that are there, and the tasks with the state that is true of them: what a dead worker ran waits again. */
export const view = (store: Store, now: Fragment): Fragment => {
  const { silence, sql } = store
  return sql`
  WITH live AS (SELECT * FROM asyncio_workers WHERE seen_at >= ${now} - ${silence}),
  tasks AS (
    SELECT name, definition, labels, attempt, created_at, started_at, ended_at, runner, client, creator, cancel_requests,
      cancellation, progress, outcome, asked_at, ${numberOf(store)} AS number, state AS written,
      CASE WHEN state = 'running' AND runner NOT IN (SELECT runner FROM live) THEN 'waiting' ELSE state END AS state,
      CASE WHEN definition IN (SELECT definition FROM live) THEN 1 ELSE 0 END AS served
    FROM asyncio_tasks
  )`
}

/** The number of a task: those of SQLite are those of its rows. */
export const numberOf = ({ sql }: Store): Fragment =>
  sql.literal(sql.onDialectOrElse({ pg: () => "number", orElse: () => "rowid" }))

/** A page of the tasks that fit. */
export const page = (store: Store, query: TaskQuery): Effect.Effect<TaskPage, SqlError> =>
  Effect.flatMap(store.now, (now) => {
    const { sql } = store
    const limit = Math.min(query.limit ?? 100, mostOfAPage)
    const where = sql.and(["1 = 1", ...conditions(store, query)])
    return Effect.map(
      sql<Row>`${view(store, now)} SELECT * FROM tasks WHERE ${where} ORDER BY created_at, name LIMIT ${limit + 1}`,
      (rows) => {
        const shown = rows.slice(0, limit)
        const last = shown.at(-1)
        return {
          tasks: shown.map(infoOf),
          next: rows.length > limit && last !== undefined ? `${Number(last.created_at)}/${last.name}` : undefined
        }
      }
    )
  })

const conditions = ({ sql }: Store, query: TaskQuery): ReadonlyArray<Fragment> => {
  const found: Array<Fragment> = []
  const { after, definition, labels, name, state } = query
  if (name !== undefined) {
    found.push(name.endsWith("*") ? beginsWith(sql, name.slice(0, -1)) : sql`name = ${name}`)
  }
  if (definition !== undefined) found.push(sql`definition = ${definition}`)
  if (state !== undefined) {
    const states = typeof state === "string" ? [state] : state
    found.push(sql`state IN ${sql.in(states)}`)
    // Most rows are of tasks that have ended: an index leads past them.
    if (states.every((each) => each === "waiting" || each === "running")) found.push(sql`ended_at IS NULL`)
  }
  for (const [label, value] of Object.entries(labels ?? {})) {
    found.push(
      sql.onDialectOrElse({
        pg: () => sql`labels::jsonb @> ${JSON.stringify({ [label]: value })}::jsonb`,
        // A path in quotes, so that a label is never read as a path of its own; and as JSON, in which true is not 1.
        orElse: () => sql`labels -> ${`$.${JSON.stringify(label)}`} = ${JSON.stringify(value)}`
      })
    )
  }
  if (after !== undefined) {
    const slash = after.indexOf("/")
    found.push(sql`(created_at, name) > (${Number(after.slice(0, slash))}, ${after.slice(slash + 1)})`)
  }
  return found
}

/** LIKE of SQLite takes small letters for capital ones. */
const beginsWith = (sql: Store["sql"], start: string): Fragment =>
  sql.onDialectOrElse({
    pg: () => sql`name LIKE ${`${start.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`} ESCAPE ${"\\"}`,
    orElse: () => sql`substr(name, 1, length(${start})) = ${start}`
  })

/** What is known of a task, and how it has ended. */
export const look = (
  store: Store,
  names: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<{ readonly info: TaskInfo; readonly outcome: Outcome | undefined }>, SqlError> =>
  Effect.flatMap(store.now, (now) =>
    Effect.map(store.sql<Row>`${view(store, now)} SELECT * FROM tasks WHERE name IN ${store.sql.in(names)}`, (rows) =>
      rows.map((row) => ({ info: infoOf(row), outcome: outcomeOf(row.outcome) }))
    )
  )

/** The names of the tasks that a task has created, in any depth, that have not ended. */
export const below = (store: Store, name: string): Effect.Effect<ReadonlyArray<string>, SqlError> =>
  Effect.map(
    store.sql<{ name: string }>`
      WITH RECURSIVE tree (name) AS (
        SELECT name FROM asyncio_tasks WHERE creator = ${name}
        UNION
        SELECT t.name FROM asyncio_tasks t JOIN tree ON t.creator = tree.name
      )
      SELECT name FROM asyncio_tasks WHERE ended_at IS NULL AND name IN (SELECT name FROM tree) ORDER BY created_at, name`,
    (rows) => rows.map((row) => row.name)
  )

/** The tasks whose time to begin is over, and which have not begun. */
export const unstarted = (store: Store, limit: number): Effect.Effect<ReadonlyArray<Overdue>, SqlError> =>
  Effect.flatMap(
    store.now,
    (now) => store.sql<Overdue>`
      SELECT name, definition FROM asyncio_tasks
      WHERE start_by <= ${now} AND ended_at IS NULL AND state = 'waiting' AND attempt = 0 LIMIT ${limit}`
  )

/** A task that should have begun. */
export interface Overdue {
  readonly name: string
  readonly definition: string
}

/** The tasks that have waited for longer than `millis`, the oldest first. */
export const overdue = (store: Store, millis: number, limit: number): Effect.Effect<ReadonlyArray<Overdue>, SqlError> =>
  Effect.flatMap(
    store.now,
    (now) => store.sql<Overdue>`
      ${view(store, now)}
      SELECT name, definition FROM tasks
      WHERE ended_at IS NULL AND state = 'waiting' AND served = 1 AND created_at < ${now} - ${millis}
      ORDER BY created_at, name LIMIT ${limit}`
  )

interface WorkerRow {
  readonly runner: string
  readonly definition: string
  readonly concurrency: unknown
  readonly running: unknown
  readonly held: unknown
  readonly schemas: string
  readonly started_at: unknown
}

export const workers = (store: Store): Effect.Effect<ReadonlyArray<WorkerInfo>, SqlError> =>
  Effect.flatMap(store.now, (now) =>
    Effect.map(
      store.sql<WorkerRow>`${view(store, now)} SELECT * FROM live ORDER BY definition, started_at, runner`,
      (rows) =>
        rows.map(({ concurrency, definition, held, runner, running, schemas, started_at }) => ({
          runner,
          definition,
          concurrency: Number(concurrency),
          running: Number(running),
          held: fromMask(held),
          startedAt: Number(started_at),
          schemas
        }))
    )
  )

export const counts = (store: Store): Effect.Effect<ReadonlyArray<DefinitionCounts>, SqlError> =>
  Effect.gen(function* () {
    const now = yield* store.now
    const rows = yield* store.sql<{ definition: string; state: TaskState; n: unknown }>`
      ${view(store, now)} SELECT definition, state, COUNT(*) AS n FROM tasks GROUP BY definition, state`
    const there = yield* workers(store)
    const names = new Set([...rows.map((row) => row.definition), ...there.map((worker) => worker.definition)])
    return [...names].sort().map((definition) => {
      const none = { waiting: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 }
      const states = rows.filter((row) => row.definition === definition).map((row) => [row.state, Number(row.n)])
      return {
        definition,
        ...none,
        ...(Object.fromEntries(states) as Partial<typeof none>),
        workers: there.filter((worker) => worker.definition === definition)
      }
    })
  })
