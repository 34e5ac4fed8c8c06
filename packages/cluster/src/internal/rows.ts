/**
 * What a row of the table of tasks says.
 */
import { shards } from "../engine/buckets.ts"
import type { TaskInfo, TaskState } from "../TaskInfo.ts"
import type { Outcome, WireCancellation } from "./wire.ts"

/** As the database gives it: numbers of 64 bits may be texts or bigints. */
export interface Row {
  readonly name: string
  readonly definition: string
  readonly state: TaskState
  readonly labels: string
  readonly attempt: unknown
  readonly created_at: unknown
  readonly started_at: unknown
  readonly ended_at: unknown
  readonly runner: string | null
  readonly client: string
  readonly creator: string | null
  readonly cancel_requests: unknown
  readonly cancellation: string | null
  readonly progress: string | null
  readonly outcome: string | null
  /** Whether a worker that serves the definition was there just now. */
  readonly served: unknown
}

const number = (value: unknown): number => Number(value)
const time = (value: unknown): number | undefined => (value === null ? undefined : Number(value))

/** As programs see it. */
export const infoOf = (row: Row): TaskInfo => ({
  name: row.name,
  definition: row.definition,
  state: row.state,
  served: row.served === true || number(row.served) === 1,
  labels: JSON.parse(row.labels) as TaskInfo["labels"],
  attempt: number(row.attempt),
  createdAt: number(row.created_at),
  startedAt: time(row.started_at),
  endedAt: time(row.ended_at),
  runner: row.runner ?? undefined,
  client: row.client,
  createdBy: row.creator ?? undefined,
  cancelling: number(row.cancel_requests),
  cancellation:
    row.cancellation === null ? undefined : cancellationOf(JSON.parse(row.cancellation) as WireCancellation),
  progress: row.progress === null ? undefined : (JSON.parse(row.progress) as unknown)
})

export const cancellationOf = ({ by, kind, reason }: WireCancellation): NonNullable<TaskInfo["cancellation"]> => ({
  kind,
  reason,
  requestedBy: by
})

/** The shards that a worker holds, one bit for each; they begin with 1. */
export const toMask = (shards: ReadonlyArray<number>): number =>
  shards.reduce((mask, shard) => mask + 2 ** (shard - 1), 0)

export const fromMask = (mask: unknown): ReadonlyArray<number> => {
  const bits = Number(mask)
  return Array.from({ length: shards }, (_, i) => i + 1).filter(
    (shard) => Math.floor(bits / 2 ** (shard - 1)) % 2 === 1
  )
}

export const outcomeOf = (text: string | null): Outcome | undefined =>
  text === null ? undefined : (JSON.parse(text) as Outcome)
