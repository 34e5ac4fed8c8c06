/**
 * The table of tasks: what is true of each, for all processes.
 *
 *     waiting ──start──▶ running ──end──▶ succeeded, failed, cancelled ──retention──▶ (deleted)
 *        │ ▲                │
 *        │ └─────release────┘   its worker drains; a worker that has died leaves `running`, which reads as waiting
 *        └──cancel──▶ cancelled
 *
 * Each arrow is one statement that changes nothing where the row is elsewhere by then. So a cancel and a start that meet have one winner, and an
 * attempt that goes on while another has begun cannot end the task.
 */
import type * as asyncio from "@effect-asyncio/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import type { Write } from "./batches.ts"
import type { Outcome, WireCancellation } from "./wire.ts"
import { outcomeOf, toMask } from "./rows.ts"

/** What a task is created with. */
export interface NewTask {
  readonly name: string
  readonly definition: string
  readonly labels: asyncio.Labels
  /** JSON. */
  readonly payload: string
  readonly client: string
  readonly creator: string | undefined
  /** How long it is kept once it has ended, in milliseconds; undefined for good. */
  readonly retention: number | undefined
  /** In how many milliseconds it has to begin; undefined where that may take as long as it takes. */
  readonly startWithin: number | undefined
}

/** What a worker has to know of an attempt that it begins. */
export interface Started {
  readonly attempt: number
  readonly payload: string
  readonly labels: asyncio.Labels
  readonly createdAt: number
  /** The task of the cluster that has created it. */
  readonly creator: string | undefined
  /** What was asked for before this attempt began. */
  readonly cancellation: WireCancellation | undefined
  /** The process that may still run the attempt before, of a task that was cancelled: it has not given it back. */
  readonly before: string | undefined
}

/** How a task that cannot be started has ended; undefined where there is no such task. */
export interface NotStarted {
  readonly outcome: Outcome | undefined
}

/** Milliseconds for which a task is kept at least, where the clients that wait for it are told by way of the database. */
const untold = 5000

type Failing<A> = Effect.Effect<A, SqlError>

export class Store {
  readonly sql: SqlClient.SqlClient
  /** Milliseconds without a word after which a worker counts as gone. */
  readonly silence: number
  readonly #write: Write

  constructor(sql: SqlClient.SqlClient, silence: number, write: Write) {
    this.sql = sql.withoutTransforms()
    this.silence = silence
    this.#write = write
  }

  /** Now: on the database's clock where several machines share it, and on the loop's where one process has it for itself. */
  get now(): Effect.Effect<Fragment> {
    const { sql } = this
    return sql.onDialectOrElse({
      pg: () => Effect.succeed<Fragment>(sql.literal("CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)")),
      // As a parameter: statements whose texts differ are prepared anew.
      orElse: () => Effect.map(Clock.currentTimeMillis, (millis): Fragment => sql`${Math.round(millis)}`)
    })
  }

  /** False where there is one of this name. */
  create(task: NewTask): Failing<boolean> {
    const { sql } = this
    const startWithin = task.startWithin === undefined ? null : Math.ceil(task.startWithin)
    return Effect.flatMap(this.now, (now) =>
      Effect.map(
        this.#write(sql`
          INSERT INTO asyncio_tasks
            (name, definition, state, labels, payload, attempt, created_at, retention, client, creator, cancel_requests, start_by)
          VALUES (${task.name}, ${task.definition}, 'waiting', ${JSON.stringify(task.labels)}, ${task.payload}, 0, ${now},
            ${task.retention ?? null}, ${task.client}, ${task.creator ?? null}, 0, ${now} + ${startWithin})
          ON CONFLICT (name) DO NOTHING
          RETURNING name`),
        (rows) => rows.length > 0
      )
    )
  }

  /** The definition of the task of this name, and how it has ended. */
  find(name: string): Failing<{ readonly definition: string; readonly outcome: Outcome | undefined } | undefined> {
    const { sql } = this
    return Effect.map(
      sql<{
        definition: string
        outcome: string | null
      }>`SELECT definition, outcome FROM asyncio_tasks WHERE name = ${name}`,
      ([row]) => row && { definition: row.definition, outcome: outcomeOf(row.outcome) }
    )
  }

  /** Begins an attempt, or ends a task whose time to begin is over. One of a task that was cancelled is only counted: `runner` and `state` go on saying which worker had the task before. */
  start(name: string, runner: string, requestId: string): Failing<Started | NotStarted> {
    const { sql } = this
    return Effect.flatMap(this.now, (now) =>
      Effect.flatMap(
        this.#write(sql<{
          attempt: unknown
          payload: string
          labels: string
          created_at: unknown
          creator: string | null
          cancellation: string | null
          state: string
          runner: string | null
        }>`
          UPDATE asyncio_tasks
          SET attempt = attempt + 1, started_at = ${now}, request_id = ${requestId},
            state = CASE WHEN cancellation IS NULL THEN 'running' ELSE state END,
            runner = CASE WHEN cancellation IS NULL THEN ${runner} ELSE runner END
          WHERE name = ${name} AND ended_at IS NULL AND (attempt > 0 OR start_by IS NULL OR start_by > ${now})
          RETURNING attempt, payload, labels, created_at, creator, cancellation, state, runner`),
        ([row]): Failing<Started | NotStarted> =>
          row === undefined
            ? this.#notStarted(name, runner, requestId)
            : Effect.succeed({
                attempt: Number(row.attempt),
                payload: row.payload,
                labels: JSON.parse(row.labels) as asyncio.Labels,
                createdAt: Number(row.created_at),
                creator: row.creator ?? undefined,
                before:
                  row.runner === null || row.runner === runner || row.state !== "running" ? undefined : row.runner,
                cancellation: row.cancellation === null ? undefined : (JSON.parse(row.cancellation) as WireCancellation)
              })
      )
    )
  }

  #notStarted(name: string, runner: string, requestId: string): Failing<Started | NotStarted> {
    return Effect.flatMap(this.find(name), (found) =>
      found === undefined || found.outcome !== undefined
        ? Effect.succeed({ outcome: found?.outcome })
        : Effect.flatMap(this.endUnstarted(name, runner, true), (outcome) =>
            // Another process has ended it just now, or begun it.
            outcome === undefined ? this.start(name, runner, requestId) : Effect.succeed({ outcome })
          )
    )
  }

  /** False where this attempt is not the task's any more, or the task has ended. */
  end(name: string, attempt: number, outcome: Outcome): Failing<boolean> {
    const { sql } = this
    return Effect.flatMap(this.now, (now) =>
      Effect.map(
        this.#write(sql`
          UPDATE asyncio_tasks
          SET state = ${outcome.state}, outcome = ${JSON.stringify(outcome)}, ended_at = ${now}, expires_at = ${now} + retention
          WHERE name = ${name} AND attempt = ${attempt} AND ended_at IS NULL
          RETURNING name`),
        (rows) => rows.length > 0
      )
    )
  }

  /** Gives a task back that a worker does not get to the end of. */
  release(name: string, attempt: number): Failing<void> {
    const { sql } = this
    return Effect.asVoid(
      sql`UPDATE asyncio_tasks SET state = 'waiting' WHERE name = ${name} AND attempt = ${attempt} AND ended_at IS NULL`
    )
  }

  /** Notes a request. One that waits has ended with it; of the others the worker has to be told. */
  cancel(
    name: string,
    cancellation: WireCancellation
  ): Failing<{ readonly definition: string; readonly ended: boolean } | undefined> {
    const { sql } = this
    const outcome: Outcome = { state: "cancelled", cancellation }
    return Effect.flatMap(this.now, (now) =>
      Effect.map(
        sql<{ definition: string; state: string }>`
          UPDATE asyncio_tasks
          SET cancel_requests = cancel_requests + 1, cancellation = ${JSON.stringify(cancellation)}, asked_at = ${now},
            outcome = CASE WHEN state = 'waiting' THEN ${JSON.stringify(outcome)} ELSE outcome END,
            ended_at = CASE WHEN state = 'waiting' THEN ${now} ELSE ended_at END,
            expires_at = CASE WHEN state = 'waiting' THEN ${now} + retention ELSE expires_at END,
            state = CASE WHEN state = 'waiting' THEN 'cancelled' ELSE state END
          WHERE name = ${name} AND ended_at IS NULL
          RETURNING definition, state`,
        ([row]) => row && { definition: row.definition, ended: row.state === "cancelled" }
      )
    )
  }

  /** Notes that requests were withdrawn of a task that runs: of one without any a next attempt begins. */
  withdraw(name: string, count: number): Failing<{ readonly definition: string } | undefined> {
    const { sql } = this
    return Effect.map(
      sql<{ definition: string }>`
        UPDATE asyncio_tasks
        SET cancel_requests = CASE WHEN cancel_requests > ${count} THEN cancel_requests - ${count} ELSE 0 END,
          cancellation = CASE WHEN cancel_requests > ${count} THEN cancellation ELSE NULL END,
          asked_at = CASE WHEN cancel_requests > ${count} THEN asked_at ELSE NULL END
        WHERE name = ${name} AND state = 'running' AND ended_at IS NULL AND cancel_requests > 0
        RETURNING definition`,
      ([row]) => row
    )
  }

  /** Ends a task that has not begun in time, whether it is `served` or not; undefined where it has. */
  endUnstarted(name: string, by: string, served: boolean): Failing<Outcome | undefined> {
    const { sql } = this
    const cancellation: WireCancellation = { kind: "timeout", reason: "it did not begin in time", by }
    const outcome: Outcome = { state: "cancelled", cancellation, unstarted: { served } }
    return Effect.flatMap(this.now, (now) =>
      Effect.map(
        sql`
          UPDATE asyncio_tasks
          SET state = 'cancelled', cancel_requests = cancel_requests + 1, cancellation = ${JSON.stringify(cancellation)},
            asked_at = ${now}, outcome = ${JSON.stringify(outcome)}, ended_at = ${now}, expires_at = ${now} + retention
          WHERE name = ${name} AND state = 'waiting' AND attempt = 0
          RETURNING name`,
        (rows) => (rows.length > 0 ? outcome : undefined)
      )
    )
  }

  /** Ends a task that the engine does not run. */
  fail(name: string, outcome: Outcome): Failing<void> {
    const { sql } = this
    return Effect.flatMap(this.now, (now) =>
      Effect.asVoid(sql`
        UPDATE asyncio_tasks
        SET state = ${outcome.state}, outcome = ${JSON.stringify(outcome)}, ended_at = ${now}, expires_at = ${now} + retention
        WHERE name = ${name} AND ended_at IS NULL`)
    )
  }

  report(name: string, attempt: number, progress: string): Failing<void> {
    const { sql } = this
    return Effect.asVoid(
      sql`UPDATE asyncio_tasks SET progress = ${progress} WHERE name = ${name} AND attempt = ${attempt}`
    )
  }

  /** The tasks whose time is over, with what the engine knows them by. Among several processes the clients that wait have to be told first, which takes the engine a moment. */
  expired(
    limit: number
  ): Failing<
    ReadonlyArray<{ readonly name: string; readonly definition: string; readonly request_id: string | null }>
  > {
    const { sql } = this
    return Effect.flatMap(this.now, (now) => {
      const isTold = sql.onDialectOrElse({ pg: () => sql`AND ended_at <= ${now} - ${untold}`, orElse: () => sql`` })
      return sql`SELECT name, definition, request_id FROM asyncio_tasks WHERE expires_at <= ${now} ${isTold} LIMIT ${limit}`
    }) as never
  }

  remove(names: ReadonlyArray<string>): Failing<void> {
    const { sql } = this
    return Effect.asVoid(sql`DELETE FROM asyncio_tasks WHERE name IN ${sql.in(names)} AND ended_at IS NOT NULL`)
  }

  /** Says that a worker is there. */
  seen(worker: {
    readonly runner: string
    readonly definition: string
    readonly concurrency: number
    readonly running: number
    /** The shards that it holds. */
    readonly held: ReadonlyArray<number>
    readonly schemas: string
  }): Failing<void> {
    const { sql } = this
    const held = toMask(worker.held)
    return Effect.flatMap(this.now, (now) =>
      Effect.asVoid(sql`
        INSERT INTO asyncio_workers (runner, definition, concurrency, running, held, schemas, started_at, seen_at)
        VALUES (${worker.runner}, ${worker.definition}, ${worker.concurrency}, ${worker.running}, ${held}, ${worker.schemas},
          ${now}, ${now})
        ON CONFLICT (runner, definition) DO UPDATE
        SET concurrency = ${worker.concurrency}, running = ${worker.running}, held = ${held}, seen_at = ${now}`)
    )
  }

  /** Whether a worker has said nothing for so long, in milliseconds. */
  isSilent(runner: string, millis: number): Failing<boolean> {
    const { sql } = this
    return Effect.flatMap(this.now, (now) =>
      Effect.map(
        sql`SELECT 1 AS there FROM asyncio_workers WHERE runner = ${runner} AND seen_at > ${now} - ${millis}`,
        (rows) => rows.length === 0
      )
    )
  }

  gone(runner: string): Failing<void> {
    const { sql } = this
    return Effect.asVoid(sql`DELETE FROM asyncio_workers WHERE runner = ${runner}`)
  }

  /** Forgets all workers: those of a file are gone when it is opened, no matter when they were seen by the clock. */
  forgetWorkers(): Failing<void> {
    const { sql } = this
    return Effect.asVoid(sql`DELETE FROM asyncio_workers`)
  }

  /** Forgets workers that have been silent for long. */
  forgetSilent(): Failing<void> {
    const { sql } = this
    return Effect.flatMap(this.now, (now) =>
      Effect.asVoid(sql`DELETE FROM asyncio_workers WHERE seen_at < ${now} - ${this.silence * 10}`)
    )
  }
}
