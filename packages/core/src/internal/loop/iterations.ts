/**
 * The iterations of an event loop: when it works, and what it does then.
 *
 * While the loop is running and does not work, one of these holds:
 *
 *     scheduled   something is ready: a host callback will call #work; or a slice pauses, and a microtask or the host will call #runStretch
 *     alarmed     nothing is ready, a timer is pending: the alarm will call #work (on a clock that others move, it is set always)
 *     idle        nothing is ready, no timer: the next `enqueue` schedules #work
 *
 * An *iteration*, as in asyncio, is what was ready when it began. A *slice* is the time for which the loop keeps the host waiting, and
 * a *stretch* a part of it without a break for the microtasks. An iteration may extend over several of both.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"
import type { AnyFiber } from "../model/AnyFiber.ts"
import { captureAsyncContext, runInAsyncContext } from "../host/asyncContext.ts"
import { Heap, type Timer } from "../data/heap.ts"
import { afterMicrotasks, now, type TimeSource } from "../host/host.ts"
import { ReadyQueue, type Runnable } from "../data/readyQueue.ts"
import { checkTime } from "../model/arguments.ts"
import { fastPaths } from "../host/fastPaths.ts"
import { FiberStep } from "./fiberStep.ts"
import { LongSteps } from "./longSteps.ts"
import { closedError } from "./runs.ts"
import { StepEnd, type Stepping } from "./stepEnd.ts"

// The longest the loop keeps the host waiting, in milliseconds, and how many callbacks run between two looks at the time.
const timeSlice = 2
const callbacksPerLook = 8
// So many iterations of promise code follow each other before all microtasks run, and what the host has put off behind them.
const mostIterations = 8
/** What iterations need of the host. */
export interface IterationsOptions {
  readonly time: TimeSource
  /** Calls back soon, after the host had a chance to do its I/O. */
  readonly nextMacrotask: (f: () => void) => void
  /** Where plain fibers of the loop go on when it is stopped or closed, and always where a test moves its clock. */
  readonly outside: Scheduler.Scheduler
  readonly aroundIteration: ((iteration: () => void) => void) | undefined
  readonly debug: boolean
  /** Whether the loop works from the start, and not only while a run is under way. */
  readonly perpetual: boolean
}

/** The loop that works on the JavaScript stack. */
const stack: { loop: Iterations | undefined } = { loop: undefined }

export const workingLoop = (): Iterations | undefined => stack.loop

/** A base class and not a part of the loop: what happens at every step is one call on one object. */
export abstract class Iterations implements Scheduler.Scheduler {
  readonly executionMode = "async" as const
  debug: boolean
  #slowCallbackDuration = 100

  /** Work is done while running only. What is enqueued before waits for the run. */
  protected state: "stopped" | "running" | "closed"
  /** Whether the loop stops when the iteration under way is over. */
  stopping = false
  /** Hears of each item that is queued, and of each stretch. Most loops have none. */
  observer: { queued(item: Runnable): void; stretchBegins?(): void } | undefined = undefined
  protected readonly ready = new ReadyQueue()
  protected readonly timers = new Heap<Timer>((a, b) => a.due - b.due)
  /** The scheduler that the loop was made under. */
  protected readonly outside: Scheduler.Scheduler

  readonly #time: TimeSource
  readonly #nextMacrotask: (f: () => void) => void
  /** Works for one slice of the host's time. */
  readonly #work: () => void
  /** Goes on within the slice, when the microtasks have run. */
  readonly #continueAfterMicrotasks: () => void
  /** Looks when the step of a task of promise code is over. Undefined where all microtasks are waited for. */
  readonly stepEnd: StepEnd | undefined
  #scheduled = false
  #working = false
  // Whether a slice goes on when the microtasks have run.
  #pausing = false
  // How many callbacks of the iteration under way are still to run. It can be interrupted, by the time slice or by a step that
  // touched promises, and goes on here.
  #callbacksLeft = 0
  // Whether the microtasks have to run before the next callback.
  #settling = false
  // Whether the host comes before the next iteration: Effect has put something off since the last one. Under Effect's own scheduler
  // that runs in the host's next macrotask, behind all that waits for one: fibers on other schedulers, timers, I/O.
  #hostFirst = false
  // Whether the loop has seen a plain fiber, a foreign await or a step that gave way; nothing unsets it. Then promises settle between
  // two iterations, as between two macrotasks under Effect's own scheduler. A program of tasks that only wait for each other never sets it.
  #mixed = false
  readonly #longSteps = new LongSteps(
    (fiber) => this.ownsStep(fiber),
    () => this.#working && this.#time.now() - this.#sliceBegan >= this.slowCallbackDuration
  )
  // When the slice began, on the loop's own clock: on virtual time no computation takes long.
  #sliceBegan = 0
  // When the host's macrotasks have to run. A break for the microtasks does not end the slice: the host does no I/O there.
  #sliceEnd = 0
  /** How many tasks of promise code are under way and have no await of ours in flight: they run, or are in a foreign await. */
  adrift = 0
  // How many iterations may still follow each other before all microtasks run.
  #iterationsLeft = mostIterations
  // After how many steps of promise code the time is looked at again.
  #untilLook = callbacksPerLook
  // Invariant: infinite exactly when no alarm is set.
  #alarmAt = Infinity

  constructor(options: IterationsOptions) {
    this.debug = options.debug
    this.state = options.perpetual ? "running" : "stopped"
    this.#time = options.time
    this.outside = options.outside
    this.#nextMacrotask = options.nextMacrotask
    const { aroundIteration } = options
    // Nothing runs with the stores of the code that happened to wake the loop.
    const stores = captureAsyncContext()
    const around = (iteration: () => void) => {
      const inside = aroundIteration === undefined ? iteration : () => aroundIteration(iteration)
      return () => runInAsyncContext(stores, inside, undefined)
    }
    this.#work = around(() => {
      this.#sliceEnd = now() + timeSlice
      this.#sliceBegan = this.#time.now()
      this.#hostFirst = false
      this.#untilLook = callbacksPerLook
      this.#runStretch()
    })
    const resume = around(() => this.#runStretch())
    const goOn = afterMicrotasks(resume)
    // A test that moves the time does not see the microtasks: it is given a macrotask to wait for behind them.
    const goOnWatched = () => {
      this.#nextMacrotask(this.#work)
      goOn()
    }
    const watched = options.time.watched === true
    this.#continueAfterMicrotasks = watched ? goOnWatched : goOn
    const stepIsOver = () => {
      if (this.#callbacksLeft > 0 || this.#mayGoOn()) resume()
      else this.#drain()
    }
    this.stepEnd = fastPaths && !watched ? new StepEnd(stepIsOver, () => this.#drain()) : undefined
  }

  time(): number {
    return this.#time.now()
  }

  /** The time of what happens now. To the slice, where it would be dear to read the clock. */
  get moment(): number {
    return (this.#working || this.#pausing) && this.#time.dear === true ? this.#sliceBegan : this.#time.now()
  }

  // ---- debug mode ------------------------------------------------------------------------------------------------

  getDebug(): boolean {
    return this.debug
  }

  setDebug(enabled: boolean): Effect.Effect<void> {
    return Effect.sync(() => this.setDebugUnsafe(enabled))
  }

  setDebugUnsafe(enabled: boolean): void {
    this.debug = enabled
  }

  get slowCallbackDuration(): number {
    return this.#slowCallbackDuration
  }

  set slowCallbackDuration(millis: number) {
    checkTime(millis, "slowCallbackDuration")
    this.#slowCallbackDuration = millis
  }

  // ---- what is to be done ----------------------------------------------------------------------------------------

  /** Puts `item` at the end of the queue. */
  enqueue(item: Runnable): void {
    this.observer?.queued(item)
    this.ready.push(item)
    if (!this.#working && !this.#scheduled) this.#schedule()
  }

  /** Puts a timer on the heap; one at infinity never rings and is not kept. */
  addTimer<T extends Timer>(timer: T): T {
    if (timer.due === Infinity) return timer
    this.timers.add(timer)
    if (this.#time.watched === true || (!this.#working && !this.#scheduled)) this.#setAlarm()
    return timer
  }

  removeTimer(timer: Timer): void {
    this.timers.remove(timer)
    // An alarm that is early does no harm. One for a timer that is gone would keep the process alive.
    if (this.timers.size === 0) this.#clearAlarm()
  }

  settleMicrotasksUnsafe(task?: unknown): void {
    this.#settling = true
    this.stepEnd?.begins(task as Stepping | undefined)
  }

  /** Says that fibers on the loop wait for something that is not asyncio's. */
  noteForeign(): void {
    this.#mixed = true
  }

  // ---- Effect's scheduler ----------------------------------------------------------------------------------------
  // Plain fibers stand in the loop's own queue; Effect's priorities do not reorder it.

  makeDispatcher(): Scheduler.SchedulerDispatcher {
    // A test that moves the time waits for the fibers that it wakes on the scheduler that it watches.
    const watched = this.#time.watched === true ? this.outside.makeDispatcher() : undefined
    return {
      scheduleTask: (run, priority) => this.#scheduleFiber(run, priority, watched),
      flush: () => {
        watched?.flush()
        this.#work()
      }
    }
  }

  #scheduleFiber(run: () => void, priority: number, watched: Scheduler.SchedulerDispatcher | undefined): void {
    this.#mixed = true
    const fiber = Fiber.getCurrent()
    const restOfStep = this.#longSteps.goesOn(fiber) ? this.restOfStep(fiber, run) : undefined
    // The microtasks run before the rest of the step. On Node.js the host still waits: #hasTime reads the clock at every eighth break.
    if (restOfStep !== undefined) this.#settling = true
    else if (watched !== undefined) return watched.scheduleTask(run, priority)
    // Between two runs tasks stand still, for the next one. Fibers are Effect's, and code outside may wait for them now.
    else if (this.state === "stopped") return this.outside.makeDispatcher().scheduleTask(run, priority)
    else this.#hostFirst = true
    this.enqueue(restOfStep ?? new FiberStep(run, priority, this.debug ? this.labelOf(fiber) : undefined))
  }

  /** Effect asks before some operations, not before each (see longSteps.ts). A plain fiber gives way as under Effect's own scheduler. */
  shouldYield(fiber: AnyFiber): boolean {
    return fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield && this.#longSteps.givesWay(fiber)
  }

  /** Whether the fiber is a task's own, whose awaits are the task's. */
  protected abstract ownsStep(fiber: AnyFiber): boolean
  /** The rest of the step of the task whose own fiber this is, and which `run` goes on with. */
  protected abstract restOfStep(fiber: AnyFiber, run: () => void): Runnable | undefined
  /** How a plain fiber prints in debug mode. */
  protected abstract labelOf(fiber: AnyFiber | undefined): string

  // ---- beginning and ending --------------------------------------------------------------------------------------

  /** Works from now on. */
  beginWork(): void {
    this.state = "running"
    this.stopping = false
    this.#schedule()
  }

  isRunning(): boolean {
    return this.state === "running"
  }

  isClosed(): boolean {
    return this.state === "closed"
  }

  checkOpen(): void {
    if (this.state === "closed") throw closedError()
  }

  /** Whether something is in the queue. */
  hasReady(): boolean {
    return this.ready.size > 0
  }

  /** Stops the loop at the end of the iteration under way, or before the next one. One that does not run yet: see `Runs`. */
  stopAfterIteration(): void {
    this.stopping = true
    if (!this.#working && !this.#scheduled) this.#schedule()
  }

  /** The loop has stopped, as it was asked to. */
  protected abstract stopped(): void

  /** Drops every callback and timer, for good, and what is enqueued from now on. */
  endWork(): void {
    this.state = "closed"
    this.#drop()
  }

  #drop(): void {
    const outside = this.outside.makeDispatcher()
    while (this.ready.size > 0) this.ready.shift().dropped?.(outside)
    for (let timer = this.timers.take(); timer !== undefined; timer = this.timers.take()) timer.dropped?.(outside)
  }

  // ---- work ------------------------------------------------------------------------------------------------------

  #schedule(): void {
    if (this.state === "closed") return this.#drop()
    if (this.state !== "running") return
    this.#scheduled = true
    this.#nextMacrotask(this.#work)
  }

  #runStretch(): void {
    this.#scheduled = false
    if (this.state === "closed") return this.#drop()
    if (this.state !== "running" || this.#working) return
    this.#working = true
    this.#pausing = false
    this.#settling = false
    this.stepEnd?.forget()
    this.observer?.stretchBegins?.()
    const outer = stack.loop
    stack.loop = this
    let outcome: "idle" | "settle" | "slice" = "slice"
    try {
      outcome = this.#runIterations()
    } finally {
      stack.loop = outer
      this.#working = false
      this.#longSteps.forget()
      if (this.state === "running") this.#afterStretch(outcome)
      else if (this.state === "closed") this.#drop()
    }
  }

  #runIterations(): "idle" | "settle" | "slice" {
    const ready = this.ready
    let untilLook = callbacksPerLook
    for (;;) {
      if (this.#callbacksLeft === 0) {
        if (this.stopping) {
          this.#stop()
          return "idle"
        }
        if (this.timers.size > 0) this.#readyDueTimers()
        if (this.#hostFirst) return "slice"
        this.#callbacksLeft = ready.size
        if (this.#callbacksLeft === 0) return "idle"
      }
      while (this.#callbacksLeft > 0) {
        this.#callbacksLeft--
        if (this.debug) this.#runTimed(ready.shift())
        else ready.shift().run()
        if (this.#settling) return "settle"
        if (--untilLook === 0) {
          untilLook = callbacksPerLook
          if (now() >= this.#sliceEnd) return "slice"
        }
      }
      if (this.#mixed && !this.stopping) return ready.size > 0 ? "settle" : "idle"
    }
  }

  #stop(): void {
    this.stopping = false
    this.state = "stopped"
    this.#clearAlarm()
    this.stopped()
  }

  /** Debug mode: finds the step or callback that kept all others waiting. */
  #runTimed(item: Runnable): void {
    const start = this.time()
    item.run()
    const taken = this.time() - start
    if (taken >= this.slowCallbackDuration) this.reportSlow(item, taken)
  }

  /** `item` ran for `taken` milliseconds. */
  protected abstract reportSlow(item: Runnable, taken: number): void

  #afterStretch(outcome: "idle" | "settle" | "slice"): void {
    // A test moved the time while the loop worked.
    if (this.#scheduled) return
    if (outcome === "settle" && this.#hasTime()) {
      this.#scheduled = true
      this.#pausing = true
      if (this.stepEnd?.detectable === true) this.stepEnd.wait()
      else this.#drain()
    } else if (this.ready.size > 0 || outcome !== "idle") {
      this.#schedule()
    } else if (this.timers.size > 0) {
      this.#setAlarm()
    } else {
      this.#time.idle?.()
    }
  }

  /** Goes on when no microtask is left. */
  #drain(): void {
    this.#iterationsLeft = mostIterations
    this.#continueAfterMicrotasks()
  }

  /**
   * Whether the next iteration may begin before all microtasks have run: every task waits for something of ours. A task in a foreign await
   * takes part in the order of iterations, as long as no host is needed for what it waits for.
   */
  #mayGoOn(): boolean {
    return this.adrift === 0 && !this.#mixed && --this.#iterationsLeft > 0
  }

  /** Whether the slice goes on behind a step. Looks at the time now and then. */
  #hasTime(): boolean {
    if (--this.#untilLook > 0) return true
    this.#untilLook = callbacksPerLook
    return now() < this.#sliceEnd
  }

  #readyDueTimers(): void {
    const time = this.#time.now()
    for (let timer = this.timers.peek(); timer !== undefined && timer.due <= time; timer = this.timers.peek()) {
      this.ready.push(this.timers.take()!)
    }
    if (this.timers.size === 0) this.#clearAlarm()
    else if (this.#time.watched === true) this.#setAlarm()
  }

  // ---- the alarm -------------------------------------------------------------------------------------------------

  #setAlarm(): void {
    if (this.state === "closed") return this.#drop()
    if (this.state !== "running") return
    const first = this.timers.peek()!.due
    // An alarm for a time that is past could ring at once, and callbacks would run inside the call that made the timer.
    if (first <= this.#time.now()) {
      if (!this.#working && !this.#scheduled) this.#schedule()
    } else if (first !== this.#alarmAt) {
      this.#alarmAt = first
      this.#time.setAlarm(first, () => this.#alarmRings())
    }
  }

  #alarmRings(): void {
    this.#alarmAt = Infinity
    // A test that moves the time while the loop works waits for the next slice.
    if (this.#working) this.#schedule()
    else this.#work()
  }

  #clearAlarm(): void {
    if (this.#alarmAt === Infinity) return
    this.#alarmAt = Infinity
    this.#time.clearAlarm()
  }
}
