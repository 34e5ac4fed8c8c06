/**
 * What a client that looks into this process is told of the cluster: rows of the table, read by statements that follow an index and in pages, one after
 * the other. So it takes one of the connections, and of an embedded cluster no more of the program's thread at a time than a page does.
 */
import type * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import { DatabaseError } from "../errors.ts"
import { request } from "../queries.ts"
import type { ClusterImpl } from "./cluster.ts"
import { below, numberOf, view, workers } from "./queries.ts"
import { cancellationOf, infoOf, outcomeOf, type Row } from "./rows.ts"
import type { Store } from "./store.ts"
import type { Outcome } from "./wire.ts"

/** So many tasks are read at a time. */
const mostOfAPage = 1000
/** So many of those that have ended are told. */
const mostEnded = 1000
/** So many names or numbers stand in one statement. */
const mostWanted = 500
/** A database that has not answered for so long does not answer, for a user who looks at a screen. */
const patience = "5 seconds"
/** A row is seen when its transaction commits, which is later than the moment it tells. */
const untilCommitted = 2000
/** An error is told in so many characters. */
const longestError = 500

/** What a cluster is called where processes are looked into, and by what it is known that two processes are in the same one. */
export interface Place {
  readonly name: string
  readonly id: string
}

/** A row, as the client is told of it. */
interface LookedRow extends Row {
  readonly number: unknown
  readonly creator_number: unknown
  readonly asked_at: unknown
}

export const looking = (cluster: ClusterImpl, { id, name }: Place): Effect.Effect<lowlevel.TasksElsewhere> =>
  Effect.map(Semaphore.make(1), (oneAtATime) => {
    const { store } = cluster
    const answer = <A>(question: Effect.Effect<A, SqlError>): Promise<A> =>
      cluster.run(
        question.pipe(
          oneAtATime.withPermits(1),
          Effect.timeout(patience),
          Effect.mapError(
            (cause) => new DatabaseError({ cause: cause._tag === "SqlError" ? cause.message : "it is silent" })
          )
        )
      )
    return {
      name,
      id,
      count: () => answer(count(store)),
      alive: (after) => answer(alive(store, after)),
      news: (since) => answer(news(store, since - untilCommitted)),
      find: (wanted) => answer(find(store, wanted)),
      cancel: async (select, { asker, kind, reason }) => {
        const asked = await answer(selected(store, select))
        // Without a limit of time: a task that is asked in the table is told of it, too.
        const options = kind === undefined ? undefined : { kind: kind as never }
        const by = `${asker} at ${cluster.runner}`
        return cluster.run(
          Effect.filter(asked, (each) => request(cluster, each.name, reason, options, by), { concurrency: 10 })
        )
      }
    }
  })

const some = (
  store: Store,
  now: Fragment,
  what: Fragment
): Effect.Effect<ReadonlyArray<lowlevel.TaskElsewhere>, SqlError> =>
  Effect.map(
    store.sql<LookedRow>`
      ${view(store, now)}
      SELECT *, (SELECT ${numberOf(store)} FROM asyncio_tasks above WHERE above.name = tasks.creator) AS creator_number
      FROM tasks WHERE ${what}`,
    (rows) => rows.map(taskOf)
  )

const taskOf = (row: LookedRow): lowlevel.TaskElsewhere => {
  const { cancellation: asked, createdBy, ...info } = infoOf(row)
  const outcome = outcomeOf(row.outcome)
  const error = errorOf(outcome)
  // Which one it was that has ended it, if it was asked more than once.
  const cancellation = outcome?.state === "cancelled" ? cancellationOf(outcome.cancellation) : asked
  return {
    ...info,
    number: Number(row.number),
    ...(createdBy === undefined
      ? {}
      : {
          createdBy: { name: createdBy, ...(row.creator_number === null ? {} : { number: Number(row.creator_number) }) }
        }),
    ...(cancellation === undefined
      ? {}
      : { cancellation: { ...cancellation, ...(row.asked_at === null ? {} : { askedAt: Number(row.asked_at) }) } }),
    ...(error === undefined ? {} : { error: error.slice(0, longestError) })
  }
}

const errorOf = (outcome: Outcome | undefined): string | undefined => {
  if (outcome?.state !== "failed") return undefined
  return "defect" in outcome ? `${outcome.defect.name}: ${outcome.defect.message}` : JSON.stringify(outcome.error)
}

const count = ({ sql }: Store): Effect.Effect<number, SqlError> =>
  Effect.map(sql<{ n: unknown }>`SELECT COUNT(*) AS n FROM asyncio_tasks WHERE ended_at IS NULL`, ([row]) =>
    Number(row?.n)
  )

/** Milliseconds since 1970 on the clock that all times are on. */
const timeOf = (store: Store, now: Fragment): Effect.Effect<number, SqlError> =>
  Effect.map(store.sql<{ now: unknown }>`SELECT ${now} AS now`, ([row]) => Number(row?.now))

const alive = (store: Store, after: string | undefined) =>
  Effect.gen(function* () {
    const { sql } = store
    const now = yield* store.now
    const slash = after?.indexOf("/") ?? 0
    const behind =
      after === undefined
        ? sql`1 = 1`
        : sql`(created_at, name) > (${Number(after.slice(0, slash))}, ${after.slice(slash + 1)})`
    const tasks = yield* some(
      store,
      now,
      sql`ended_at IS NULL AND ${behind} ORDER BY created_at, name LIMIT ${mostOfAPage}`
    )
    const last = tasks.at(-1)
    const next = tasks.length < mostOfAPage || last === undefined ? undefined : `${last.createdAt}/${last.name}`
    return { now: yield* timeOf(store, now), tasks, next }
  })

const news = (store: Store, since: number) =>
  Effect.gen(function* () {
    const { sql } = store
    const now = yield* store.now
    const created = sql`created_at >= ${since} AND ended_at IS NULL ORDER BY created_at DESC, name DESC LIMIT ${mostOfAPage}`
    const asked = sql`asked_at >= ${since} AND ended_at IS NULL`
    const running = sql`written = 'running' AND ended_at IS NULL`
    const tasks = yield* Effect.forEach([created, asked, running], (what) => some(store, now, what))
    return {
      now: yield* timeOf(store, now),
      count: yield* count(store),
      tasks: tasks.flat(),
      ended: yield* some(store, now, sql`ended_at >= ${since} ORDER BY ended_at DESC LIMIT ${mostEnded}`),
      workers: yield* workers(store)
    }
  })

const find = (store: Store, wanted: Parameters<lowlevel.TasksElsewhere["find"]>[0]) =>
  Effect.gen(function* () {
    const { sql } = store
    const now = yield* store.now
    const all: ReadonlyArray<string | number> = "names" in wanted ? wanted.names : wanted.numbers
    const column = sql("names" in wanted ? "name" : "number")
    const found: Array<lowlevel.TaskElsewhere> = []
    for (let from = 0; from < all.length; from += mostWanted) {
      found.push(...(yield* some(store, now, sql`${column} IN ${sql.in(all.slice(from, from + mostWanted))}`)))
    }
    return { now: yield* timeOf(store, now), tasks: found }
  })

type Named = { readonly number: number; readonly name: string }

/** Those of a selection that have not ended, each once. */
const selected = (store: Store, { labels, tasks = [], trees = [] }: lowlevel.SelectionElsewhere) =>
  Effect.gen(function* () {
    const found = new Map<string, Named>()
    const add = (each: ReadonlyArray<lowlevel.TaskElsewhere>) => {
      for (const { endedAt, name, number } of each) if (endedAt === undefined) found.set(name, { number, name })
    }
    add((yield* find(store, { numbers: tasks })).tasks)
    for (const root of (yield* find(store, { numbers: trees })).tasks) {
      add([root])
      add((yield* find(store, { names: yield* below(store, root.name) })).tasks)
    }
    if (labels !== undefined) {
      let after: string | undefined = undefined
      do {
        const page: Effect.Success<ReturnType<typeof alive>> = yield* alive(store, after)
        add(page.tasks.filter((task) => hasLabels(task, labels)))
        after = page.next
      } while (after !== undefined)
    }
    return [...found.values()]
  })

const hasLabels = (task: lowlevel.TaskElsewhere, labels: { readonly [label: string]: string }): boolean =>
  // A label that a task does not have is not "undefined".
  Object.entries(labels).every(([key, value]) => Object.hasOwn(task.labels, key) && String(task.labels[key]) === value)
