/**
 * A loop on virtual time.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Scheduler from "effect/Scheduler"
import type { EventLoop } from "../EventLoop.ts"
import { checkFunction, toMillis } from "../internal/model/arguments.ts"
import { checkLoopOptions } from "../internal/model/loopArguments.ts"
import type { IterationOptions } from "../internal/model/EventLoop.ts"
import { EventLoopImpl } from "../internal/make/eventLoop.ts"
import { SleepFuture } from "../internal/task/sleepFuture.ts"
import { addObserver } from "../internal/task/observers.ts"
import { nextMacrotask } from "../internal/host/host.ts"
import { Heap, type Timer } from "../internal/data/heap.ts"
import { noteLoop } from "../internal/loop/knownLoops.ts"
import { type Runnable, ReadyQueue } from "../internal/data/readyQueue.ts"
import { DeadlockError } from "../internal/model/DeadlockError.ts"
import { ValueError } from "../errors.ts"
import { withHint } from "../internal/model/hints.ts"
import type { Future } from "../Future.ts"
import { isTask } from "../Task.ts"
import { VirtualTime } from "./virtualTimeSource.ts"
import { ChosenQueue, type Schedule } from "./schedule.ts"
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
  /**
   * Hears of everything that tasks do, in order, in the middle of it: it may look, and must not wait. A cancellation that
   * it asks for in `stepEnded` comes between two steps. What it throws ends the run, and it is not called again.
   */
  readonly onEvent?: ((event: LoopEvent) => void) | undefined
  /**
   * Decides what is left open on a real clock: for tests that look for races. The outside is then the test's own: promises that are under way
   * are not waited for in real time.
   */
  readonly schedule?: Schedule | undefined
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
 * at 0. When nothing is ready the clock jumps to the earliest timer, after promises that have settled and fibers on other
 * schedulers had their say; real I/O has no place in such a test. While a thread of `toThread` computes, the next timer
 * comes no sooner than on a real clock; a promise that a task was made of, or that compat's `abortable` waits for, is waited for
 * up to 50 real milliseconds. Tasks of the loop get a `Clock` on the same time, so that `Effect.sleep` and `Effect.timeout`
 * are virtual too.
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
export const makeVirtualTimeLoop = (options: VirtualTimeLoopOptions & IterationOptions = {}): VirtualTimeLoop => {
  checkLoopOptions(options, "makeVirtualTimeLoop()")
  const { onEvent } = options
  if (onEvent !== undefined) checkFunction(onEvent, "makeVirtualTimeLoop()", "{ onEvent: (event) => ... }")
  const time = new VirtualTime()
  const clock = new LoopClock(() => loop)
  const loop: VirtualLoop = new VirtualLoop(time, clock, options)
  return noteLoop(loop)
}

export { DeadlockError } from "../internal/model/DeadlockError.ts"

class VirtualLoop extends EventLoopImpl implements VirtualTimeLoop {
  readonly #time: VirtualTime
  // Undefined where the loop is not watched.
  readonly #watch: Watch | undefined
  // Whether main is over, and what it left is being cancelled: that must not be stopped.
  #mainIsOver = false
  // What the watcher threw while main was running: the run ends with it.
  #failure: { readonly error: unknown } | undefined = undefined

  readonly #schedule: Schedule
  // The places of timers among those that are due at the same time, where that is decided.
  readonly #ranks = new WeakMap<Timer, number>()
  #ranked = 0

  protected override readonly timers: Heap<Timer>
  protected override readonly ready: ReadyQueue

  constructor(time: VirtualTime, clock: Clock.Clock, options: VirtualTimeLoopOptions & IterationOptions) {
    const { aroundIteration, onEvent, schedule = {} } = options
    const context = Context.make(Clock.Clock, clock)
    const outside = Context.get(Context.empty(), Scheduler.Scheduler)
    super({ time, clock, context, debug: false, perpetual: false, aroundIteration, nextMacrotask, outside })
    this.#time = time
    this.#schedule = schedule
    const rankOf = (timer: Timer): number => this.#ranks.get(timer) ?? 0
    this.timers = new Heap<Timer>((a, b) => a.due - b.due || rankOf(a) - rankOf(b))
    this.ready = (schedule.next ?? schedule.beforeStep) ? new ChosenQueue(schedule) : new ReadyQueue()
    time.simulated = options.schedule !== undefined
    if (schedule.lateness !== undefined) time.lateness = schedule.lateness
    time.inForeignEffect = () => this.allTasksUnsafe().some((task) => task.snapshot().waitingFor === undefined)
    time.onDeadlock = () => {
      if (this.isRunning()) this.stopUnsafe(new DeadlockError(this.allTasksUnsafe()))
    }
    this.#watch = onEvent === undefined ? undefined : new Watch(this, onEvent, (error) => this.#failed(error))
    if (this.#watch !== undefined) addObserver(this, this.#watch)
    time.onRest = () => this.#watch?.look()
  }

  override enqueue(item: Runnable): void {
    this.#time.signOfLife()
    super.enqueue(item)
  }

  override addTimer<T extends Timer>(timer: T): T {
    const { rings, ringsFirst } = this.#schedule
    if (rings !== undefined && timer.due < Infinity && (timer instanceof SleepFuture || timer instanceof ClockSleep)) {
      // No code has read it yet.
      const now = this.time()
      ;(timer as { due: number }).due = now + rings(timer.due - now)
    }
    if (ringsFirst !== undefined) {
      this.#ranks.delete(timer)
      if (this.timers.toArray().some(({ due }) => due === timer.due)) {
        this.#ranks.set(timer, ++this.#ranked * (ringsFirst() ? -1 : 1))
      }
    }
    return super.addTimer(timer)
  }

  override noteOutsideUnsafe(kind: "promise" | "thread"): () => void {
    return this.#time.noteOutside(kind)
  }

  advanceUnsafe(duration: Duration.Input): void {
    const millis = toMillis(duration)
    // When: `advanceUnsafe` of a loop on virtual time got a negative duration, or an endless one.
    if (millis < 0 || millis === Infinity) {
      throw withHint(
        new ValueError(`Cannot advance by ${millis} milliseconds`),
        "Time goes forward only: give it a duration."
      )
    }
    this.#time.advance(millis)
  }

  // ---- what `onEvent` is told ------------------------------------------------------------------------------------

  override runUntilComplete(future: Future<unknown, unknown>): Promise<void> {
    if (this.#watch === undefined) return super.runUntilComplete(future)
    // The last run of a loop waits for no task, but for the end of all that are left.
    this.#mainIsOver = !isTask(future)
    return super.runUntilComplete(future).finally(() => {
      this.#mainIsOver = true
      const failure = this.#failure
      this.#failure = undefined
      if (failure !== undefined) throw failure.error
    })
  }

  /** Events happen in the middle of things: to throw there would tear what is under way. */
  #failed(error: unknown): void {
    if (this.#mainIsOver) {
      this.callExceptionHandlerUnsafe({
        // When: `onEvent` threw while what a run had left was cancelled. Before that the run ends with the error.
        message: "Exception in onEvent of a loop on virtual time",
        hint: "Let it not throw: it is not called again.",
        exception: error
      })
      return
    }
    this.#failure = { error }
    this.stopUnsafe()
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
    // As on Effect's own clock: no time passes, only an iteration.
    if (millis <= 0) return Effect.yieldNow
    return Effect.callback<void>((resume) => {
      const loop = this.#loop()
      loop.checkOpen()
      const timer = loop.addTimer(new ClockSleep(loop.time() + millis, resume))
      return Effect.sync(() => loop.removeTimer(timer))
    })
  }
}
