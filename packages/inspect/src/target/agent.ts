/**
 * What looks into the program, on its own thread: each answer is computed at one moment, between two operations of the program, and reads
 * only. Orders, which run code of the program, come in a macrotask of their own.
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type { AnyTask } from "@effect-asyncio/core/lowlevel"
import type { Asked, Heap, LivePiece, OneTask, Outcome, Selection, Summary } from "../protocol.ts"
import type { Steps } from "../profile/steps.ts"
import type { LoopsRecorder } from "../recorder/loopsRecorder.ts"
import type { RecordOptions } from "../recorder/recorder.ts"
import { cancelSelected, outcomesOf, refOf } from "./cancelling.ts"
import { Dumps } from "./dumps.ts"
import { Observing } from "./observing.ts"
import { type RecordingHost, Recordings } from "./recordings.ts"
import { LoopRows } from "./rows.ts"
import { keep } from "./unfinished.ts"
import { Watch } from "./watch.ts"

/** What an agent can do on some hosts only. */
export interface AgentHost extends RecordingHost {
  /** Writes a heap snapshot for the client. Throws where the heap is larger than `most` bytes. */
  readonly writeHeap: (most: number) => Omit<Heap, "tasks">
  /** Takes away a snapshot that no client will read, or all of them. */
  readonly removeHeap: (file?: string) => void
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

export class Agent {
  readonly #kinds: ReadonlyArray<string> | undefined
  readonly #host: AgentHost
  readonly #numbers = { last: 0 }
  readonly #observing = new Observing()
  readonly #rows = new LoopRows(this.#observing)
  readonly #dumps = new Dumps(this.#rows, this.#numbers)
  readonly #recordings: Recordings
  readonly #cancels = new Map<number, ReadonlyArray<AnyTask>>()
  readonly #watches = new Map<number, Watch>()
  #endProbe: (() => void) | undefined = undefined

  constructor({ host = pageHost, kinds, name, record }: AgentOptions = {}) {
    this.#kinds = kinds
    this.#host = host
    this.#recordings = new Recordings(name, record, host, this.#numbers)
  }

  summary(): Summary {
    const loops = lowlevel.loopsUnsafe()
    return { loops: loops.length, tasks: loops.reduce((sum, loop) => sum + loop.allTasksUnsafe().length, 0) }
  }

  /** Observes all loops, also those that are made later. */
  observe(): void {
    this.#observing.start()
  }

  /** Begins a dump, with rows or with columns, and gives its first part: all of it where that is small. */
  begin(columns = false): ReturnType<Dumps["begin"]> {
    return this.#dumps.begin(columns)
  }

  /** The next part of a dump. */
  next(dump: number): ReturnType<Dumps["next"]> {
    return this.#dumps.next(dump)
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
    const probe = lowlevel.leakProbeUnsafe([this.#cancels, this.#watches, this.#dumps])
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
    this.#watches.set(++this.#numbers.last, new Watch(this.#rows))
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
      if (task !== undefined) return { loop, time: each.time(), task: this.#rows.taskRow(task) }
    }
    return null
  }

  // ---- recording -----------------------------------------------------------------------------------------------------

  /** The recorder that runs. */
  running(): LoopsRecorder | undefined {
    return this.#recordings.running()
  }

  /** Records from now on for one client; false where a recorder runs that has what was before. */
  startRecording(): boolean {
    return this.#recordings.start()
  }

  /** One client needs it no more. */
  endRecording(): void {
    this.#recordings.end()
  }

  /** What was recorded, or the last so many milliseconds of it: its first part. */
  beginTrace(last?: number | null): ReturnType<Recordings["beginTrace"]> {
    return this.#recordings.beginTrace(last)
  }

  nextOfTrace(trace: number): ReturnType<Recordings["nextOfTrace"]> {
    return this.#recordings.nextOfTrace(trace)
  }

  /** Records when each step begins and ends, for a profile. There is one profiler: false where it is taken. */
  startSteps(): boolean {
    return this.#recordings.startSteps()
  }

  stopSteps(): Steps {
    return this.#recordings.stopSteps()
  }

  /** Records and observes no more, and leaves no file behind. */
  stop(): void {
    this.#host.removeHeap()
    this.#recordings.stop()
    this.#observing.stop()
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
    return outcomesOf(tasks, (task) => this.#rows.taskRow(task))
  }
}
