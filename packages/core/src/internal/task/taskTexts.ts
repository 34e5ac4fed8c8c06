/**
 * How a task prints, and its snapshots.
 */
import type { Description } from "../loop/failures.ts"
import type { ExceptionContext } from "../model/EventLoop.ts"
import { checkLimit, checkOptions } from "../model/arguments.ts"
import { unexpectedValue } from "../model/hints.ts"
import { coroutineRepr, futureRepr, stateOf } from "../model/repr.ts"
import type { CancelledError } from "../model/CancelledError.ts"
import type { CancellationSnapshot, StackEntry, TaskFacts, TaskSnapshot } from "../model/Task.ts"
import { safely } from "../data/text.ts"
import { definitionOf, framesIn, placeIn } from "./coroutineTexts.ts"
import { type CoroutineFrame, frameTexts, locationOfCall } from "./frames.ts"
import type { TaskImpl } from "./task.ts"
import { waitsOf } from "./waits.ts"

/** `NAME() running at FILE:LINE`. */
export const coroutineText = (task: TaskImpl): string => {
  if (task.exit !== undefined) return doneText(definitionOf(task))
  // The outermost one is the task's own. It stands where it called the next, which tells.
  const frames = framesIn(task, 2)
  const own = Math.max(frames.length - 1, 0)
  return coroutineRepr(frames[own], { done: false, location: placeOf(task, frames, own) })
}

const doneText = (definition: () => CoroutineFrame | undefined): string =>
  coroutineRepr(definition(), { done: true, location: undefined })

/** FILE:LINE at which `frames[i]` stands: every coroutine but the newest, where it called the next. */
const placeOf = (task: TaskImpl, frames: ReadonlyArray<CoroutineFrame>, i: number): string | undefined =>
  i === 0 ? placeIn(task, frames[0]) : locationOfCall(frames, i)

/** The coroutines of a task, the outermost first, with the places at which they stand: at most `limit`, the innermost ones. */
export const stackOf = (
  task: TaskImpl,
  options: { readonly limit?: number | undefined } | undefined
): ReadonlyArray<StackEntry> => {
  checkOptions(options, "getStack()", "{ limit: 3 }")
  checkLimit(options?.limit, "getStack()")
  const frames = task.exit === undefined ? framesIn(task) : []
  return frames
    .slice(0, Math.max(options?.limit ?? frames.length, 0))
    .map(({ definedAt, name }, i) => ({ name, definedAt, location: placeOf(task, frames, i) }))
    .toReversed()
}

export const toName = (name: unknown): string => {
  if (typeof name === "string") return name
  const text = safely(() => String(name), undefined)
  if (text !== undefined) return text
  // When: the name of a task is something that cannot be turned into a string.
  throw unexpectedValue("a name was expected", name, "Give it a string.")
}

// Tasks that are being printed: a ring of tasks that await each other prints as "...".
const printing = new Set<TaskImpl>()

// So many tasks of a chain are printed.
const mostPrinted = 10

export const reprOf = (task: TaskImpl): string => {
  if (printing.has(task) || printing.size === mostPrinted) return "..."
  printing.add(task)
  try {
    return futureRepr({
      kind: "Task",
      exit: task.exit,
      cancelled: task.cancelled(),
      callbacks: task.entries(),
      task: {
        name: task.getName(),
        cancelling: task.cancelling() > 0,
        coroutine: coroutineText(task),
        waitFor: task.exit === undefined ? task.awaited()?.toString() : undefined
      }
    })
  } finally {
    printing.delete(task)
  }
}

/** Describes a task that is done without keeping it alive. */
export const describeTask = (task: TaskImpl): Description => {
  const { exit } = task
  const name = task.getName()
  const definition = definitionOf(task)
  return {
    createdAt: () => definition()?.calledAt,
    repr: () =>
      futureRepr({
        kind: "Task",
        exit,
        cancelled: false,
        callbacks: [],
        task: { name, cancelling: false, coroutine: doneText(definition), waitFor: undefined }
      })
  }
}

export const stackTextOf = (task: TaskImpl, frames: ReadonlyArray<StackEntry>): string => {
  if (frames.length === 0) return `No stack for ${task}`
  return [`Stack for ${task} (most recent call last):`, ...frameTexts(frames).map((line) => `  ${line}`)].join("\n")
}

/** The request that an await has taken, and delivers when it ends. */
const passedOn = (task: TaskImpl): CancelledError | undefined =>
  waitsOf(task).find(({ forwarded }) => forwarded !== undefined)?.forwarded

export const snapshotOf = (task: TaskImpl): TaskSnapshot => {
  const awaited = task.awaited()
  const { awaiters, stack, ...facts } = factsOf(task)
  return {
    ...facts,
    coroutine: coroutineText(task),
    waitingFor: awaited?.kind === "Task" ? (awaited as TaskImpl).getName() : awaited?.toString(),
    awaitedBy: task.awaiters().map((task) => task.getName()),
    awaiters,
    stack
  }
}

/** A snapshot without what prints, which takes most of the time. */
export const factsOf = (task: TaskImpl): TaskFacts => {
  const cancelling = task.cancelling()
  const noted = task.loop.observer?.noted?.(task)
  return {
    id: task.id,
    name: task.getName(),
    labels: task.labels,
    createdBy: task.createdBy?.toJSON(),
    createdAt: task.createdAt,
    detached: task.detached,
    state: stateOf({ exit: task.exit, cancelled: task.cancelled(), task: { cancelling: cancelling > 0 } }),
    cancelling,
    ...cancellationField(
      task.cancellation ?? task.root?.due ?? passedOn(task) ?? noted?.request?.error,
      noted?.request?.at
    ),
    ...(noted?.waitingSince === undefined ? {} : { waitingSince: noted.waitingSince }),
    awaiters: task.awaiters().map(({ id }) => id),
    stack: task.getStack()
  }
}

const cancellationField = (
  error: CancelledError | undefined,
  requestedWhen: number | undefined
): { readonly cancellation?: CancellationSnapshot } => {
  if (error === undefined) return {}
  const { kind, reason, requestedBy } = error
  const when = requestedWhen === undefined ? {} : { askedAt: requestedWhen }
  return { cancellation: { kind, reason, requestedBy: requestedBy?.toJSON(), ...when } }
}

/** The report of a cancellation that was caught, never withdrawn, and had no effect. */
export const swallowedBy = (task: TaskImpl): ExceptionContext => {
  // When: in debug mode, a `catch`, or `Effect.catchCause`, took the cancellation and the task went on to its end.
  const message = "Task swallowed its cancellation: it was cancelled, returned, and did not call uncancel()"
  const hint = "Let the cancellation pass (rethrow the CancelledError), or call `uncancel()` if this is meant."
  return { message, task: String(task), hint }
}

/** What spans and log lines say of a cancellation. */
export const attributesOf = ({ kind, reason, requestedBy }: CancelledError): Readonly<Record<string, string>> => ({
  "cancellation.kind": kind,
  ...(reason !== undefined && { "cancellation.reason": reason }),
  ...(requestedBy !== undefined && { "cancellation.requestedBy": requestedBy.name })
})
