/**
 * Rows out of columns. What tasks have in common is one object in all of their rows.
 */
import type { Column, TaskColumns, TaskRow } from "../protocol.ts"

type Writable<T> = { -readonly [Name in keyof T]: T[Name] }

export const rowsOf = (columns: TaskColumns): Array<TaskRow> => {
  const { names, untils } = columns
  const labels = reader(columns.labels)
  const createdBy = reader(columns.createdBy)
  const createdAt = reader(columns.createdAt)
  const detached = reader(columns.detached)
  const state = reader(columns.state)
  const cancelling = reader(columns.cancelling)
  const cancellation = reader(columns.cancellation)
  const waitingSince = reader(columns.waitingSince)
  const awaiters = reader(columns.awaiters)
  const waits = reader(columns.waits)
  const stack = reader(columns.stack)
  let sleeps = 0
  return columns.ids.map((id, i) => {
    const row: Writable<TaskRow> = {
      id,
      name: names[i]!,
      labels: labels(i),
      createdAt: createdAt(i),
      detached: detached(i),
      state: state(i),
      cancelling: cancelling(i),
      awaiters: awaiters(i),
      waits: waits(i),
      stack: stack(i)
    }
    if (row.waits.some(({ kind }) => kind === "sleep")) {
      row.waits = row.waits.map((each) => (each.kind === "sleep" ? { ...each, until: untils[sleeps++]! } : each))
    }
    const by = createdBy(i)
    if (by !== null) row.createdBy = by
    const why = cancellation(i)
    if (why !== null) row.cancellation = why
    const since = waitingSince(i)
    if (since !== null) row.waitingSince = since
    return row
  })
}

const reader = <T>({ at, values }: Column<T>): ((i: number) => T) => {
  if (at !== undefined) return (i) => values[at[i]!]!
  const [only] = values
  return () => only!
}
