/**
 * The rows that a process tells its tasks, locks and loops in, as far as they may be trusted.
 */
import type {
  AwaitRow,
  CancellationRow,
  Column,
  EndedRow,
  LoopRow,
  ObjectRow,
  Ref,
  RemoteRow,
  TaskColumns,
  TaskRow
} from "../protocol.ts"
import { count, flag, listOf, number, objectOf, oneOf, orNull, recordOf, refuse, type Shape, text } from "./shapes.ts"

/** More than this is no stack: no program calls so deep. */
const deepestStack = 10_000

/** A moment that may never come: JSON has no infinity, and writes it as null. */
export const moment: Shape<number> = (value, at) => (value === null ? Infinity : number(value, at))

export const ref: Shape<Ref> = objectOf({ name: text }, { id: count })

const label: Shape<string | number | boolean> = (value, at) => {
  if (typeof value === "boolean") return value
  return typeof value === "number" ? number(value, at) : text(value, at)
}

export const labels = recordOf(label)

export const cancellation: Shape<CancellationRow> = objectOf(
  { kind: text },
  { reason: text, requestedBy: ref, askedAt: number }
)

export const awaitRow: Shape<AwaitRow> = objectOf(
  { kind: oneOf("iteration", "gather", "group", "wait", "thread", "promise", "sleep", "task", "object", "future") },
  { until: moment, task: count, object: count, text, operation: text }
)

const frame = objectOf({ name: text }, { location: text, definedAt: text })

const fieldsOfTask = {
  labels,
  createdAt: number,
  detached: flag,
  state: oneOf("pending", "cancelling", "cancelled", "finished"),
  cancelling: count,
  awaiters: listOf(count),
  waits: listOf(awaitRow),
  stack: listOf(frame, deepestStack)
}

const remote: Shape<RemoteRow> = objectOf(
  { definition: text, state: oneOf("waiting", "running"), served: flag, attempt: count, client: text },
  { runner: text, startedAt: number, progress: text }
)

export const task: Shape<TaskRow> = objectOf(
  { id: count, name: text, ...fieldsOfTask },
  { createdBy: ref, cancellation, waitingSince: number, remote }
)

export const fieldsOfEnded = {
  id: count,
  name: text,
  labels,
  outcome: oneOf("finished", "failed", "cancelled"),
  createdAt: number,
  endedAt: number
} as const

export const optionalOfEnded = { createdBy: ref, error: text, kind: text, reason: text, requestedBy: ref } as const

export const ended: Shape<EndedRow> = objectOf(fieldsOfEnded, optionalOfEnded)

export const object: Shape<ObjectRow> = objectOf({
  id: count,
  text,
  holders: listOf(count),
  waiting: listOf(objectOf({ task: count, operation: text }))
})

export const loopState = oneOf("stopped", "running", "closed")

export const loop: Shape<Omit<LoopRow, "tasks" | "objects">> = objectOf(
  { time: number, state: loopState, debug: flag, ready: count, timers: count, ended: listOf(ended) },
  { observedSince: number, otherCopy: oneOf(true) }
)

const columnOf = <T>(shape: Shape<T>): Shape<Column<T>> => objectOf({ values: listOf(shape) }, { at: listOf(count) })

const columnShapes = {
  labels: columnOf(labels),
  createdBy: columnOf(orNull(ref)),
  createdAt: columnOf(fieldsOfTask.createdAt),
  detached: columnOf(fieldsOfTask.detached),
  state: columnOf(fieldsOfTask.state),
  cancelling: columnOf(fieldsOfTask.cancelling),
  cancellation: columnOf(orNull(cancellation)),
  waitingSince: columnOf(orNull(number)),
  awaiters: columnOf(fieldsOfTask.awaiters),
  waits: columnOf(fieldsOfTask.waits),
  stack: columnOf(fieldsOfTask.stack)
}

const columnsAlone = objectOf({ ids: listOf(count), names: listOf(text), untils: listOf(moment), ...columnShapes })

/** Columns that are of the same tasks. */
export const columns: Shape<TaskColumns> = (value, at) => {
  const given = columnsAlone(value, at)
  const { ids, names, untils, waits } = given
  if (names.length !== ids.length) return refuse("names", "list as long as ids")
  for (const name of Object.keys(columnShapes) as ReadonlyArray<keyof typeof columnShapes>) {
    const { at: places, values } = given[name]
    if (places === undefined) {
      if (values.length === 0 && ids.length > 0) return refuse(name, "column with a value")
    } else if (places.length !== ids.length || places.some((place) => place >= values.length)) {
      return refuse(name, "column of these tasks")
    }
  }
  const sleeps = waits.values.map((each) => each.filter(({ kind }) => kind === "sleep").length)
  const all = ids.reduce((sum, _, i) => sum + sleeps[waits.at?.[i] ?? 0]!, 0)
  return all === untils.length ? given : refuse("untils", "list of all sleeps")
}
