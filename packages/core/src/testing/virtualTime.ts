/**
 * A loop on virtual time.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Scheduler from "effect/Scheduler"
import type { EventLoop } from "../EventLoop.ts"
import { toMillis } from "../internal/arguments.ts"
import { EventLoopImpl } from "../internal/eventLoop.ts"
import { nextMacrotask, type TimeSource } from "../internal/host.ts"
import type { FutureImpl } from "../internal/future.ts"
import type { Timer } from "../internal/heap.ts"
import type { Runnable } from "../internal/readyQueue.ts"
import type { TaskImpl } from "../internal/task.ts"
import { abridged, plain } from "../internal/text.ts"
import type { CancelledError } from "../errors.ts"
import type { Task } from "../Task.ts"
import { type LoopEvent, Watch } from "./watching.ts"

/**
 * An event loop whose clock stands still while anything can run, and then jumps to the next timer.
 *
 * @category models
 * @since 0.1.0
 */
export interface VirtualTimeLoop extends EventLoop {
  /** Moves the clock forward while the loop does nothing else, as a long computation does on a real clock. */
  advanceUnsafe(duration: Duration.Input): void
}

/**
 * Options of {@link makeVirtualTimeLoop}.
 *
 * @category models
 * @since 0.1.0
 */
export interface VirtualTimeLoopOptions {
  /** Wraps every turn of the loop, as in `EventLoop.make`. */
  readonly aroundTurn?: ((turn: () => void) => void) | undefined
  /**
   * Hears of everything that tasks do, in order, in the middle of it: it may look, and must not wait. A cancellation that
   * it asks for in `stepEnded` comes between two steps.
   */
  readonly onEvent?: ((event: LoopEvent) => void) | undefined
}

/**
 * Makes an event loop on virtual time: a program that sleeps for a day runs in a moment, and always in the same order.
 *
 * **When to use**
 *
 * Pass it as `loopFactory` to `run`. To drive the time by hand, run the test under Effect's `TestClock` instead.
 *
 * **Details**
 *
 * A program that waits for something that cannot come ends with a {@link DeadlockError} instead of hanging. Time begins
 * at 0. When nothing is ready the clock jumps to the earliest timer, after promises that have settled had
 * their say; real I/O has no place in such a test. Tasks of the loop get a `Clock` on the same time, so that
 * `Effect.sleep` and `Effect.timeout` are virtual too.
 *
 * **Example** (A day in a moment)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   yield* asyncio.sleep("1 day")
 *   yield* Effect.sleep("1 minute")
 *   return loop.time()
 * })
 *
 * await asyncio.run(main, { loopFactory: makeVirtualTimeLoop }) // => 86_460_000
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeVirtualTimeLoop = (options: VirtualTimeLoopOptions = {}): VirtualTimeLoop => {
  const { aroundTurn, onEvent } = options
  const time = new VirtualTime()
  const clock = new LoopClock(() => loop)
  const loop: VirtualLoop =
    onEvent === undefined ? new VirtualLoop(time, clock, aroundTurn) : new WatchedLoop(time, clock, aroundTurn, onEvent)
  return loop
}

/**
 * Every task waits and nothing will ever wake one of them: the program would hang.
 *
 * **Details**
 *
 * Only the loop on virtual time can tell. The message names each task and what it waits for.
 *
 * **Example** (A future that nobody sets)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { DeadlockError, makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   return yield* yield* loop.createFuture<string>()
 * })
 *
 * const error = await asyncio.run(main, { loopFactory: makeVirtualTimeLoop }).catch((error: unknown) => error)
 * error instanceof DeadlockError && error.tasks.map((task) => task.getName()) // => ["Task-1"]
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class DeadlockError extends Error {
  override readonly name: string = "DeadlockError"
  /** The tasks that wait. */
  readonly tasks: ReadonlyArray<Task<unknown, unknown>>
  readonly hint: string = "Look for the one that should have woken them; on a real clock the program would hang."

  constructor(tasks: ReadonlyArray<Task<unknown, unknown>>) {
    // When: on virtual time, every task waits, and nothing will ever wake one of them.
    super(
      [
        "every task waits and no timer is set:",
        ...abridged(tasks, mostNamed, describe).map((line) => `  ${line}`)
      ].join("\n")
    )
    this.tasks = tasks
  }
}

// So many tasks say enough of a program that hangs.
const mostNamed = 100

const describe = (task: Task<unknown, unknown>): string => {
  const { coroutine, name, waitingFor } = task.snapshot()
  return `${plain(name)} (${coroutine}) waits for ${waitingFor ?? "something outside of the loop"}`
}

// A promise, or a plain fiber on another scheduler, may still bring something: it has this many macrotasks for that.
const patience = 50
// And so many where a task is in a foreign effect: a chain of promises goes on without the loop hearing of it.
const foreignPatience = 5000

class VirtualTime implements TimeSource {
  #now = 0
  // Counts the alarms that were set or cleared, so that an outdated jump knows that it is.
  #version = 0

  now(): number {
    return this.#now
  }

  advance(millis: number): void {
    this.#now += millis
  }

  setAlarm(when: number, wake: () => void): void {
    this.onRest()
    this.signOfLife()
    const version = ++this.#version
    const life = this.#life
    nextMacrotask(() => {
      if (version !== this.#version) return
      // A promise that a callback settled has made something ready in the meantime: the clock stands still for it.
      if (life !== this.#life) return this.setAlarm(when, wake)
      this.#now = Math.max(this.#now, when)
      wake()
    })
  }

  clearAlarm(): void {
    this.#version++
  }

  /** What to do when nothing will ever happen any more. */
  onDeadlock: () => void = () => {}
  /** What to do when everything waits, before the clock jumps. */
  onRest: () => void = () => {}
  /** Whether a task is in a foreign effect. */
  inForeignEffect: () => boolean = () => false

  // Counts what happened to the loop, so that an outdated suspicion knows that it is.
  #life = 0

  signOfLife(): void {
    this.#life++
  }

  idle(): void {
    this.onRest()
    this.#suspect(this.#life, patience, true)
  }

  #suspect(life: number, left: number, extendable: boolean): void {
    nextMacrotask(() => {
      if (life !== this.#life) return
      if (left > 0) this.#suspect(life, left - 1, extendable)
      else if (extendable && this.inForeignEffect()) this.#suspect(life, foreignPatience, false)
      else this.onDeadlock()
    })
  }
}

type Step = Parameters<EventLoopImpl["runStep"]>[1]

class VirtualLoop extends EventLoopImpl implements VirtualTimeLoop {
  readonly #time: VirtualTime

  constructor(time: VirtualTime, clock: Clock.Clock, aroundTurn: ((turn: () => void) => void) | undefined) {
    const context = Context.make(Clock.Clock, clock)
    const outside = Context.get(Context.empty(), Scheduler.Scheduler)
    super({ time, clock, context, debug: false, perpetual: false, aroundTurn, nextTurn: nextMacrotask, outside })
    this.#time = time
    time.inForeignEffect = () => this.allTasksUnsafe().some((task) => task.snapshot().waitingFor === undefined)
    time.onDeadlock = () => {
      if (this.isRunning()) this.stopUnsafe(new DeadlockError(this.allTasksUnsafe()))
    }
  }

  override enqueue(item: Runnable): void {
    this.#time.signOfLife()
    super.enqueue(item)
  }

  advanceUnsafe(duration: Duration.Input): void {
    this.#time.advance(toMillis(duration))
  }
}

/** A loop that tells what it does. A class of its own: a loop that nobody watches pays nothing. */
class WatchedLoop extends VirtualLoop {
  readonly #watch: Watch

  constructor(
    time: VirtualTime,
    clock: Clock.Clock,
    aroundTurn: ((turn: () => void) => void) | undefined,
    onEvent: (event: LoopEvent) => void
  ) {
    super(time, clock, aroundTurn)
    this.#watch = new Watch(this, onEvent)
    time.onRest = () => this.#watch.look()
  }

  override runStep(task: TaskImpl, step: Step, exit: Exit.Exit<never>): void {
    this.#watch.step(task, exit, () => super.runStep(task, step, exit))
  }

  override register(task: TaskImpl): void {
    super.register(task)
    this.#watch.registered(task)
  }

  override unregister(task: TaskImpl): void {
    super.unregister(task)
    this.#watch.unregistered(task)
  }

  override enqueue(item: Runnable): void {
    this.#watch.queued(item)
    super.enqueue(item)
  }

  override noteCancelRequest(task: TaskImpl, error: CancelledError): void {
    this.#watch.cancelRequested(task, error)
  }

  override noteWaiter(waiter: FutureImpl<void, never>, owner: { toString(): string }): void {
    this.#watch.waiterMade(waiter, owner)
  }
}

/** A sleep on the loop's clock. Time stands still when the loop is closed: then the sleep is interrupted. */
class ClockSleep implements Timer {
  readonly due: number
  sequence = 0
  queued = false
  readonly #resume: (sleep: Effect.Effect<void>) => void

  constructor(due: number, resume: (sleep: Effect.Effect<void>) => void) {
    this.due = due
    this.#resume = resume
  }

  run(): void {
    this.#resume(Effect.void)
  }

  dropped(): void {
    this.#resume(Effect.interrupt)
  }
}

const nanosPerMilli = 1_000_000

/** A loop's time as Effect's `Clock`, its sleeps as the loop's timers. */
class LoopClock implements Clock.Clock {
  readonly #loop: () => VirtualLoop

  constructor(loop: () => VirtualLoop) {
    this.#loop = loop
  }

  currentTimeMillisUnsafe(): number {
    return this.#loop().time()
  }

  currentTimeNanosUnsafe(): bigint {
    return BigInt(Math.round(this.#loop().time() * nanosPerMilli))
  }

  monotonicTimeNanosUnsafe(): bigint {
    return this.currentTimeNanosUnsafe()
  }

  readonly currentTimeMillis: Effect.Effect<number> = Effect.sync(() => this.currentTimeMillisUnsafe())
  readonly currentTimeNanos: Effect.Effect<bigint> = Effect.sync(() => this.currentTimeNanosUnsafe())
  readonly monotonicTimeNanos: Effect.Effect<bigint> = this.currentTimeNanos

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    const millis = Duration.toMillis(duration)
    // As on Effect's own clock: no time passes, only a turn.
    if (millis <= 0) return Effect.yieldNow
    return Effect.callback<void>((resume) => {
      const loop = this.#loop()
      loop.checkOpen()
      const timer = loop.addTimer(new ClockSleep(loop.time() + millis, resume))
      return Effect.sync(() => loop.removeTimer(timer))
    })
  }
}
