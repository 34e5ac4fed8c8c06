/**
 * What a process may send. A process that listens on a socket of the user may be none of ours, or one that other code has got into: what it
 * sends is trusted no further than these shapes go, by every reader.
 */
import type {
  Asked,
  Heap,
  Hello,
  LivePiece,
  OneTask,
  Outcome,
  Piece,
  ProfilePiece,
  Request,
  Summary,
  TaskColumns,
  TracePiece
} from "../protocol.ts"
import { livePiece } from "./live.ts"
import { profilePiece, tracePiece } from "./profiles.ts"
import { columns, ended, loop, object, task } from "./rows.ts"
import { count, eitherOf, listOf, number, objectOf, oneOf, orNull, type Shape, text } from "./shapes.ts"

/** A piece of each answer. */
export interface Answers {
  readonly summary: Summary
  readonly observe: null
  readonly live: LivePiece
  readonly dump: Piece | { readonly columns: TaskColumns } | { readonly stall: number }
  readonly task: OneTask | null
  readonly leaks: Heap
  readonly record: TracePiece
  readonly profile: ProfilePiece
  readonly cancel: Asked
  readonly outcome: ReadonlyArray<Outcome>
}

const named = objectOf({ id: count, name: text })

const shapes: { readonly [Name in Request["request"]]: Shape<Answers[Name]> } = {
  summary: objectOf({ loops: count, tasks: count }),
  observe: oneOf(null),
  live: livePiece,
  dump: eitherOf({ loop, tasks: listOf(task), ended: listOf(ended), objects: listOf(object), columns, stall: number }),
  task: orNull(objectOf({ loop: count, time: number, task })),
  leaks: objectOf({ tasks: listOf(count), stall: number }, { file: text }),
  record: tracePiece,
  profile: profilePiece,
  cancel: objectOf({ cancel: count, tasks: listOf(named) }),
  outcome: listOf(
    objectOf({ id: count, name: text, state: oneOf("pending", "finished", "failed", "cancelled") }, { task })
  )
}

/** A piece of the answer to a request. Throws where it is none. */
export const pieceOf = <Name extends Request["request"]>(request: Name, piece: unknown): Answers[Name] =>
  shapes[request](piece, "the piece")

export const hello: Shape<Hello> = objectOf(
  {
    protocol: count,
    pid: count,
    name: text,
    host: text,
    version: text,
    thread: oneOf("worker", "main", "attached"),
    startedAt: number
  },
  { kinds: listOf(text), readOnly: oneOf(true), cluster: text }
)
