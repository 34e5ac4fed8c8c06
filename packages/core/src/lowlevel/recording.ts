/**
 * Recording what the tasks of a loop do, at a price that a program in production can pay.
 *
 * @since 0.1.0
 */
import type * as Exit from "effect/Exit"
import type { Runnable } from "../internal/data/readyQueue.ts"
import type { CancelledError } from "../internal/model/CancelledError.ts"
import type { EventLoop } from "../internal/model/EventLoop.ts"
import { checkCopy } from "../internal/model/copy.ts"
import { withHint } from "../internal/model/hints.ts"
import { nameFrom } from "../internal/model/TaskRef.ts"
import type { FutureImpl } from "../internal/task/future.ts"
import { addObserver } from "../internal/task/observers.ts"
import { FiberScope } from "../internal/task/fiberScope.ts"
import { SleepFuture } from "../internal/task/sleepFuture.ts"
import { TaskImpl } from "../internal/task/task.ts"
import type { Observer, TaskLoop } from "../internal/task/taskLoop.ts"

/**
 * What an event says, in its first number. The second is the task; in the third of `created`, and of those that end the task, is N if it
 * is called `Task-N`, and -1 if there is a text.
 */
// Constants each by itself: V8 reads what is in an object again every time.
/** The fourth number is the task that has made it, or 0. */
const created = 1
const woken = 2
/** The fourth number, of these five: when the step began that ends so, or 0. */
const stepEnds = 3
/** The third number is the task that is waited for, or -1 for a sleep, or 0. */
const waits = 4
const finished = 5
const failed = 6
const cancelled = 7
/** The third number is -1 if there is a reason, the fourth the task that asks, or 0. */
const cancelRequested = 8

const typeNames = [
  "",
  "created",
  "woken",
  "stepEnds",
  "waits",
  "finished",
  "failed",
  "cancelled",
  "cancelRequested"
] as const

// The type is in the lowest bits of the first number, the tick in the others: 2^28 of them, which are three days of milliseconds.
const typeBits = 4
const ticks = 2 ** (32 - typeBits)

/**
 * An event out of a {@link TaskRing}.
 *
 * @category models
 * @since 0.1.0
 */
export interface RecordedEvent {
  /** A step ends with `waits`, or with the end of the task, or else with `stepEnds`: it gave way, or waits for what is not of this package. */
  readonly type: Exclude<(typeof typeNames)[number], "">
  /** The number of the task. */
  readonly task: number
  /** In ticks of the ring's clock, or what `precise` has given. */
  readonly time: number
  /** When the step began that ends so, if one does. */
  readonly began: number | undefined
  /** Of `waits`: the number of the task that it waits for, or `"sleep"`. */
  readonly waitsFor: number | "sleep" | undefined
  /** Of `created` and `cancelRequested`: the number of the task whose step was under way. */
  readonly by: number | undefined
  /** Of `created` and of those that end: what the task is called. */
  readonly name: string | undefined
  /** Of `cancelRequested`. */
  readonly reason: string | undefined
}

/**
 * Options of {@link TaskRing}.
 *
 * @category for tools
 * @since 0.1.0
 */
export interface TaskRingOptions {
  /** For how many events there is room: as many, or the next power of two. */
  readonly size: number
  /** What the time of an event is read from, times 16. */
  readonly clock?: Int32Array | undefined
  /** Gives the time of each event instead. */
  readonly precise?: (() => number) | undefined
}

/**
 * The last events of one or several loops, in typed arrays that are made once: to record allocates nothing.
 *
 * **Details**
 *
 * To read the time of the host costs more than to record what has happened. So the time of an event is a tick of a clock that others
 * move: `clock[0]` is sixteen times the number of ticks, and may be in memory that a thread shares. With `precise` the time is what
 * that function gives, for each event.
 *
 * **Example** (What has happened last)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const ring = new lowlevel.TaskRing({ size: 4 })
 * const main = Effect.gen(function*() {
 *   const stop = lowlevel.recordUnsafe(yield* asyncio.getRunningLoop, ring)
 *   yield* yield* asyncio.createTask(asyncio.sleep(1))
 *   stop()
 * })
 *
 * await asyncio.run(main)
 * ring.read().map(({ type }) => type) // => ["waits", "woken", "woken", "finished"]
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export class TaskRing {
  /** How many events there is room for. */
  readonly size: number
  /** What the time of an event is read from, times 16. */
  readonly clock: Int32Array
  /** Gives the time of each event instead, if there is such a function. */
  readonly precise: (() => number) | undefined
  /** Four numbers of each event: type and tick, task, and what belongs to the type. @internal */
  readonly numbers: Int32Array
  /** Of each event its time, and when the step began. @internal */
  readonly times: Float64Array | undefined
  /** Names and reasons, where there are any. @internal */
  readonly texts: Array<string | undefined>
  /** Where the next event goes, in `numbers`. @internal */
  next = 0
  /** @internal */
  readonly mask: number
  /** The task whose step is under way, or 0, and the tick at which that began, times 16. @internal */
  running = 0
  /** @internal */
  began = 0
  /** @internal */
  beganPrecisely = 0

  constructor({ clock, precise, size }: TaskRingOptions) {
    // When: a `TaskRing` for no events, or for more than there can be.
    if (!(size >= 1 && size <= 2 ** 24)) {
      throw withHint(
        new RangeError(`a TaskRing has from 1 to 2^24 events, and not ${size}`),
        "Give the number of events to keep; the oldest ones make room for new ones."
      )
    }
    this.size = 2 ** Math.ceil(Math.log2(size))
    this.mask = 4 * this.size - 1
    this.clock = clock ?? new Int32Array(1)
    this.precise = precise
    this.numbers = new Int32Array(4 * this.size)
    this.times = precise === undefined ? undefined : new Float64Array(2 * this.size)
    this.texts = Array.from({ length: this.size }, () => undefined)
  }

  /** How many events it has. */
  get length(): number {
    // No type is 0.
    return this.numbers[this.next] === 0 ? this.next / 4 : this.size
  }

  /** The events, the oldest first. `now` is the number of ticks that the clock has reached, where that has begun anew meanwhile. */
  read(now: number = this.#tick): Array<RecordedEvent> {
    const { length, numbers, size } = this
    const events: Array<RecordedEvent> = []
    // From the newest to the oldest, because the clock may have begun anew between two of them.
    let after = this.#tick
    let time = now
    for (let i = 1; i <= length; i++) {
      const at = (this.next / 4 - i + size) % size
      const tick = numbers[4 * at]! >>> typeBits
      time -= between(tick, after)
      after = tick
      events.push(this.#eventAt(at, tick, time))
    }
    return events.toReversed()
  }

  /** The step under way: its task, and when it began. */
  current(now: number = this.#tick): { readonly task: number; readonly began: number } | undefined {
    if (this.running === 0) return undefined
    const began = this.precise === undefined ? now - between(this.began >>> typeBits, this.#tick) : this.beganPrecisely
    return { task: this.running, began }
  }

  get #tick(): number {
    return this.clock[0]! >>> typeBits
  }

  #eventAt(at: number, tick: number, time: number): RecordedEvent {
    const [first, task, other, fourth] = this.numbers.subarray(4 * at, 4 * at + 4) as unknown as FourNumbers
    const type = typeNames[first & (2 ** typeBits - 1)] as RecordedEvent["type"]
    const isFirst = type === "created"
    const isAsked = type === "cancelRequested"
    const endsStep = type === "stepEnds" || type === "waits" || (fourth !== 0 && !isFirst && !isAsked)
    const isNamed = isFirst || type === "finished" || type === "failed" || type === "cancelled"
    return {
      type,
      task,
      time: this.times?.[2 * at] ?? time,
      began:
        endsStep && fourth !== 0 ? (this.times?.[2 * at + 1] ?? time - between(fourth >>> typeBits, tick)) : undefined,
      waitsFor: type !== "waits" || other === 0 ? undefined : other === -1 ? "sleep" : other,
      by: (isFirst || isAsked) && fourth !== 0 ? fourth : undefined,
      name: isNamed ? (other === -1 ? this.texts[at] : nameFrom(other)) : undefined,
      reason: isAsked && other === -1 ? this.texts[at] : undefined
    }
  }

  /** Forgets all events. */
  clear(): void {
    this.next = 0
    this.numbers.fill(0)
    this.texts.fill(undefined)
  }
}

/** How many ticks lie between two. */
const between = (tick: number, later: number): number => (later - tick + ticks) % ticks

type FourNumbers = readonly [number, number, number, number]

/**
 * Records what the tasks of a loop do into a ring, until what this gives is called. Several loops can be recorded into one ring.
 *
 * **Details**
 *
 * It is an observer, as {@link observeUnsafe} has them, that calls no other code and keeps no task. Snapshots do not tell since when a task
 * waits because of it. The task whose step is under way counts as the one that makes a task, or asks it to cancel itself.
 *
 * A loop of another copy of the package is a RuntimeError.
 *
 * **Example** (What is called how)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const ring = new lowlevel.TaskRing({ size: 100 })
 * const main = Effect.gen(function*() {
 *   const stop = lowlevel.recordUnsafe(yield* asyncio.getRunningLoop, ring)
 *   yield* yield* asyncio.createTask(Effect.void, { name: "worker" })
 *   stop()
 * })
 *
 * await asyncio.run(main)
 * ring.read().find(({ type }) => type === "created")?.name // => "worker"
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const recordUnsafe = (loop: EventLoop, ring: TaskRing): (() => void) => {
  checkCopy(loop)
  const stop = addObserver(loop as unknown as TaskLoop, new Recording(ring))
  return () => {
    ring.running = 0
    stop()
  }
}

/**
 * Each of these is called very often: a twentieth of what a task costs is the goal for all of them together. So a step is one event, at
 * its end.
 */
class Recording implements Observer {
  readonly #ring: TaskRing
  // The tasks whose steps are on the stack around the one under way: a task starts eagerly in another's step.
  readonly #around: Array<number> = []
  #depth = 0

  constructor(ring: TaskRing) {
    this.#ring = ring
  }

  registered(task: TaskImpl): void {
    // A task that has begun eagerly is registered once more after its first step, when it has a root.
    if (task.root === undefined) this.#writeName(created, task, this.#ring.running)
  }

  ending(): void {}

  queued({ task }: Runnable): void {
    // Of a task that has not begun its creation says the same.
    if (task instanceof TaskImpl && task.root !== undefined) this.#write(woken, task.id, 0, 0)
  }

  stepBegins(task: TaskImpl, _exit: Exit.Exit<never>): void {
    const ring = this.#ring
    if (this.#depth++ > 0) {
      this.#around.push(ring.running)
      // What has run so far of the step around this one.
      if (ring.running !== 0) this.#endStep(stepEnds, ring.running, 0)
    }
    ring.running = task.id
    this.#begins()
  }

  stepEnds(task: TaskImpl): void {
    const ring = this.#ring
    const isOver = task.exit !== undefined
    if (!isOver && task.waits === undefined) this.#endStep(waits, task.id, awaitedBy(task))
    if (--this.#depth === 0) {
      // Promise code tells by itself when it begins to wait: what is behind the step in microtasks belongs to it.
      if (isOver) ring.running = 0
      return
    }
    if (ring.running === task.id) this.#endStep(stepEnds, task.id, 0)
    // The rest of the step around this one.
    ring.running = this.#around.pop()!
    this.#begins()
  }

  stretchBegins(): void {
    if (this.#ring.running !== 0 && this.#depth === 0) this.#endStep(stepEnds, this.#ring.running, 0)
  }

  waits(task: TaskImpl, future: FutureImpl | undefined): void {
    this.#endStep(waits, task.id, codeOf(future))
  }

  cancelRequested(task: TaskImpl, { reason }: CancelledError): void {
    const ring = this.#ring
    if (reason !== undefined) ring.texts[ring.next >> 2] = reason
    this.#write(cancelRequested, task.id, reason === undefined ? 0 : -1, ring.running)
  }

  ended(task: TaskImpl): void {
    const type = task.exit?._tag === "Success" ? finished : task.cancelled() ? cancelled : failed
    this.#writeName(type, task, this.#takeStep(task.id))
  }

  waiterMade(): void {}

  #begins(): void {
    const ring = this.#ring
    ring.began = ring.clock[0]! | 1
    if (ring.precise !== undefined) ring.beganPrecisely = ring.precise()
  }

  #endStep(type: number, task: number, third: number): void {
    this.#write(type, task, third, this.#takeStep(task))
  }

  /** When the step under way began, if it is one of this task, which ends. */
  #takeStep(task: number): number {
    const ring = this.#ring
    if (ring.running !== task) return 0
    ring.running = 0
    if (ring.times !== undefined) ring.times[(ring.next >> 1) + 1] = ring.beganPrecisely
    return ring.began
  }

  #writeName(type: number, task: TaskImpl, fourth: number): void {
    const { givenName, id } = task
    const ring = this.#ring
    if (typeof givenName !== "number") ring.texts[ring.next >> 2] = givenName
    this.#write(type, id, typeof givenName === "number" ? givenName : -1, fourth)
  }

  #write(type: number, task: number, third: number, fourth: number): void {
    const ring = this.#ring
    const { next, numbers } = ring
    numbers[next] = ring.clock[0]! | type
    numbers[next + 1] = task
    numbers[next + 2] = third
    numbers[next + 3] = fourth
    if (ring.times !== undefined) ring.times[next >> 1] = ring.precise!()
    ring.next = (next + 4) & ring.mask
  }
}

/** Not by `awaited`, which goes through all that is in flight: a fiber has one await. */
const awaitedBy = ({ root }: TaskImpl): number => (root instanceof FiberScope ? codeOf(root.wait?.future) : 0)

const codeOf = (future: FutureImpl | undefined): number => {
  if (future instanceof TaskImpl) return future.id
  return future instanceof SleepFuture ? -1 : 0
}
