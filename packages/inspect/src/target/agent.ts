/**
 * What looks into the program, on its own thread: each answer is computed at one moment, between two operations of the program, and reads
 * only. Orders, which run code of the program, come in a macrotask of their own.
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type { AnyTask } from "@effect-asyncio/core/lowlevel"
import type { EndedTask, EventLoop } from "@effect-asyncio/core"
import type {
  Asked,
  AwaitRow,
  EndedRow,
  Heap,
  LivePiece,
  LoopRow,
  ObjectRow,
  OneTask,
  Outcome,
  Piece,
  Selection,
  Summary,
  TaskColumns,
  TaskRow,
  TracePiece
} from "../protocol.ts"
import { type Steps, stepsOf } from "../profile/steps.ts"
import { LoopsRecorder, type RecorderHost } from "../recorder/loopsRecorder.ts"
import type { RecordOptions } from "../recorder/recorder.ts"
import type { Trace } from "../recorder/traceEvents.ts"
import { cancelSelected, outcomeOf, outcomesOf, refOf } from "./cancelling.ts"
import { columnsOf } from "./columns.ts"
import { keep } from "./unfinished.ts"
import { Watch } from "./watch.ts"

/** So many tasks are read at one moment. */
const tasksPerPiece = 2000
/** Of a program that has more, only as many of them as are read in so many milliseconds: it goes on in between all the same. */
const patience = 10
const tasksPerLook = 500
/** So many tasks that have ended are remembered of each loop that is observed. */
const mostEnded = 1000

/** A piece, in which tasks may be columns; the last one of those says for how long the program has stood still at most. */
type Sent = Piece | { readonly columns: TaskColumns } | { readonly stall: number }

/** A dump under way: what is left to be read, each at one moment. What is next stands last: to take it costs the same however much is left. */
interface Reading {
  readonly columns: boolean
  /** Whether it takes several moments anyway. */
  readonly inParts: boolean
  readonly left: Array<() => Sent | undefined>
  /** The longest moment so far, in milliseconds. */
  stall: number
}

/** What an agent can do on some hosts only. */
export interface AgentHost extends RecorderHost {
  /** Writes a heap snapshot for the client. Throws where the heap is larger than `most` bytes. */
  readonly writeHeap: (most: number) => Omit<Heap, "tasks">
  /** Takes away a snapshot that no client will read, or all of them. */
  readonly removeHeap: (file?: string) => void
  /** Now, in microseconds on the clock of the profiler. */
  readonly profilerNow: () => number
}

/** A page: it has no files, and no profiler that it could ask. */
const pageHost: AgentHost = {
  // No other process is in its traces. Readers take 0 for the system.
  pid: 1,
  writeHeap: () => {
    throw new Error("a page cannot write the heap snapshot that leaks are found in: look for them in a test on Node.js")
  },
  removeHeap: () => {},
  profilerNow: () => performance.now() * 1000
}

/** How an agent is made. */
export interface AgentOptions {
  readonly name?: string | undefined
  readonly record?: boolean | RecordOptions | undefined
  /** The program's own kinds of cancellation. */
  readonly kinds?: ReadonlyArray<string> | undefined
  readonly host?: AgentHost | undefined
}

/** So many events of a trace are read at one moment. */
const eventsPerPiece = 5000
/** For so many steps of a profile there is room: some seconds of a program that does nothing else. */
const stepsOfProfile = 2 ** 20

export class Agent {
  readonly #name: string | undefined
  readonly #kinds: ReadonlyArray<string> | undefined
  readonly #host: AgentHost
  #recorder: LoopsRecorder | undefined = undefined
  // How many have asked for it that did not run before.
  #recordings = 0
  #steps: LoopsRecorder | undefined = undefined
  readonly #traces = new Map<number, Array<TracePiece>>()
  readonly #observed = new WeakMap<EventLoop, Observed>()
  // What ends the observing, once it has begun.
  #stopObserving: Array<() => void> | undefined = undefined
  readonly #readings = new Map<number, Reading>()
  readonly #cancels = new Map<number, ReadonlyArray<AnyTask>>()
  readonly #watches = new Map<number, Watch>()
  #endProbe: (() => void) | undefined = undefined
  readonly #numbers = { last: 0 }
  readonly #objectIds = new WeakMap<object, number>()
  #lastObjectId = 0

  constructor({ host = pageHost, kinds, name, record }: AgentOptions = {}) {
    this.#name = name
    this.#kinds = kinds
    this.#host = host
    if (record !== undefined && record !== false) {
      this.#recorder = new LoopsRecorder({ name, ...(record === true ? {} : record) }, host)
    }
  }

  summary(): Summary {
    const loops = lowlevel.loopsUnsafe()
    return { loops: loops.length, tasks: loops.reduce((sum, loop) => sum + loop.allTasksUnsafe().length, 0) }
  }

  /** Observes all loops, also those that are made later. */
  observe(): void {
    if (this.#stopObserving !== undefined) return
    this.#stopObserving = [lowlevel.onLoopUnsafe((loop) => this.#observe(loop))]
    for (const loop of lowlevel.loopsUnsafe()) this.#observe(loop)
  }

  #observe(loop: EventLoop): void {
    if (!isOwnCopy(loop)) return
    const observed = new Observed(loop)
    this.#observed.set(loop, observed)
    this.#stopObserving?.push(lowlevel.observeUnsafe(loop, observed))
  }

  // ---- dumps -------------------------------------------------------------------------------------------------------

  /** Begins a dump, with rows or with columns, and gives its first part: all of it where that is small. */
  begin(columns = false): { readonly dump: number; readonly pieces: ReadonlyArray<Sent>; readonly more: boolean } {
    const begun = performance.now()
    const loops = lowlevel.loopsUnsafe()
    const inParts = loops.reduce((sum, loop) => sum + loop.allTasksUnsafe().length, 0) > tasksPerPiece
    const left = loops.flatMap((loop) => this.#readingOf(loop, columns)).toReversed()
    const dump = keep(this.#readings, this.#numbers, { columns, inParts, left, stall: 0 })
    return { dump, ...this.next(dump, begun) }
  }

  /** The next part of a dump. */
  next(dump: number, begun = performance.now()): { readonly pieces: ReadonlyArray<Sent>; readonly more: boolean } {
    const reading = this.#readings.get(dump)
    if (reading === undefined) return { pieces: [], more: false }
    const { columns, left } = reading
    const pieces: Array<Sent> = []
    let tasks = 0
    const isOver = () => tasks >= tasksPerPiece || (reading.inParts && performance.now() - begun >= patience)
    while (left.length > 0 && !isOver()) {
      const piece = left.pop()!()
      if (piece === undefined) continue
      pieces.push(piece)
      if ("tasks" in piece) tasks += piece.tasks.length
      else if ("columns" in piece) tasks += piece.columns.ids.length
    }
    reading.stall = Math.max(reading.stall, performance.now() - begun)
    const more = left.length > 0
    if (!more) {
      this.#readings.delete(dump)
      if (columns) pieces.push({ stall: reading.stall })
    }
    return { pieces, more }
  }

  /** All of a loop, read at once. */
  rowOf(loop: EventLoop): LoopRow {
    const tasks = this.#taskRows(loop.allTasksUnsafe().filter((task) => !task.done()))
    return { ...this.loopRow(loop), tasks, objects: isOwnCopy(loop) ? this.objectsOf(loop) : [] }
  }

  #readingOf(loop: EventLoop, columns: boolean): Reading["left"] {
    // The tasks of now: none of them is left out. A task that has ended when it is looked at is told of behind the others, and so is one that is about to
    // end, is done already, and not remembered yet.
    const tasks = loop.allTasksUnsafe()
    const objects = new Objects()
    const over: Array<EndedRow> = []
    const told = new Set<number>()
    const reading: Reading["left"] = [
      () => {
        const row = this.loopRow(loop)
        for (const { id } of row.ended) told.add(id)
        return { loop: row }
      }
    ]
    for (let from = 0; from < tasks.length; from += tasksPerLook) {
      reading.push(() => {
        const some: Array<AnyTask> = []
        for (const task of tasks.slice(from, from + tasksPerLook)) {
          if (!task.done()) some.push(task)
          else if (!told.has(task.id)) over.push(this.#endedRow(loop, task))
        }
        if (isOwnCopy(loop)) objects.add(loop, some)
        const rows = this.#taskRows(some)
        return columns ? { columns: columnsOf(rows) } : { tasks: rows }
      })
    }
    reading.push(
      () => (over.length === 0 ? undefined : { ended: over.slice(-mostEnded) }),
      () => ({ objects: this.#objectRows(objects) })
    )
    return reading
  }

  /** What is remembered of a task that is over, or what can be told of it now. */
  #endedRow(loop: EventLoop, task: AnyTask): EndedRow {
    return this.#observed.get(loop)?.rowOf(task) ?? endedRow(task, loop.time())
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

  #taskRows(tasks: ReadonlyArray<AnyTask>): ReadonlyArray<TaskRow> {
    // All at one moment: what many wait for prints the same for all of them.
    const texts = new Map<object, string>()
    return tasks.map((task) => this.#taskRow(task, texts))
  }

  #taskRow(task: AnyTask, texts = new Map<object, string>()): TaskRow {
    const waits = lowlevel.awaitsUnsafe(task).map((each) => this.awaitRow(each, texts))
    return Object.assign(lowlevel.factsUnsafe(task), { waits })
  }

  /** One thing that a task waits for. */
  awaitRow(each: lowlevel.TaskAwait, texts = new Map<object, string>()): AwaitRow {
    switch (each.kind) {
      case "sleep":
        return { kind: "sleep", until: each.until }
      case "task":
        return { kind: "task", task: each.task.id }
      case "object":
        return {
          kind: "object",
          object: this.#objectId(each.object),
          text: textOf(each.object, texts),
          operation: each.operation
        }
      case "future":
        return { kind: "future", text: textOf(each.future, texts) }
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
    const objects = new Objects()
    objects.add(loop, loop.allTasksUnsafe())
    return this.#objectRows(objects)
  }

  #objectRows(objects: Objects): ReadonlyArray<ObjectRow> {
    return Array.from(objects.found, ([object, { holders, waiting }]) => ({
      id: this.#objectId(object),
      text: printed(object),
      holders: [...holders],
      waiting
    }))
  }

  // ---- leaks ---------------------------------------------------------------------------------------------------------

  /** The tasks, where none can be lost: the loops themselves wake each of them. */
  waked(): Heap | undefined {
    const begun = performance.now()
    if (!lowlevel.loopsWakeAllUnsafe()) return undefined
    const loops = lowlevel.loopsUnsafe().filter(lowlevel.isOfThisCopy)
    const tasks = loops.flatMap((loop) => loop.allTasksUnsafe().map(({ id }) => id))
    return { tasks, stall: performance.now() - begun }
  }

  /** Gets ready for a heap snapshot, and tells which tasks will be in it. */
  probe(): ReadonlyArray<number> {
    this.endProbe()
    const probe = lowlevel.leakProbeUnsafe([this.#cancels, this.#watches, this.#readings])
    this.#endProbe = probe.end
    return probe.tasks().map(({ id }) => id)
  }

  /** Writes the snapshot. The program stands still until it is written. */
  writeHeap(most?: number | null): Omit<Heap, "tasks"> {
    return this.#host.writeHeap(most ?? Infinity)
  }

  removeHeap(file: string): void {
    this.#host.removeHeap(file)
  }

  endProbe(): void {
    this.#endProbe?.()
    this.#endProbe = undefined
  }

  // ---- live ----------------------------------------------------------------------------------------------------------

  /** Begins to watch all loops, for one client. */
  watch(): number {
    this.#watches.set(++this.#numbers.last, new Watch(this))
    return this.#numbers.last
  }

  /** What has changed since the last look. */
  look(watch: number): LivePiece {
    return this.#watches.get(watch)?.look() ?? { loops: [] }
  }

  /** The same as text, with a sign in front that says whether the next piece follows at once. */
  lookText(watch: number): string {
    const piece = this.look(watch)
    return `${piece.more === true ? "+" : "-"}${JSON.stringify(piece)}`
  }

  /** The client looks no more. */
  unwatch(watch: number): void {
    this.#watches.get(watch)?.stop()
    this.#watches.delete(watch)
  }

  /** One task, with its stack. */
  task(id: number): OneTask | null {
    const loops = lowlevel.loopsUnsafe()
    for (const [loop, each] of loops.entries()) {
      const task = each.allTasksUnsafe().find((task) => task.id === id && !task.done())
      if (task !== undefined) return { loop, time: each.time(), task: this.#taskRow(task) }
    }
    return null
  }

  // ---- recording -----------------------------------------------------------------------------------------------------

  /** The recorder that runs. */
  running(): LoopsRecorder | undefined {
    return this.#recorder
  }

  /** Records from now on for one client; false where a recorder runs that has what was before. */
  startRecording(): boolean {
    if (this.#recorder !== undefined && this.#recordings === 0) return false
    // Not for ever, and a thread that counts would begin too late.
    this.#recorder ??= new LoopsRecorder({ name: this.#name, precise: true }, this.#host)
    this.#recordings++
    return true
  }

  /** One client needs it no more. */
  endRecording(): void {
    if (--this.#recordings === 0) this.#stopRecorder()
  }

  #stopRecorder(): void {
    this.#recorder?.stop()
    this.#recorder = undefined
  }

  /** What was recorded, or the last so many milliseconds of it: its first part. */
  beginTrace(last?: number | null): TracePart {
    const { traceEvents, ...trace } = this.#recorder?.trace(last ?? undefined) ?? emptyTrace
    const pieces: Array<TracePiece> = [{ trace }]
    for (let from = 0; from < traceEvents.length; from += eventsPerPiece) {
      pieces.push({ events: traceEvents.slice(from, from + eventsPerPiece) })
    }
    const dump = keep(this.#traces, this.#numbers, pieces)
    return { dump, ...this.nextOfTrace(dump) }
  }

  nextOfTrace(trace: number): Omit<TracePart, "dump"> {
    const pieces = this.#traces.get(trace) ?? []
    const some = pieces.splice(0, 2)
    if (pieces.length === 0) this.#traces.delete(trace)
    return { pieces: some, more: pieces.length > 0 }
  }

  /** Records when each step begins and ends, for a profile. There is one profiler: false where it is taken. */
  startSteps(): boolean {
    if (this.#steps !== undefined) return false
    this.#steps = new LoopsRecorder({ events: stepsOfProfile, precise: true }, this.#host)
    return true
  }

  stopSteps(): Steps {
    const recorder = this.#steps
    this.#steps = undefined
    if (recorder === undefined) return { from: [], to: [], name: [], names: [], cut: false }
    const steps = stepsOf(recorder, this.#host.profilerNow())
    recorder.stop()
    return steps
  }

  /** Records and observes no more, and leaves no file behind. */
  stop(): void {
    this.#host.removeHeap()
    this.#stopRecorder()
    this.#steps?.stop()
    for (const stop of this.#stopObserving?.splice(0) ?? []) stop()
    this.#stopObserving = undefined
  }

  // ---- cancelling ----------------------------------------------------------------------------------------------------

  /** Asks tasks to cancel themselves. Only in a macrotask of its own. */
  cancel(select: Selection, reason?: string, kind?: string): Asked {
    const tasks = cancelSelected(select, reason, kind, this.#kinds)
    return { cancel: keep(this.#cancels, this.#numbers, tasks), tasks: tasks.map(refOf) }
  }

  /** What has become of those that were asked. When all are done it is forgotten. */
  outcome(cancel: number): ReadonlyArray<Outcome> {
    const tasks = this.#cancels.get(cancel) ?? []
    if (tasks.every((task) => task.done())) this.#cancels.delete(cancel)
    return outcomesOf(tasks, (task) => this.#taskRow(task))
  }
}

/** The locks and the like of a loop, found piece by piece. */
class Objects {
  readonly found = new Map<lowlevel.Printable, { holders: Set<number>; waiting: Array<ObjectRow["waiting"][number]> }>()

  /** Adds those that some of its tasks wait for or hold. */
  add(loop: EventLoop, tasks: ReadonlyArray<AnyTask>): void {
    for (const { holders, object, waiting } of lowlevel.syncObjectsUnsafe(loop, tasks)) {
      let known = this.found.get(object)
      if (known === undefined) this.found.set(object, (known = { holders: new Set(), waiting: [] }))
      for (const holder of holders) known.holders.add(holder)
      for (const { operation, task } of waiting) known.waiting.push({ task: task.id, operation })
    }
  }
}

interface TracePart {
  readonly dump: number
  readonly pieces: ReadonlyArray<TracePiece>
  readonly more: boolean
}

const emptyTrace: Trace = { traceEvents: [], displayTimeUnit: "ms", otherData: {} }

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

  rowOf(task: AnyTask): EndedRow | undefined {
    return this.#rows.find(({ id }) => id === task.id)
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

/** How something of the package prints. Classes of the program that extend it may print as they like, or fail to. */
const printed = (value: { toString(): string }): string =>
  lowlevel.safely(() => String(value), "<what cannot be printed>")

/** {@link printed}, once for all clients that ask at the same moment. */
const textOf = (value: object, texts: Map<object, string>): string => {
  let text = texts.get(value)
  if (text === undefined) texts.set(value, (text = printed(value)))
  return text
}

/** Of loops of another copy only what is public can be told. */
export const isOwnCopy = lowlevel.isOfThisCopy
