/**
 * What was recorded in the Trace Event Format, which Perfetto and Chromium open:
 * https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU.
 *
 *     a track for each name of tasks:   steps, and beside them what was asked of the tasks
 *     a line for each task:             from its creation to its end, with its waits in it
 */
import type * as lowlevel from "@effect-asyncio/core/lowlevel"

/**
 * An event of a trace, as far as it is written here. Times are in microseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface TraceEvent {
  readonly ph: "M" | "X" | "i" | "b" | "e"
  readonly name: string
  readonly cat?: string
  readonly pid: number
  readonly tid: number
  readonly ts?: number
  readonly dur?: number
  readonly s?: "t"
  readonly id?: string
  readonly args?: { readonly [key: string]: string | number }
}

/**
 * A trace as a file.
 *
 * @category models
 * @since 0.1.0
 */
export interface Trace {
  readonly traceEvents: ReadonlyArray<TraceEvent>
  readonly displayTimeUnit: "ms"
  readonly otherData: { readonly [key: string]: string | number }
}

/** What is known beside the events. */
export interface TraceOptions {
  readonly pid: number
  /** What the process is called. */
  readonly process: string
  /** The names of tasks that are not done: those that were made before the first event are known by it. */
  readonly names: ReadonlyMap<number, string>
  /** When the recording began, in milliseconds since 1970. */
  readonly began: number
  /** The milliseconds of now, as events have them, and whether those are exact. */
  readonly now: number
  readonly precise: boolean
  /** The step under way. */
  readonly current: { readonly task: number; readonly began: number } | undefined
  /** How many milliseconds of the end are wanted. */
  readonly last: number | undefined
}

type Event = lowlevel.RecordedEvent

const ends: ReadonlySet<Event["type"]> = new Set(["finished", "failed", "cancelled"] as const)

export const traceOf = (events: ReadonlyArray<Event>, options: TraceOptions): Trace => {
  const { began, current, last, now, pid, process } = options
  const from = last === undefined ? 0 : now - last
  const wanted = events.filter(({ time }) => time >= from)
  const writer = new Writer(wanted, options)
  const times = options.precise ? wanted.map(({ time }) => time * 1000) : spread(wanted, now)
  // Where the last step ended, before which the next one cannot have begun.
  let lastEnd = 0
  for (const [i, event] of wanted.entries()) {
    const ts = times[i]!
    const start = event.began === undefined ? ts : Math.max(event.began * 1000, Math.min(lastEnd, ts))
    writer.write(event, ts, start)
    if (event.began !== undefined) lastEnd = ts
  }
  if (current !== undefined) writer.underWay(current.task, Math.max(current.began * 1000, lastEnd), now * 1000)
  return {
    traceEvents: [...writer.head(process), ...writer.events],
    displayTimeUnit: "ms",
    otherData: { process, pid, began: new Date(began).toISOString(), events: wanted.length }
  }
}

/** Those of the same millisecond in equal distances, because the order is all that is known. */
const spread = (events: ReadonlyArray<Event>, now: number): ReadonlyArray<number> => {
  const times: Array<number> = []
  for (let i = 0; i < events.length; i = times.length) {
    const { time } = events[i]!
    let end = i
    while (end < events.length && events[end]!.time === time) end++
    const next = Math.min(events[end]?.time ?? now, time + 1)
    const width = Math.max(next - time, 0.001) * 1000
    for (let k = i; k < end; k++) times.push(time * 1000 + (width * (k - i + 1)) / (end - i + 1))
  }
  return times
}

class Writer {
  readonly events: Array<TraceEvent> = []
  readonly #pid: number
  readonly #names: Map<number, string>
  // The tracks, by the names of the tasks.
  readonly #tracks = new Map<string, number>()
  // The tasks that wait, with what for.
  readonly #waiting = new Map<number, string>()

  constructor(events: ReadonlyArray<Event>, { names, pid }: TraceOptions) {
    this.#pid = pid
    this.#names = new Map(names)
    for (const { name, task } of events) if (name !== undefined) this.#names.set(task, name)
  }

  write(event: Event, ts: number, start: number): void {
    const { by, reason, task, type, waitsFor } = event
    if (type === "created") {
      this.#span("b", task, this.#nameOf(task), ts, by === undefined ? {} : { "created by": this.#refOf(by) })
    }
    if (event.began !== undefined) this.#step(event, start, ts)
    if (type === "waits") {
      const what =
        waitsFor === undefined ? "waits" : `waits for ${waitsFor === "sleep" ? "sleep" : this.#nameOf(waitsFor)}`
      this.#goesOn(task, start)
      this.#waiting.set(task, what)
      this.#span("b", task, what, ts, typeof waitsFor === "number" ? { task: this.#refOf(waitsFor) } : {})
    }
    if (type === "woken") this.#goesOn(task, ts)
    if (type === "cancelRequested") {
      this.#instant(task, "asked to cancel", ts, {
        ...(by === undefined ? {} : { by: this.#refOf(by) }),
        ...(reason === undefined ? {} : { reason })
      })
    }
    if (ends.has(type)) {
      this.#goesOn(task, ts)
      this.#span("e", task, this.#nameOf(task), ts, { outcome: type })
    }
  }

  /** The step whose end was not recorded. */
  underWay(task: number, start: number, now: number): void {
    this.events.push({
      ...this.#on(task),
      ph: "X",
      name: this.#refOf(task),
      cat: "step",
      ts: start,
      dur: now - start,
      args: { ends: "under way" }
    })
  }

  /** What a reader of traces calls the tracks. */
  head(process: string): Array<TraceEvent> {
    const about = (tid: number, name: string, args: Record<string, string | number>): TraceEvent => ({
      ph: "M",
      pid: this.#pid,
      tid,
      name,
      args
    })
    return [
      about(0, "process_name", { name: process }),
      ...[...this.#tracks].flatMap(([name, tid]) => [
        about(tid, "thread_name", { name }),
        about(tid, "thread_sort_index", { sort_index: tid })
      ])
    ]
  }

  #step({ task, type }: Event, ts: number, end: number): void {
    this.events.push({
      ...this.#on(task),
      ph: "X",
      name: this.#refOf(task),
      cat: "step",
      ts,
      dur: end - ts,
      args: { ends: type }
    })
  }

  #instant(task: number, name: string, ts: number, args: Record<string, string>): void {
    this.events.push({ ...this.#on(task), ph: "i", name, cat: "task", ts, s: "t", args })
  }

  #span(ph: "b" | "e", task: number, name: string, ts: number, args: Record<string, string>): void {
    this.events.push({ ...this.#on(task), ph, name, cat: "task", id: String(task), ts, args })
  }

  #goesOn(task: number, ts: number): void {
    const what = this.#waiting.get(task)
    if (what === undefined) return
    this.#waiting.delete(task)
    this.#span("e", task, what, ts, {})
  }

  #on(task: number): { readonly pid: number; readonly tid: number } {
    const name = this.#nameOf(task)
    let tid = this.#tracks.get(name)
    if (tid === undefined) this.#tracks.set(name, (tid = this.#tracks.size + 1))
    return { pid: this.#pid, tid }
  }

  #nameOf(task: number): string {
    return this.#names.get(task) ?? "?"
  }

  #refOf(task: number): string {
    return `${this.#nameOf(task)} (${task})`
  }
}
