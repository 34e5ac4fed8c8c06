/**
 * Records what the tasks of all loops of a thread do, on any host.
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type { EventLoop } from "@effect-asyncio/core"
import type { RecordOptions } from "./recorder.ts"
import type { Ticking } from "./ticking.ts"
import { type Trace, traceOf } from "./traceEvents.ts"

/** What the host of a recorder is asked for. */
export interface RecorderHost {
  /** The number of the process, for traces. */
  readonly pid: number
  /** A clock that costs less than to ask for the time at each event. Without one that is what is done. */
  readonly ticking?: (() => Ticking) | undefined
}

export class LoopsRecorder {
  readonly name: string
  readonly ring: lowlevel.TaskRing
  /** When it began, in milliseconds since 1970. */
  readonly began: number
  readonly #pid: number
  readonly #stops: Array<() => void> = []
  // What ends it on a loop, for as long as there is that loop.
  readonly #recorded = new WeakMap<EventLoop, () => void>()

  constructor({ events = 65_536, name = "", precise = false }: RecordOptions, { pid, ticking }: RecorderHost) {
    this.name = name
    this.#pid = pid
    if (precise || ticking === undefined) {
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
      pid: this.#pid,
      process: this.name,
      names: this.names(),
      began: this.began,
      now: this.now(),
      precise: this.ring.precise !== undefined,
      current: this.ring.current(Math.floor(this.now())),
      last
    })
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop()
    for (const loop of lowlevel.loopsUnsafe()) this.#recorded.get(loop)?.()
    this.ring.clear()
  }
}
