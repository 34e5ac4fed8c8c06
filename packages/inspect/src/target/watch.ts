/**
 * What a client is told, twice a second: which tasks have changed, and what the loops have done.
 *
 * A task that changes is put among those that are to be read, each once however often it changes. So nothing is kept for a slow reader
 * but the tasks themselves, the numbers of those that have ended, and the last of these. All of it is only there while the client looks.
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type { AnyTask } from "@effect-asyncio/core/lowlevel"
import type { EventLoop } from "@effect-asyncio/core"
import { type AwaitRow, type LiveEnded, liveKinds, type LiveLoop, type LivePiece, type LiveRows } from "../protocol.ts"
import { GrowingRows } from "../live/growingRows.ts"
import { mostFollowed, tooManyTasks } from "../live/limit.ts"
import { Lag } from "./lag.ts"
import { endedRow, isOwnCopy } from "./observing.ts"
import type { LoopRows } from "./rows.ts"
import { StepTimes, type TaskTimes } from "./stepTimes.ts"

/** So many rows are read at one moment: what that takes is what the program waits. */
const rowsPerPiece = 5000
/** So many tasks that have ended are told of one by one in a piece. */
const mostEnded = 200
/** With more numbers of tasks that have ended all is told anew. */
const mostGone = 100_000
/** So many failures are remembered that no code has retrieved. */
const mostUnretrieved = 1000
/** So many tasks are compared in a piece with what was told of them: not all that changes is an event. */
const comparedPerPiece = 5000
/** Locks are looked for in one part of so many of the time. */
const shareOfObjects = 100

export class Watch {
  readonly #loopRows: LoopRows
  readonly #loops = new Map<EventLoop, WatchedLoop>()
  readonly #lag = new Lag()
  readonly #stopHearing: () => void
  #isWhole = true
  #lastLook = performance.now()
  // What the last search for locks has taken, and when it was.
  #objectsTook = 0
  #objectsAt = -Infinity
  readonly #most: number

  constructor(loopRows: LoopRows, most = mostFollowed) {
    this.#loopRows = loopRows
    this.#most = most
    for (const loop of lowlevel.loopsUnsafe()) this.#add(loop)
    this.#stopHearing = lowlevel.onLoopUnsafe((loop) => this.#add(loop))
  }

  #add(loop: EventLoop): void {
    this.#loops.set(loop, new WatchedLoop(loop, this.#loops.size))
  }

  stop(): void {
    this.#stopHearing()
    this.#lag.stop()
    for (const watched of this.#loops.values()) watched.stop()
  }

  /** What has changed since the last look. Throws where there are more tasks than are followed: then nothing of them is read. */
  look(): LivePiece {
    const now = performance.now()
    const watched = [...this.#loops.values()]
    const tasks = watched.reduce((sum, { size }) => sum + size, 0)
    if (tasks > this.#most) throw new Error(tooManyTasks(tasks, this.#most))
    const isWhole = this.#isWhole || watched.some((each) => each.isBehind)
    if (isWhole) for (const each of watched) each.forget()
    this.#isWhole = false
    const loops = this.#loopsFor(now)
    const rows = this.#rows(watched)
    const gone = watched.flatMap((each) => each.takeGone())
    const ended = watched.flatMap((each) => each.takeEnded())
    const retrieved = watched.flatMap((each) => each.takeRetrieved())
    return {
      ...(isWhole ? { whole: true as const } : {}),
      ...(watched.some((each) => each.isUnread) ? { more: true as const } : this.#objects(now)),
      loops,
      ...(rows === undefined ? {} : { rows }),
      ...(gone.length === 0 ? {} : { gone }),
      ...(ended.length === 0 ? {} : { ended }),
      ...(retrieved.length === 0 ? {} : { retrieved })
    }
  }

  /** Rows of one loop: the next piece has those of another. */
  #rows(watched: ReadonlyArray<WatchedLoop>): LiveRows | undefined {
    for (const each of watched) {
      const rows = each.rows(this.#loopRows)
      if (rows !== undefined) return rows
    }
    return undefined
  }

  #loopsFor(now: number): ReadonlyArray<LiveLoop> {
    const there = new Set(lowlevel.loopsUnsafe())
    for (const [loop, each] of this.#loops) {
      if (there.has(loop)) continue
      each.stop()
      this.#loops.delete(loop)
    }
    const over = now - this.#lastLook
    this.#lastLook = now
    const lag = this.#lag.take(now)
    return Array.from(this.#loops.values(), (each) => each.counts(this.#loopRows, over, lag))
  }

  #objects(now: number): Pick<LivePiece, "objects"> {
    if (now - this.#objectsAt < this.#objectsTook * shareOfObjects) return {}
    const objects = Array.from(this.#loops.keys()).flatMap((loop) =>
      isOwnCopy(loop) ? this.#loopRows.objectsOf(loop) : []
    )
    this.#objectsAt = performance.now()
    this.#objectsTook = this.#objectsAt - now
    return { objects }
  }
}

/** What is known of a task: its times, and what was told of it. */
interface Known extends TaskTimes {
  readonly task: AnyTask
  /** Since when it does what it does, on the loop's clock. */
  since: number
  // What was told last.
  name: string
  awaiters: number
}

/** One loop, for one client. */
class WatchedLoop implements lowlevel.LoopObserver {
  readonly #loop: EventLoop
  readonly #number: number
  readonly #times = new StepTimes()
  readonly #known = new Map<number, Known>()
  readonly #changed = new Set<Known>()
  // Tasks that were there when the looking began, and were not told of yet: the first is the next.
  #unread: ReadonlyArray<AnyTask> = []
  #nextUnread = 0
  #gone: Array<number> = []
  #ended: Array<LiveEnded> = []
  // Those that have failed since the last look: when a task ends it does not know yet whether the failure will be retrieved.
  #failed: Array<AnyTask> = []
  // Failures that no code has retrieved, without keeping the tasks.
  readonly #unretrieved = new Map<number, WeakRef<AnyTask>>()
  #compared: IterableIterator<Known> = [][Symbol.iterator]()
  #counts = { steps: 0, started: 0, finished: 0, failed: 0, cancelled: 0, asked: 0 }
  readonly stop: () => void

  constructor(loop: EventLoop, number: number) {
    this.#loop = loop
    this.#number = number
    this.stop = isOwnCopy(loop) ? lowlevel.observeUnsafe(loop, this) : () => {}
  }

  // ---- what happens ------------------------------------------------------------------------------------------------

  readonly created = (task: AnyTask): void => {
    this.#counts.started++
    this.#changed.add(this.#of(task))
  }

  readonly stepBegins = (task: AnyTask): void => {
    const known = this.#of(task)
    this.#counts.steps++
    known.since = -1
    this.#times.stepBegins(known)
    this.#changed.add(known)
  }

  readonly stepEnds = (task: AnyTask): void => {
    const known = this.#known.get(task.id)
    if (known !== undefined) this.#times.stepEnds(known)
  }

  readonly waits = (task: AnyTask): void => {
    const known = this.#of(task)
    this.#times.waits(known)
    known.since = this.#loop.time()
    this.#changed.add(known)
  }

  readonly woken = (task: AnyTask): void => {
    const known = this.#of(task)
    this.#times.woken(known)
    this.#changed.add(known)
  }

  readonly cancelRequested = (task: AnyTask): void => {
    this.#counts.asked++
    this.#changed.add(this.#of(task))
  }

  readonly ended = (task: AnyTask): void => {
    const known = this.#of(task)
    this.#times.ended(known)
    this.#known.delete(task.id)
    this.#changed.delete(known)
    this.#gone.push(task.id)
    const row = endedRow(task, this.#loop.time())
    this.#counts[row.outcome]++
    if (row.outcome === "failed" && this.#failed.push(task) > mostEnded) this.#failed.shift()
    if (this.#ended.length >= mostEnded) this.#ended.shift()
    this.#ended.push({
      ...row,
      ...(row.outcome === "failed" ? { error: errorText(task) } : {}),
      loop: this.#number,
      busy: round(known.busy),
      scheduled: round(known.scheduled),
      steps: known.steps
    })
  }

  #of(task: AnyTask): Known {
    let known = this.#known.get(task.id)
    if (known === undefined) {
      known = { ...this.#times.begin(), task, since: -1, name: "", awaiters: 0 }
      this.#known.set(task.id, known)
    }
    return known
  }

  // ---- what is told ------------------------------------------------------------------------------------------------

  /** How many tasks there are. */
  get size(): number {
    return this.#loop.allTasksUnsafe().length
  }

  /** Whether so many have ended that it is less to tell all anew. */
  get isBehind(): boolean {
    return this.#gone.length > mostGone
  }

  get isUnread(): boolean {
    return this.#nextUnread < this.#unread.length
  }

  /** Begins again, with all tasks. */
  forget(): void {
    this.#unread = this.#loop.allTasksUnsafe()
    this.#nextUnread = 0
    this.#gone = []
  }

  takeGone(): ReadonlyArray<number> {
    const gone = this.#gone
    this.#gone = []
    return gone
  }

  takeEnded(): ReadonlyArray<LiveEnded> {
    const ended = this.#ended
    const unretrieved = new Set<number>()
    for (const task of this.#failed) {
      if (lowlevel.exceptionRetrieved(task) || this.#unretrieved.size >= mostUnretrieved) continue
      unretrieved.add(task.id)
      this.#unretrieved.set(task.id, new WeakRef(task))
    }
    this.#ended = []
    this.#failed = []
    return ended.map((row) => (unretrieved.has(row.id) ? { ...row, unretrieved: true as const } : row))
  }

  takeRetrieved(): ReadonlyArray<number> {
    const retrieved: Array<number> = []
    for (const [id, ref] of this.#unretrieved) {
      const task = ref.deref()
      // One that was collected was reported: no code can retrieve it any more.
      if (task !== undefined && !lowlevel.exceptionRetrieved(task)) continue
      this.#unretrieved.delete(id)
      if (task !== undefined) retrieved.push(id)
    }
    return retrieved
  }

  counts(loopRows: LoopRows, over: number, lag: number): LiveLoop {
    const { ended: _, debug: __, observedSince: ___, ...row } = loopRows.loopRow(this.#loop)
    const counts = this.#counts
    this.#counts = { steps: 0, started: 0, finished: 0, failed: 0, cancelled: 0, asked: 0 }
    const busy = this.#times.takeBusy()
    // A task that computes for long is told of each time.
    if (this.#times.running !== undefined) this.#changed.add(this.#times.running as Known)
    return {
      ...row,
      loop: this.#number,
      tasks: this.size,
      over: round(over),
      busy: round(busy),
      lag: round(lag),
      ...counts
    }
  }

  /** Some of those that have changed; first those that were never told of. */
  rows(loopRows: LoopRows): LiveRows | undefined {
    const rows = new Rows(this.#number)
    while (rows.id.length < rowsPerPiece && this.isUnread) {
      const task = this.#unread[this.#nextUnread++]!
      if (task.done()) continue
      const known = this.#of(task)
      this.#changed.delete(known)
      this.#tell(known, rows, loopRows)
    }
    if (this.isUnread) return rows
    this.#unread = []
    this.#compare()
    for (const known of this.#changed) {
      if (rows.id.length >= rowsPerPiece) break
      this.#changed.delete(known)
      this.#tell(known, rows, loopRows)
    }
    return rows.id.length === 0 ? undefined : rows
  }

  /** Some tasks are looked at each time, all in turn: a name, or what waits for it, changes without an event of the task. */
  #compare(): void {
    for (let compared = 0; compared < comparedPerPiece; compared++) {
      const { done, value: known } = this.#compared.next()
      if (done === true) {
        this.#compared = this.#known.values()
        return
      }
      if (known.name !== known.task.getName() || known.awaiters !== signature(awaitersOf(known.task))) {
        this.#changed.add(known)
      }
    }
  }

  #tell(known: Known, rows: Rows, loopRows: LoopRows): void {
    const { task } = known
    const awaiters = awaitersOf(task)
    known.name = task.getName()
    known.awaiters = signature(awaiters)
    const isRunning = this.#times.running === known
    const waits = isRunning ? [] : lowlevel.awaitsUnsafe(task).map((each) => loopRows.awaitRow(each))
    rows.add(known, waits, awaiters, isRunning)
  }
}

class Rows extends GrowingRows {
  add(known: Known, waits: ReadonlyArray<AwaitRow>, awaiters: ReadonlyArray<number>, isRunning: boolean): void {
    const { task } = known
    const place = this.id.length
    const [wait] = waits
    this.id.push(task.id)
    this.name.push(known.name)
    this.by.push(task.createdBy?.id ?? 0)
    this.createdAt.push(Math.round(task.createdAt))
    this.kind.push(liveKinds.indexOf(wait?.kind ?? (isRunning ? "running" : "elsewhere")))
    this.on.push(Math.round(wait?.until ?? wait?.task ?? wait?.object ?? 0))
    this.since.push(Math.round(known.since))
    this.awaiter.push(awaiters[0] ?? 0)
    this.busy.push(round(known.busy))
    this.scheduled.push(round(known.scheduled))
    this.steps.push(known.steps)
    this.longest.push(round(known.longest))
    this.cancelling.push(task.cancelling())
    if (Object.keys(task.labels).length > 0) this.labels[place] = task.labels
    if (task.cancelling() > 0) {
      const { cancellation } = lowlevel.factsUnsafe(task)
      if (cancellation !== undefined) this.cancellation[place] = cancellation
    }
    if (awaiters.length > 1) this.awaiters[place] = awaiters
    if (waits.length > 1) this.waits[place] = waits
    if (wait?.text !== undefined) this.texts[place] = wait.text
    if (wait?.operation !== undefined) this.operations[place] = wait.operation
  }
}

const awaitersOf = (task: AnyTask): ReadonlyArray<number> => lowlevel.awaitersUnsafe(task).map(({ id }) => id)

/** A number that is another one as soon as others wait. */
const signature = (awaiters: ReadonlyArray<number>): number =>
  awaiters.reduce((sum, id) => (sum * 31 + id) | 0, awaiters.length)

/** Milliseconds with what matters of them. */
const round = (millis: number): number => Math.round(millis * 100) / 100

/** What a task has failed with, in one line. */
const errorText = (task: AnyTask): string =>
  lowlevel.safely(() => {
    const exit = (task as { readonly exit?: { readonly cause?: { readonly reasons?: ReadonlyArray<object> } } }).exit
    const [reason = {}] = exit?.cause?.reasons ?? []
    const { defect, error = defect } = reason as { readonly error?: unknown; readonly defect?: unknown }
    return lowlevel.plain(String(error))
  }, "an error that cannot be printed")
