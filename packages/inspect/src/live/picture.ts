/**
 * What is known of a process from the pieces of `live`. It runs in Node.js and in the page of the dashboard.
 */
import type { AwaitRow, CancellationRow, LiveEnded, LiveLoop, LivePiece, LiveRows, ObjectRow } from "../protocol.ts"
import { liveKinds } from "../protocol.ts"
import { Forest } from "./forest.ts"

/** A task that is not done. Times are in milliseconds, those that are moments on the clock of its loop. */
export interface LiveTask {
  readonly id: number
  loop: number
  name: string
  /** The task that has created it; 0: none. */
  by: number
  createdAt: number
  kind: (typeof liveKinds)[number]
  /** The end of its sleep, or the number of the task or lock that it waits for. */
  on: number
  /** -1: not known. */
  since: number
  awaiters: ReadonlyArray<number>
  busy: number
  scheduled: number
  steps: number
  longest: number
  cancelling: number
  cancellation: CancellationRow | undefined
  labels: { readonly [label: string]: string | number | boolean } | undefined
  /** All that it waits for, if that is several things. */
  waits: ReadonlyArray<AwaitRow> | undefined
  text: string | undefined
  operation: string | undefined
}

/** One piece, as far as it is drawn over time. */
export interface Sample {
  /** When it came, in milliseconds on the clock of who looks. */
  readonly at: number
  readonly over: number
  readonly tasks: number
  readonly lag: number
  /** Which part of the time tasks have computed, from 0 to 1. */
  readonly busy: number
  /** Per second. */
  readonly steps: number
  readonly started: number
  readonly ended: number
  readonly failed: number
  readonly asked: number
}

type Ended = Omit<LiveEnded, "unretrieved"> & { unretrieved: boolean }

/** So many tasks that have ended are kept, and so many samples: two minutes. */
const mostEnded = 1000
const mostSamples = 240

const none: ReadonlyArray<number> = []

export class Picture {
  readonly tasks = new Map<number, LiveTask>()
  /** By who has created whom: children of one that has ended are those of its own creator. */
  readonly creation = new Forest<LiveTask>()
  /** By who waits for whom: below the first that waits. */
  readonly waiting = new Forest<LiveTask>()
  loops: ReadonlyArray<LiveLoop> = []
  objects: ReadonlyArray<ObjectRow> = []
  /** The last tasks that have ended, the oldest first. */
  ended: Array<Ended> = []
  samples: Array<Sample> = []
  /** Whether all tasks were told of. */
  isComplete = false
  /** It grows with each piece. */
  version = 0

  /** Takes a piece that came at `now`. */
  apply(piece: LivePiece, now: number): void {
    this.version++
    if (piece.whole === true) this.#forget()
    this.loops = piece.loops
    for (const id of piece.gone ?? []) this.#gone(id)
    if (piece.rows !== undefined) this.#rows(piece.rows)
    for (const { unretrieved, ...ended } of piece.ended ?? []) {
      this.ended.push({ ...ended, unretrieved: unretrieved === true })
    }
    if (this.ended.length > mostEnded) this.ended = this.ended.slice(-mostEnded)
    if (piece.retrieved !== undefined) {
      const retrieved = new Set(piece.retrieved)
      for (const each of this.ended) if (retrieved.has(each.id)) each.unretrieved = false
    }
    if (piece.objects !== undefined) this.objects = piece.objects
    this.isComplete = piece.more !== true
    // The time between two pieces of the first picture says nothing.
    if (this.isComplete) this.#sample(piece.loops, now)
  }

  /** All tasks that are not done. */
  all(): ReadonlyArray<LiveTask> {
    return [...this.tasks.values()]
  }

  names(): ReadonlyArray<string> {
    return this.all().map(({ name }) => name)
  }

  /** Milliseconds on the clock of a task's loop, when the last piece came. */
  timeOf({ loop }: { readonly loop: number }): number {
    return this.loops.find((each) => each.loop === loop)?.time ?? 0
  }

  #forget(): void {
    this.tasks.clear()
    this.creation.clear()
    this.waiting.clear()
    this.objects = []
  }

  #gone(id: number): void {
    const task = this.tasks.get(id)
    if (task === undefined) return
    this.tasks.delete(id)
    this.creation.remove(task, true)
    this.waiting.remove(task, false)
  }

  #rows(rows: LiveRows): void {
    for (const [place, id] of rows.id.entries()) {
      let task = this.tasks.get(id)
      if (task === undefined) {
        task = { id } as LiveTask
        this.tasks.set(id, task)
        this.creation.put(task, rows.by[place]!)
      }
      task.loop = rows.loop
      task.name = rows.name[place]!
      task.by = rows.by[place]!
      task.createdAt = rows.createdAt[place]!
      task.kind = liveKinds[rows.kind[place]!] ?? "elsewhere"
      task.on = rows.on[place]!
      task.since = rows.since[place]!
      task.busy = rows.busy[place]!
      task.scheduled = rows.scheduled[place]!
      task.steps = rows.steps[place]!
      task.longest = rows.longest[place]!
      task.cancelling = rows.cancelling[place]!
      task.cancellation = rows.cancellation[place]
      task.labels = rows.labels[place]
      task.waits = rows.waits[place]
      task.text = rows.texts[place]
      task.operation = rows.operations[place]
      const awaiter = rows.awaiter[place]!
      task.awaiters = rows.awaiters[place] ?? (awaiter === 0 ? none : [awaiter])
      this.waiting.put(task, awaiter)
    }
  }

  #sample(loops: ReadonlyArray<LiveLoop>, now: number): void {
    const over = Math.max(1, ...loops.map((each) => each.over))
    const sum = (of: (loop: LiveLoop) => number) => loops.reduce((all, loop) => all + of(loop), 0)
    const perSecond = (of: (loop: LiveLoop) => number) => (sum(of) * 1000) / over
    this.samples.push({
      at: now,
      over,
      tasks: sum((loop) => loop.tasks),
      lag: Math.max(0, ...loops.map((loop) => loop.lag)),
      busy: Math.min(1, sum((loop) => loop.busy) / over),
      steps: perSecond((loop) => loop.steps),
      started: perSecond((loop) => loop.started),
      ended: perSecond((loop) => loop.finished + loop.failed + loop.cancelled),
      failed: perSecond((loop) => loop.failed),
      asked: perSecond((loop) => loop.asked)
    })
    if (this.samples.length > mostSamples) this.samples.shift()
  }
}
