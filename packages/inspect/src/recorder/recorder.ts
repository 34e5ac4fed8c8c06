/**
 * The flight recorder: the last things that the tasks of this process have done.
 *
 * @since 0.1.0
 */
import { writeFileSync } from "node:fs"
import { basename } from "node:path"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type { EventLoop } from "@effect-asyncio/core"
import { ticking } from "./ticking.ts"
import { type Trace, traceOf } from "./traceEvents.ts"

/**
 * Options of {@link record}.
 *
 * @category models
 * @since 0.1.0
 */
export interface RecordOptions {
  /** How many events are kept, the next power of two of it: 65,536 by default, which take 1.5 MB. A step is one event or two. */
  readonly events?: number | undefined
  /** Whether the clock is read at each event. By default times are exact to a millisecond or two, at a fraction of the price. */
  readonly precise?: boolean | undefined
  /** What the process is called in traces: the name of its program by default. */
  readonly name?: string | undefined
}

/**
 * A recorder that runs.
 *
 * @category models
 * @since 0.1.0
 */
export interface Recorder {
  /** What was recorded, or the last so many milliseconds of it. */
  trace(last?: number): Trace
  /** Writes that into a file, which Perfetto and Chromium open. */
  write(file: string, last?: number): void
  /** Forgets all, and records no more. */
  stop(): void
}

/**
 * Records what the tasks of all loops of this thread do from now on, in a ring that is made once.
 *
 * **Details**
 *
 * It is for programs in production: what it costs is on the page. Steps that begin and end in the same millisecond are in their order, and
 * in equal distances, unless `precise` is set. Names are as they were when a task was made or has ended.
 *
 * **Example** (What went before an error)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import { record } from "@effect-asyncio/inspect"
 *
 * const recorder = record()
 * await asyncio.run(async () => {
 *   await asyncio.createTask(async () => {}, { name: "worker" })
 * })
 * const names = recorder.trace().traceEvents.flatMap(({ args, name }) => (name === "thread_name" ? [args?.name] : []))
 * recorder.stop()
 *
 * names.includes("worker") // => true
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const record = (options: RecordOptions = {}): Recorder => new LoopsRecorder(options)

export class LoopsRecorder implements Recorder {
  readonly name: string
  readonly ring: lowlevel.TaskRing
  /** When it began, in milliseconds since 1970. */
  readonly began: number
  readonly #stops: Array<() => void> = []
  // What ends it on a loop, for as long as there is that loop.
  readonly #recorded = new WeakMap<EventLoop, () => void>()

  constructor({ events = 65_536, name, precise = false }: RecordOptions) {
    this.name = name ?? basename(process.argv[1] ?? "node")
    if (precise) {
      const start = performance.now()
      this.began = performance.timeOrigin + start
      this.ring = new lowlevel.TaskRing({ size: events, precise: () => performance.now() - start })
    } else {
      const { began, clock, stop } = ticking()
      this.#stops.push(stop)
      this.began = began
      this.ring = new lowlevel.TaskRing({ size: events, clock })
    }
    for (const loop of lowlevel.loopsUnsafe()) this.#record(loop)
    this.#stops.push(lowlevel.onLoopUnsafe((loop) => this.#record(loop)))
  }

  #record(loop: EventLoop): void {
    if (lowlevel.isOfThisCopy(loop)) this.#recorded.set(loop, lowlevel.recordUnsafe(loop, this.ring))
  }

  /** The milliseconds of now, as events have them. */
  now(): number {
    return performance.timeOrigin + performance.now() - this.began
  }

  /** The names of the tasks that are not done. */
  names(): Map<number, string> {
    const tasks = lowlevel.loopsUnsafe().flatMap((loop) => loop.allTasksUnsafe())
    return new Map(tasks.map((task) => [task.id, task.getName()]))
  }

  events(): ReadonlyArray<lowlevel.RecordedEvent> {
    return this.ring.read(Math.floor(this.now()))
  }

  trace(last?: number): Trace {
    return traceOf(this.events(), {
      pid: process.pid,
      process: this.name,
      names: this.names(),
      began: this.began,
      now: this.now(),
      precise: this.ring.precise !== undefined,
      current: this.ring.current(Math.floor(this.now())),
      last
    })
  }

  write(file: string, last?: number): void {
    writeFileSync(file, `${JSON.stringify(this.trace(last))}\n`)
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop()
    for (const loop of lowlevel.loopsUnsafe()) this.#recorded.get(loop)?.()
    this.ring.clear()
  }
}
