/**
 * What looks into the program, on its own thread: each answer is computed at one moment, between two operations of the program, and reads
 * only. Orders, which run code of the program, come in a macrotask of their own.
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type { EndedTask, EventLoop, Task } from "@effect-asyncio/core"
import type {
  Asked,
  AwaitRow,
  EndedRow,
  LivePiece,
  LoopRow,
  ObjectRow,
  OneTask,
  Outcome,
  Piece,
  Selection,
  Summary,
  TaskRow
} from "../protocol.ts"
import { Watch } from "./watch.ts"

type AnyTask = Task<unknown, unknown>

/** So many tasks are read at one moment. */
const tasksPerPiece = 2000
/** So many tasks that have ended are remembered of each loop that is observed. */
const mostEnded = 1000
/** Dumps and cancellations that nobody has finished are forgotten when there are so many. */
const mostUnfinished = 16

/** Who asks, as the program sees it. */
const asker = { id: undefined, givenName: "effect-asyncio-inspect" } as unknown as AnyTask

/** A dump under way: what is left to be read. */
type Reading = Array<() => ReadonlyArray<Piece>>

export class Agent {
  readonly #observed = new WeakMap<EventLoop, Observed>()
  #isObserving = false
  readonly #readings = new Map<number, Reading>()
  readonly #cancels = new Map<number, ReadonlyArray<AnyTask>>()
  readonly #watches = new Map<number, Watch>()
  #lastNumber = 0
  readonly #objectIds = new WeakMap<object, number>()
  #lastObjectId = 0

  summary(): Summary {
    const loops = lowlevel.loopsUnsafe()
    return { loops: loops.length, tasks: loops.reduce((sum, loop) => sum + loop.allTasksUnsafe().length, 0) }
  }

  /** Observes all loops, also those that are made later. */
  observe(): void {
    if (this.#isObserving) return
    this.#isObserving = true
    for (const loop of lowlevel.loopsUnsafe()) this.#observe(loop)
    lowlevel.onLoopUnsafe((loop) => this.#observe(loop))
  }

  #observe(loop: EventLoop): void {
    if (!isOwnCopy(loop)) return
    const observed = new Observed(loop)
    this.#observed.set(loop, observed)
    lowlevel.observeUnsafe(loop, observed)
  }

  // ---- dumps -------------------------------------------------------------------------------------------------------

  /** Begins a dump, and gives its first part: all of it where that is small. */
  begin(): { readonly dump: number; readonly pieces: ReadonlyArray<Piece>; readonly more: boolean } {
    const reading = lowlevel.loopsUnsafe().flatMap((loop) => this.#readingOf(loop))
    const dump = this.#keep(this.#readings, reading)
    return { dump, ...this.next(dump) }
  }

  /** The next part of a dump. */
  next(dump: number): { readonly pieces: ReadonlyArray<Piece>; readonly more: boolean } {
    const reading = this.#readings.get(dump)
    if (reading === undefined) return { pieces: [], more: false }
    const pieces: Array<Piece> = []
    let tasks = 0
    while (reading.length > 0 && tasks < tasksPerPiece) {
      for (const piece of reading.shift()!()) {
        pieces.push(piece)
        if ("tasks" in piece) tasks += piece.tasks.length
      }
    }
    if (reading.length === 0) this.#readings.delete(dump)
    return { pieces, more: reading.length > 0 }
  }

  /** All of a loop, read at once. */
  rowOf(loop: EventLoop): LoopRow {
    const tasks = loop.allTasksUnsafe().map((task) => this.#taskRow(task))
    return { ...this.loopRow(loop), tasks, objects: isOwnCopy(loop) ? this.objectsOf(loop) : [] }
  }

  #readingOf(loop: EventLoop): Reading {
    // The tasks of now. Who has ended when its turn comes is left out.
    const tasks = loop.allTasksUnsafe()
    const reading: Reading = [() => [{ loop: this.loopRow(loop) }]]
    for (let from = 0; from < tasks.length; from += tasksPerPiece) {
      const some = tasks.slice(from, from + tasksPerPiece)
      reading.push(() => [{ tasks: some.filter((task) => !task.done()).map((task) => this.#taskRow(task)) }])
    }
    reading.push(() => [{ objects: isOwnCopy(loop) ? this.objectsOf(loop) : [] }])
    return reading
  }

  /** A loop without its tasks. */
  loopRow(loop: EventLoop): Omit<LoopRow, "tasks" | "objects"> {
    const counts = /^<EventLoop (\w+) ready=(\d+) timers=(\d+)>$/.exec(loop.toString())
    const observed = this.#observed.get(loop)
    return {
      time: loop.time(),
      state: (counts?.[1] ?? "running") as LoopRow["state"],
      debug: loop.getDebug(),
      ready: Number(counts?.[2] ?? 0),
      timers: Number(counts?.[3] ?? 0),
      ...(observed === undefined ? {} : { observedSince: observed.since }),
      ...(isOwnCopy(loop) ? {} : { otherCopy: true as const }),
      ended: observed === undefined ? loop.endedTasks.map(withoutDuration) : observed.rows()
    }
  }

  #taskRow(task: AnyTask): TaskRow {
    const waits = lowlevel.awaitsUnsafe(task).map((each) => this.awaitRow(each))
    return Object.assign(lowlevel.factsUnsafe(task), { waits })
  }

  /** One thing that a task waits for. */
  awaitRow(each: lowlevel.TaskAwait): AwaitRow {
    switch (each.kind) {
      case "sleep":
        return { kind: "sleep", until: each.until }
      case "task":
        return { kind: "task", task: each.task.id }
      case "object":
        return {
          kind: "object",
          object: this.#objectId(each.object),
          text: printed(each.object),
          operation: each.operation
        }
      case "future":
        return { kind: "future", text: printed(each.future) }
      default:
        return { kind: each.kind }
    }
  }

  #objectId(object: object): number {
    let id = this.#objectIds.get(object)
    if (id === undefined) this.#objectIds.set(object, (id = ++this.#lastObjectId))
    return id
  }

  /** The locks and queues of a loop. */
  objectsOf(loop: EventLoop): ReadonlyArray<ObjectRow> {
    return lowlevel.syncObjectsUnsafe(loop).map(({ holders, object, waiting }) => ({
      id: this.#objectId(object),
      text: printed(object),
      holders,
      waiting: waiting.map(({ operation, task }) => ({ task: task.id, operation }))
    }))
  }

  // ---- live ----------------------------------------------------------------------------------------------------------

  /** Begins to watch all loops, for one who looks. */
  watch(): number {
    this.#watches.set(++this.#lastNumber, new Watch(this))
    return this.#lastNumber
  }

  /** What has changed since the last look. */
  look(watch: number): LivePiece {
    return this.#watches.get(watch)?.look() ?? { loops: [] }
  }

  /** Nobody looks any more. */
  unwatch(watch: number): void {
    this.#watches.get(watch)?.stop()
    this.#watches.delete(watch)
  }

  /** One task, with its stack. */
  task(id: number): OneTask | null {
    const loops = lowlevel.loopsUnsafe()
    for (const [loop, each] of loops.entries()) {
      const task = each.allTasksUnsafe().find((task) => task.id === id)
      if (task !== undefined) return { loop, time: each.time(), task: this.#taskRow(task) }
    }
    return null
  }

  // ---- cancelling ----------------------------------------------------------------------------------------------------

  /** Asks tasks to cancel themselves. Only in a macrotask of its own. */
  cancel(select: Selection, reason: string | undefined): Asked {
    const tasks = lowlevel.loopsUnsafe().flatMap((loop) => loop.allTasksUnsafe())
    const asked = new Set<AnyTask>()
    const wanted = new Set(select.tasks)
    for (const task of tasks) {
      if (!wanted.has(task.id) && !hasLabels(task, select.labels)) continue
      if (task.cancelUnsafe(reason, undefined, asker)) asked.add(task)
    }
    const roots = new Set(select.trees)
    for (const task of tasks) {
      if (!roots.has(task.id)) continue
      for (const each of lowlevel.cancelTreeUnsafe(task, reason, undefined, asker)) asked.add(each)
    }
    const all = [...asked]
    return { cancel: this.#keep(this.#cancels, all), tasks: all.map(refOf) }
  }

  /** What has become of those that were asked. When all are done it is forgotten. */
  outcome(cancel: number): ReadonlyArray<Outcome> {
    const tasks = this.#cancels.get(cancel) ?? []
    const outcomes = tasks.map((task) => ({
      ...refOf(task),
      state: outcomeOf(task),
      ...(task.done() ? {} : { task: this.#taskRow(task) })
    }))
    if (tasks.every((task) => task.done())) this.#cancels.delete(cancel)
    return outcomes
  }

  #keep<T>(map: Map<number, T>, value: T): number {
    for (const first of map.keys()) if (map.size >= mostUnfinished) map.delete(first)
    map.set(++this.#lastNumber, value)
    return this.#lastNumber
  }
}

/** What is remembered of a loop because it is observed. */
class Observed implements lowlevel.LoopObserver {
  readonly #loop: EventLoop
  readonly since: number
  readonly #rows: Array<EndedRow> = []
  // Where the oldest is, once there are so many that it makes place for the newest.
  #oldest = 0

  constructor(loop: EventLoop) {
    this.#loop = loop
    this.since = loop.time()
  }

  readonly ended = (task: AnyTask): void => {
    const row = endedRow(task, this.#loop.time())
    if (this.#rows.length < mostEnded) this.#rows.push(row)
    else {
      this.#rows[this.#oldest] = row
      this.#oldest = (this.#oldest + 1) % mostEnded
    }
  }

  /** The oldest first. */
  rows(): ReadonlyArray<EndedRow> {
    return [...this.#rows.slice(this.#oldest), ...this.#rows.slice(0, this.#oldest)]
  }
}

const withoutDuration = (ended: EndedTask): EndedRow => {
  const { duration: _, ...row } = ended
  return row
}

/** What is remembered of a task that has ended. */
export const endedRow = (task: AnyTask, endedAt: number): EndedRow => {
  const { cancellation, createdAt, createdBy, id, labels, name } = task.snapshot()
  const outcome = outcomeOf(task) as EndedRow["outcome"]
  const why = outcome === "cancelled" ? cancellation : undefined
  return {
    id,
    name,
    labels,
    createdBy,
    outcome,
    kind: why?.kind,
    reason: why?.reason,
    requestedBy: why?.requestedBy,
    createdAt,
    endedAt
  }
}

/** How a task has ended. To ask it for its exit would count as having looked at its failure. */
const outcomeOf = (task: AnyTask): Outcome["state"] => {
  if (!task.done()) return "pending"
  if (task.cancelled()) return "cancelled"
  return (task as { readonly exit?: { readonly _tag: string } }).exit?._tag === "Failure" ? "failed" : "finished"
}

const refOf = (task: AnyTask): { readonly id: number; readonly name: string } => ({ id: task.id, name: task.getName() })

const hasLabels = (task: AnyTask, labels: Selection["labels"]): boolean =>
  labels !== undefined && Object.entries(labels).every(([label, value]) => String(task.labels[label]) === value)

/** How something of the package prints. Classes of the program that extend it may print as they like, or fail to. */
const printed = (value: { toString(): string }): string =>
  lowlevel.safely(() => String(value), "<what cannot be printed>")

/** Of loops of another copy only what is public can be told. */
export const isOwnCopy = lowlevel.isOfThisCopy
