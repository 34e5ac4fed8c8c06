/**
 * What is known of a process from the pieces of `live`. It runs in Node.js and in the page of the dashboard.
 */
import type { AwaitRow, CancellationRow, LiveEnded, LiveLoop, LivePiece, LiveRows, ObjectRow } from "../protocol.ts"
import { liveKinds } from "../protocol.ts"
import { InspectError } from "../errors.ts"
import { Forest } from "./forest.ts"
import { mostFollowed, tooManyTasks } from "./limit.ts"

const none: ReadonlyArray<number> = []

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
  /** Whether another one is known that it has created. */
  hasCreated: boolean
  /** For a walk over all tasks: in which round it was met. */
  met: number
}

/** With all fields from the start: of a hundred thousand each takes its time. */
const newTask = (id: number): LiveTask => ({
  id,
  loop: 0,
  name: "",
  by: 0,
  createdAt: 0,
  kind: "elsewhere",
  on: 0,
  since: -1,
  awaiters: none,
  busy: 0,
  scheduled: 0,
  steps: 0,
  longest: 0,
  cancelling: 0,
  cancellation: undefined,
  labels: undefined,
  waits: undefined,
  text: undefined,
  operation: undefined,
  hasCreated: false,
  met: 0
})

/** One piece, as far as it is drawn over time. */
export interface Sample {
  /** When it came, in milliseconds on the clock of the client. */
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

export class Picture {
  readonly tasks = new Map<number, LiveTask>()
  // Undefined until they are asked for.
  #creation: Forest<LiveTask> | undefined = undefined
  #waiting: Forest<LiveTask> | undefined = undefined
  // The creators of tasks that have ended and had created others.
  readonly #heirs = new Map<number, number>()
  loops: ReadonlyArray<LiveLoop> = []
  objects: ReadonlyArray<ObjectRow> = []
  /** The last tasks that have ended, the oldest first. */
  ended: Array<Ended> = []
  samples: Array<Sample> = []
  /** Whether all tasks were told of. */
  isComplete = false
  /** It grows with each piece. */
  version = 0
  readonly #most: number

  constructor(most = mostFollowed) {
    this.#most = most
  }

  /** Takes a piece that came at `now`. Throws where it has more tasks in all than a process of ours tells of. */
  apply(piece: LivePiece, now: number): void {
    this.version++
    if (piece.whole === true) this.#forget()
    this.loops = piece.loops
    for (const id of piece.gone ?? []) this.#gone(id)
    if (piece.rows !== undefined) this.#rows(piece.rows)
    if (this.tasks.size > this.#most) throw new InspectError(tooManyTasks(this.tasks.size, this.#most))
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

  /** Each task below its creator: children of one that has ended are those of its own creator. */
  get creation(): Forest<LiveTask> {
    if (this.#creation === undefined) {
      this.#creation = new Forest()
      for (const task of this.tasks.values()) this.#creation.put(task, this.#creatorOf(task))
    }
    return this.#creation
  }

  /** Each task below the first that waits for it. */
  get waiting(): Forest<LiveTask> {
    if (this.#waiting === undefined) {
      this.#waiting = new Forest()
      for (const task of this.tasks.values()) this.#waiting.put(task, task.awaiters[0] ?? 0)
    }
    return this.#waiting
  }

  /** The first of those that have created it, one after the other, that is not known to have ended. */
  #creatorOf(task: LiveTask): number {
    let { by } = task
    for (let heir = this.#heirs.get(by); heir !== undefined; heir = this.#heirs.get(by)) by = heir
    return by
  }

  /** Milliseconds on the clock of a task's loop, when the last piece came. */
  timeOf({ loop }: { readonly loop: number }): number {
    return this.loops.find((each) => each.loop === loop)?.time ?? 0
  }

  #forget(): void {
    this.tasks.clear()
    this.#creation = undefined
    this.#waiting = undefined
    this.#heirs.clear()
    this.objects = []
  }

  #gone(id: number): void {
    const task = this.tasks.get(id)
    if (task === undefined) return
    this.tasks.delete(id)
    const creator = this.#creatorOf(task)
    if (task.hasCreated) this.#heirs.set(id, creator)
    this.#creation?.remove(task, creator)
    this.#waiting?.remove(task, 0)
  }

  #rows(rows: LiveRows): void {
    for (const [place, id] of rows.id.entries()) {
      let task = this.tasks.get(id)
      if (task === undefined) {
        task = newTask(id)
        this.tasks.set(id, task)
        task.by = rows.by[place]!
        const creator = this.tasks.get(task.by)
        if (creator !== undefined) creator.hasCreated = true
        this.#creation?.put(task, this.#creatorOf(task))
      }
      task.loop = rows.loop
      task.name = rows.name[place]!
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
      this.#waiting?.put(task, awaiter)
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
