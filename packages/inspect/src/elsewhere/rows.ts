/**
 * Tasks that are on no loop, in the words of the protocol: their definition is their coroutine, the process that runs them its place, and the
 * workers of a definition are what its tasks wait for, like a semaphore.
 */
import type { TaskElsewhere } from "@effect-asyncio/core/lowlevel"
import type { AwaitRow, EndedRow, RemoteRow, TaskRow } from "../protocol.ts"

/** A report is told in so many characters of JSON. */
const longestProgress = 1000

/** The numbers of the lines that tasks wait in, one for each definition. */
export class Lines {
  readonly #numbers = new Map<string, number>()

  numberOf(definition: string): number {
    let number = this.#numbers.get(definition)
    if (number === undefined) this.#numbers.set(definition, (number = this.#numbers.size + 1))
    return number
  }
}

export const isOver = ({ endedAt }: TaskElsewhere): boolean => endedAt !== undefined

/** What a waiting task waits for. */
export const lineText = ({ definition, served }: Pick<TaskElsewhere, "definition" | "served">): string =>
  `<Workers of ${definition}${served ? "" : ", none is there"}>`

export const takes = "take"

/** Since when it does what it does. */
export const sinceOf = ({ createdAt, startedAt, state }: TaskElsewhere): number =>
  state === "running" ? (startedAt ?? createdAt) : createdAt

const waitsOf = (task: TaskElsewhere, lines: Lines): ReadonlyArray<AwaitRow> =>
  task.state === "running"
    ? []
    : [{ kind: "object", object: lines.numberOf(task.definition), text: lineText(task), operation: takes }]

const refOf = ({ name, number }: NonNullable<TaskElsewhere["createdBy"]>) =>
  number === undefined ? { name } : { id: number, name }

export const cancellationOf = ({
  askedAt,
  kind,
  reason,
  requestedBy
}: NonNullable<TaskElsewhere["cancellation"]>): NonNullable<TaskRow["cancellation"]> => ({
  kind,
  ...(reason === undefined ? {} : { reason }),
  requestedBy: { name: requestedBy },
  ...(askedAt === undefined ? {} : { askedAt })
})

const remoteOf = ({
  attempt,
  client,
  definition,
  progress,
  runner,
  served,
  startedAt,
  state
}: TaskElsewhere): RemoteRow => ({
  definition,
  state: state === "running" ? "running" : "waiting",
  served,
  attempt,
  client,
  ...(runner === undefined ? {} : { runner }),
  ...(startedAt === undefined ? {} : { startedAt }),
  ...(progress === undefined ? {} : { progress: JSON.stringify(progress).slice(0, longestProgress) })
})

/** One that has not ended. */
export const taskRowOf = (task: TaskElsewhere, lines: Lines): TaskRow => {
  const { cancellation, cancelling, createdAt, createdBy, definition, labels, name, number, runner, state } = task
  const location = state === "running" && runner !== undefined ? { location: runner } : {}
  return {
    id: number,
    name,
    labels,
    ...(createdBy === undefined ? {} : { createdBy: refOf(createdBy) }),
    createdAt,
    detached: false,
    state: cancelling > 0 ? "cancelling" : "pending",
    cancelling,
    ...(cancellation === undefined ? {} : { cancellation: cancellationOf(cancellation) }),
    waitingSince: sinceOf(task),
    // Which task of another process awaits it is known to that process alone.
    awaiters: [],
    waits: waitsOf(task, lines),
    stack: [{ name: definition, ...location }],
    remote: remoteOf(task)
  }
}

const outcomes = { succeeded: "finished", failed: "failed", cancelled: "cancelled" } as const

/** How one has ended; undefined where it has not. */
export const outcomeOf = ({ state }: TaskElsewhere): EndedRow["outcome"] | undefined =>
  state === "waiting" || state === "running" ? undefined : outcomes[state]

/** One that has ended. */
export const endedRowOf = (task: TaskElsewhere): EndedRow => {
  const { cancellation, createdAt, createdBy, endedAt = createdAt, error, labels, name, number } = task
  const outcome = outcomeOf(task) ?? "finished"
  const why = outcome === "cancelled" && cancellation !== undefined ? cancellationOf(cancellation) : undefined
  return {
    id: number,
    name,
    labels,
    ...(createdBy === undefined ? {} : { createdBy: refOf(createdBy) }),
    outcome,
    ...(error === undefined ? {} : { error }),
    ...(why === undefined ? {} : { kind: why.kind, reason: why.reason, requestedBy: why.requestedBy }),
    createdAt,
    endedAt
  }
}
