/**
 * What changes in a process, as far as it may be trusted.
 */
import { type LiveEnded, liveKinds, type LiveLoop, type LivePiece, type LiveRows } from "../protocol.ts"
import { awaitRow, cancellation, fieldsOfEnded, labels, loopState, moment, object, optionalOfEnded } from "./rows.ts"
import { count, listOf, number, objectOf, oneOf, recordOf, refuse, type Shape, text } from "./shapes.ts"

const liveLoop: Shape<LiveLoop> = objectOf(
  {
    loop: count,
    time: number,
    state: loopState,
    ready: count,
    timers: count,
    tasks: count,
    over: number,
    busy: number,
    steps: count,
    started: count,
    finished: count,
    failed: count,
    cancelled: count,
    asked: count,
    lag: number
  },
  { otherCopy: oneOf(true) }
)

const counts = listOf(count)
const numbers = listOf(number)

const kind: Shape<number> = (value, at) =>
  count(value, at) < liveKinds.length ? (value as number) : refuse(at, "kind of wait")

/** One of each task. */
const columns = {
  name: listOf(text),
  by: counts,
  createdAt: numbers,
  kind: listOf(kind),
  on: listOf(moment),
  since: numbers,
  awaiter: counts,
  busy: numbers,
  scheduled: numbers,
  steps: counts,
  longest: numbers,
  cancelling: counts
}

/** Of some tasks, by their places. */
const few = {
  labels: recordOf(labels),
  cancellation: recordOf(cancellation),
  awaiters: recordOf(counts),
  waits: recordOf(listOf(awaitRow)),
  texts: recordOf(text),
  operations: recordOf(text)
}

const rowsAlone = objectOf({ loop: count, id: counts, ...columns, ...few })

/** Columns that are of the same tasks. */
const rows: Shape<LiveRows> = (value, at) => {
  const given = rowsAlone(value, at)
  const { length } = given.id
  for (const name of Object.keys(columns) as ReadonlyArray<keyof typeof columns>) {
    if (given[name].length !== length) return refuse(name, "list as long as id")
  }
  for (const name of Object.keys(few) as ReadonlyArray<keyof typeof few>) {
    for (const place of Object.keys(given[name])) {
      if (!/^\d+$/.test(place) || Number(place) >= length) return refuse(name, "list by place")
    }
  }
  return given
}

const ended: Shape<LiveEnded> = objectOf(
  { ...fieldsOfEnded, loop: count, busy: number, scheduled: number, steps: count },
  { ...optionalOfEnded, unretrieved: oneOf(true) }
)

export const livePiece: Shape<LivePiece> = objectOf(
  { loops: listOf(liveLoop) },
  {
    whole: oneOf(true),
    more: oneOf(true),
    rows,
    gone: counts,
    ended: listOf(ended),
    retrieved: counts,
    objects: listOf(object)
  }
)
