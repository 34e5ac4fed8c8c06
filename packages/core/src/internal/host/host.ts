/**
 * The edge between the loop and the JavaScript host: time, macrotasks, microtasks. Nothing else in the package touches
 * the host's timers.
 */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import * as Context from "effect/Context"

/** Where a loop's time comes from. All times are milliseconds on the source's own scale. */
export interface TimeSource {
  now(): number
  /** Calls `wake` once, at `when` or a little later. There is one alarm: a new one replaces the old. */
  setAlarm(when: number, wake: () => void): void
  clearAlarm(): void
  /**
   * Whether a test moves the time, and waits for what that brings about: the alarm has to be set at any time, and not only when
   * the loop is at rest, and every macrotask has to be asked for where the test watches.
   */
  readonly watched?: boolean
  /** Whether to ask it takes a noticeable part of what making a task does. */
  readonly dear?: boolean
  /** The loop has nothing to do and no timer: only the outside can wake it. */
  idle?(): void
}

interface HostGlobals {
  readonly setImmediate?: (f: () => void) => unknown
  readonly setTimeout: (f: () => void, ms: number) => unknown
  readonly clearTimeout: (handle: unknown) => void
  readonly setInterval: (f: () => void, ms: number) => unknown
  readonly clearInterval: (handle: unknown) => void
  readonly performance: { now(): number }
  readonly MessageChannel?: new () => {
    readonly port1: { addEventListener(type: "message", listener: () => void): void; start(): void }
    readonly port2: { postMessage(message: unknown): void }
  }
  readonly process?: {
    readonly versions?: { readonly node?: string; readonly bun?: string; readonly deno?: string }
    readonly nextTick?: (f: () => void) => void
    readonly on?: (event: "beforeExit" | "exit", f: () => void) => unknown
    readonly getBuiltinModule?: (name: "node:os") => { availableParallelism(): number }
  }
  readonly navigator?: { readonly hardwareConcurrency?: number }
  readonly Deno?: unknown
}

const host = globalThis as unknown as HostGlobals

// The host's own, whatever a test puts in their place later.
const { clearInterval, performance, setInterval, setTimeout } = host
const performanceNow = performance.now.bind(performance)
const dateNow = Date.now

/** Milliseconds that never run backwards, whatever a test does to the clock: what the host is kept waiting for is real time. */
export const now = performanceNow

// A longer delay makes the host's timer fire at once, so longer waits are cut in pieces.
const longestTimeout = 2 ** 31 - 1

/** The clock that fake timers go by: it is on each of them, as `@sinonjs/fake-timers` has it, which vitest, jest and sinon are made of. */
interface FakeClock {
  readonly now: number
  readonly performance?: { now(): number }
}

/** How to read the clock that the timers of the host go by now, which may be others than its own. */
const readerOfTimers = (): (() => number) => {
  if (host.setTimeout === setTimeout) return performanceNow
  const { clock } = host.setTimeout as { readonly clock?: FakeClock }
  // Not `clock.now` where it can be helped: that is the date, which may be set.
  if (clock !== undefined) return () => clock.performance?.now() ?? clock.now
  const fake = host.performance
  if (fake.now !== performance.now) return () => fake.now()
  return Date.now === dateNow ? performanceNow : () => Date.now()
}

/**
 * The host's clock and timer. In a test these may be replaced while the loop works, and put back: its time goes on from where it was,
 * by the clock that the timers go by.
 */
export class HostTime implements TimeSource {
  readonly dear = true
  // The timers that the time is read for; others mean that the clock is another.
  #timers = host.setTimeout
  #read = readerOfTimers()
  #ahead = 0
  #clear: (() => void) | undefined = undefined
  #rings: (() => void) | undefined = undefined

  now(): number {
    if (host.setTimeout !== this.#timers) this.#change()
    return this.#read() + this.#ahead
  }

  #change(): void {
    const time = this.#read() + this.#ahead
    this.#timers = host.setTimeout
    this.#read = readerOfTimers()
    this.#ahead = time - this.#read()
    // The old timers may never ring again.
    this.#rings?.()
  }

  setAlarm(when: number, wake: () => void): void {
    this.#rings = () => this.#set(when, wake)
    // Sets the alarm as well, where it finds other timers.
    this.now()
    this.#set(when, wake)
  }

  #set(when: number, wake: () => void): void {
    this.#clear?.()
    // Rounded up: the host cuts fractions off, and an alarm that rings early rings twice.
    const begin = this.now()
    const delay = Math.min(Math.max(Math.ceil(when - begin), 0), longestTimeout)
    const timer = host.setTimeout(() => {
      this.#clear = this.#rings = undefined
      this.#reach(Math.min(when, begin + delay))
      wake()
    }, delay)
    const { clearTimeout } = host
    this.#clear = () => clearTimeout(timer)
  }

  /** Fake timers with no clock that could be read tell the time by their ringing, and only by that. */
  #reach(time: number): void {
    if (host.setTimeout !== setTimeout) this.#ahead += Math.max(0, time - this.now())
  }

  clearAlarm(): void {
    this.#clear?.()
    this.#clear = this.#rings = undefined
  }
}

/**
 * An Effect `Clock` as a source of time, `TestClock` for one. The alarm is a fiber that sleeps on the clock, under the
 * scheduler the program came with: `TestClock.adjust` watches that scheduler to know when all fibers that it woke have gone
 * back to sleep.
 */
export class ClockTime implements TimeSource {
  readonly watched = true
  readonly #clock: Clock.Clock
  readonly #context: Context.Context<never>
  #alarm: Fiber.Fiber<void> | undefined = undefined
  // The time of the last alarm. The clock counts whole nanoseconds and may stand a little before it when it wakes us;
  // a timer that is then not due would set the same alarm for ever.
  #reached = -Infinity

  constructor(clock: Clock.Clock, scheduler: Scheduler.Scheduler) {
    this.#clock = clock
    this.#context = Context.make(Scheduler.Scheduler, scheduler)
  }

  now(): number {
    return Math.max(Number(this.#clock.monotonicTimeNanosUnsafe()) / 1_000_000, this.#reached)
  }

  setAlarm(when: number, wake: () => void): void {
    this.clearAlarm()
    const ring = Effect.andThen(
      this.#clock.sleep(Duration.millis(when - this.now())),
      Effect.sync(() => {
        this.#alarm = undefined
        this.#reached = when
        wake()
      })
    )
    this.#alarm = Effect.runForkWith(this.#context)(ring)
  }

  clearAlarm(): void {
    this.#alarm?.interruptUnsafe()
    this.#alarm = undefined
  }
}

/** Calls `f` after the host had a chance to do its I/O. */
export const nextMacrotask: (f: () => void) => void = (() => {
  const { setImmediate } = host
  if (setImmediate !== undefined) return (f: () => void) => void setImmediate(f)
  if (host.MessageChannel !== undefined && host.process === undefined) {
    // Browsers: a message is not clamped to 4 ms as nested timeouts are.
    const channel = new host.MessageChannel()
    const queue: Array<() => void> = []
    channel.port1.addEventListener("message", () => queue.shift()?.())
    channel.port1.start()
    return (f: () => void) => {
      queue.push(f)
      channel.port2.postMessage(undefined)
    }
  }
  return (f: () => void) => void host.setTimeout(f, 0)
})()

/**
 * {@link nextMacrotask} for a loop on the host's time. Where a test has replaced the timers, one of them is set as well: a test that
 * counts the timers, or runs all of them, sees that there is something to do. Whichever comes first calls `f`.
 */
export const nextHostMacrotask = (f: () => void): void => {
  if (host.setTimeout === setTimeout) return nextMacrotask(f)
  const { clearTimeout } = host
  let isOver = false
  const call = () => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    f()
  }
  const timer = host.setTimeout(call, 0)
  nextMacrotask(call)
}

/**
 * Makes what calls `f` when the microtask queue is empty: once for a loop, because it is called at every step. On Node a
 * `process.nextTick` that is queued from a microtask runs after the last microtask, which costs far less than a macrotask;
 * elsewhere a macrotask does it.
 */
export const afterMicrotasks: (f: () => void) => () => void = (() => {
  const { process } = host
  const isNode = process?.versions?.node !== undefined && process.versions.bun === undefined && host.Deno === undefined
  if (!isNode || process.nextTick === undefined) return (f) => () => nextMacrotask(f)
  const nextTick = process.nextTick.bind(process)
  const settled = Promise.resolve()
  return (f) => {
    const tick = () => nextTick(f)
    return () => void settled.then(tick)
  }
})()

/** Calls `f` after `millis`, and does not keep the process alive for it. Returns what takes it back. */
export const afterUnref = (millis: number, f: () => void): (() => void) => {
  const { clearTimeout } = host
  const timer = host.setTimeout(f, millis)
  ;(timer as { unref?: () => void }).unref?.()
  return () => clearTimeout(timer)
}

/** How many processors there are for us; four where the host does not tell. */
export const processors = (): number =>
  host.navigator?.hardwareConcurrency ?? host.process?.getBuiltinModule?.("node:os").availableParallelism() ?? 4

// These listeners begin nothing that would keep the process.
const ownEnds = new Set<unknown>()

/** Whether a listener for the end of the process is one of {@link onProcessEnd}. */
export const isOwnEnd = (listener: unknown): boolean => ownEnds.has(listener)

/** Calls `f` when the process is about to end, and when it does. */
export const onProcessEnd = (f: () => void): void => {
  const { process } = host
  ownEnds.add(f)
  process?.on?.("beforeExit", f)
  process?.on?.("exit", f)
}

/** Keeps the process alive until the returned function is called, as a program that waits for Ctrl-C expects. */
export const keepAlive = (): (() => void) => {
  const handle = setInterval(() => {}, longestTimeout)
  return () => clearInterval(handle)
}
