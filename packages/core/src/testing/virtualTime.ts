/**
 * A loop on virtual time.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { EventLoop } from "../EventLoop.ts"
import { EventLoopImpl } from "../internal/eventLoop.ts"
import { nextMacrotask, type TimeSource } from "../internal/host.ts"

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
 * Makes an event loop on virtual time: a program that sleeps for a day runs in a moment, and always in the same order.
 *
 * **When to use**
 *
 * Pass it as `loopFactory` to `run`. To drive the time by hand, run the test under Effect's `TestClock` instead.
 *
 * **Details**
 *
 * Time begins at 0. When nothing is ready the clock jumps to the earliest timer, after promises that have settled had
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
export const makeVirtualTimeLoop = (options?: {
  readonly aroundTurn?: ((turn: () => void) => void) | undefined
}): VirtualTimeLoop => {
  const time = new VirtualTime()
  const clock = new LoopClock(() => loop)
  const loop = new VirtualLoop(time, clock, options?.aroundTurn)
  return loop
}

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
    const version = ++this.#version
    nextMacrotask(() => {
      if (version !== this.#version) return
      this.#now = Math.max(this.#now, when)
      wake()
    })
  }

  clearAlarm(): void {
    this.#version++
  }
}

class VirtualLoop extends EventLoopImpl implements VirtualTimeLoop {
  readonly #time: VirtualTime

  constructor(time: VirtualTime, clock: Clock.Clock, aroundTurn: ((turn: () => void) => void) | undefined) {
    const context = Context.make(Clock.Clock, clock) as Context.Context<never>
    super({ time, clock, context, debug: false, perpetual: false, aroundTurn, nextTurn: nextMacrotask })
    this.#time = time
  }

  advanceUnsafe(duration: Duration.Input): void {
    this.#time.advance(Duration.toMillis(Duration.fromInputUnsafe(duration)))
  }
}

const nanosPerMilli = 1_000_000

/** A loop's time as Effect's `Clock`, its sleeps as the loop's timers. */
class LoopClock implements Clock.Clock {
  readonly #loop: () => EventLoop

  constructor(loop: () => EventLoop) {
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
    return Effect.callback<void>((resume) => {
      const timer = this.#loop().callLaterUnsafe(duration, () => resume(Effect.void))
      return timer.cancel
    })
  }
}
