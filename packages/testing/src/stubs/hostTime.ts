/**
 * The host's timers and clocks on the time of the loop, for code under test that is not ours.
 *
 * They are replaced once, for as long as a run is under way, and look at each call whose code it is: what belongs to no run gets
 * what it always got.
 */
import timersPromises from "node:timers/promises"
import { promisify } from "node:util"
import { syncBuiltinESMExports } from "node:module"
import { currentWorld, type World } from "../run/world.ts"
import { placeHere } from "../run/places.ts"

// What a program sees as the date when its loop begins: the same in each run.
const epoch = Date.UTC(2026, 0, 1)

/** What is there when the first run begins, which a test may have replaced before. */
const read = () => ({
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  Date: globalThis.Date,
  random: Math.random,
  // oxlint-disable-next-line typescript/unbound-method -- they are put back as they are
  performanceNow: performance.now,
  // oxlint-disable-next-line typescript/unbound-method
  abortTimeout: AbortSignal.timeout,
  fetch: globalThis.fetch as typeof globalThis.fetch | undefined,
  promises: { ...timersPromises }
})

let real = read()

/** The run whose timers are the loop's. */
const timed = (): (World & { readonly loop: NonNullable<World["loop"]> }) | undefined => {
  const world = currentWorld()
  return world?.hostTime === true && world.loop?.isRunning() === true ? (world as never) : undefined
}

const leak = (what: string): void => {
  const world = currentWorld()
  if (world?.watchesLeaks === true) world.leaks.push({ what, place: placeHere() })
}

type Callback = (...args: ReadonlyArray<unknown>) => void

/** What `setTimeout` gives: as much of Node's `Timeout` as programs use. */
class FakeTimeout {
  #handle: { cancelUnsafe(): void } | undefined
  readonly #again: () => { cancelUnsafe(): void }

  constructor(again: () => { cancelUnsafe(): void }) {
    this.#again = again
    this.#handle = again()
  }

  rang(again: boolean): void {
    this.#handle = again ? this.#again() : undefined
  }

  close(): this {
    this.#handle?.cancelUnsafe()
    this.#handle = undefined
    return this
  }

  refresh(): this {
    if (this.#handle === undefined) return this
    this.#handle.cancelUnsafe()
    this.#handle = this.#again()
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  hasRef(): boolean {
    return true
  }

  [Symbol.toPrimitive](): number {
    return numberOf(this)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

const numbers = new Map<number, WeakRef<FakeTimeout>>()
let lastNumber = 2 ** 40

const numberOf = (timeout: FakeTimeout): number => {
  numbers.set(++lastNumber, new WeakRef(timeout))
  return lastNumber
}

const begin = (callback: Callback, delay: unknown, args: ReadonlyArray<unknown>, repeats: boolean): FakeTimeout => {
  const { loop } = timed()!
  // As the host has it: at least a millisecond, whole ones.
  const millis = Math.max(1, Math.trunc(Number(delay)) || 1)
  const ring = (): void => {
    timeout.rang(repeats)
    callback(...args)
  }
  const timeout: FakeTimeout = new FakeTimeout(() => loop.callLaterUnsafe(millis, ring))
  return timeout
}

const clear = (timeout: unknown, otherwise: (timeout: never) => void): void => {
  const fake =
    typeof timeout === "number" || typeof timeout === "string" ? numbers.get(Number(timeout))?.deref() : timeout
  if (fake instanceof FakeTimeout) fake.close()
  else otherwise(timeout as never)
}

const wait = async <A>(
  delay: unknown,
  value: A,
  options: { readonly signal?: AbortSignal } | undefined
): Promise<A> => {
  const signal = options?.signal
  return new Promise<A>((resolve, reject) => {
    const abort = (): void => {
      timeout?.close()
      reject(
        Object.assign(new Error("The operation was aborted", { cause: signal!.reason }), {
          name: "AbortError",
          code: "ABORT_ERR"
        })
      )
    }
    if (signal?.aborted === true) return abort()
    const timeout: FakeTimeout | undefined = begin(
      () => {
        signal?.removeEventListener("abort", abort)
        resolve(value)
      },
      delay,
      [],
      false
    )
    signal?.addEventListener("abort", abort, { once: true })
  })
}

const now = (): number | undefined => {
  const world = timed()
  return world === undefined ? undefined : world.loop.time()
}

const timedOut = (): DOMException => new DOMException("The operation was aborted due to timeout", "TimeoutError")

const fake = {
  setTimeout: (callback: Callback, delay?: unknown, ...args: ReadonlyArray<unknown>): unknown => {
    if (timed() === undefined) {
      leak("setTimeout on the host's time")
      return real.setTimeout(callback, delay as number, ...args)
    }
    return begin(callback, delay, args, false)
  },
  clearTimeout: (timeout: unknown): void => clear(timeout, real.clearTimeout),
  setInterval: (callback: Callback, delay?: unknown, ...args: ReadonlyArray<unknown>): unknown =>
    timed() === undefined ? real.setInterval(callback, delay as number, ...args) : begin(callback, delay, args, true),
  clearInterval: (timeout: unknown): void => clear(timeout, real.clearInterval),
  Date: new Proxy(real.Date, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [dateNow()] : args, newTarget) as object,
    apply: () => new real.Date(dateNow()).toString(),
    get: (target, key) => (key === "now" ? dateNow : (Reflect.get(target, key) as unknown))
  }),
  random: (): number => {
    leak("Math.random()")
    return real.random()
  },
  performanceNow: (): number => {
    const time = now()
    if (time === undefined) leak("performance.now()")
    return time ?? real.performanceNow.call(performance)
  },
  abortTimeout: (millis: number): AbortSignal => {
    if (timed() === undefined) return real.abortTimeout.call(AbortSignal, millis)
    const controller = new AbortController()
    begin(() => controller.abort(timedOut()), millis, [], false)
    return controller.signal
  },
  fetch: (...args: Parameters<typeof globalThis.fetch>): Promise<Response> => {
    leak("fetch()")
    return real.fetch!(...args)
  },
  promises: {
    setTimeout: <A>(delay?: number, value?: A, options?: { readonly signal?: AbortSignal }): Promise<A> =>
      timed() === undefined ? real.promises.setTimeout<A>(delay, value, options) : wait(delay, value as A, options),
    setInterval: <A>(delay?: number, value?: A, options?: { readonly signal?: AbortSignal }): AsyncIterable<A> =>
      timed() === undefined ? real.promises.setInterval<A>(delay, value, options) : ticks(delay, value as A, options)
  }
}

async function* ticks<A>(
  delay: unknown,
  value: A,
  options: { readonly signal?: AbortSignal } | undefined
): AsyncGenerator<A> {
  for (;;) yield await wait(delay, value, options)
}

function dateNow(): number {
  const time = now()
  if (time === undefined) leak("Date.now()")
  return time === undefined ? real.Date.now() : epoch + Math.floor(time)
}

let users = 0

// As the host's: `promisify(setTimeout)` is that of `node:timers/promises`.
Object.defineProperty(fake.setTimeout, promisify.custom, { value: fake.promises.setTimeout })

const replace = (replacement: typeof fake | typeof real): void => {
  const target = globalThis as unknown as Record<string, unknown>
  for (const name of ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "fetch"] as const) {
    if (real[name] !== undefined) target[name] = replacement[name]
  }
  Math.random = replacement.random
  performance.now = replacement.performanceNow
  AbortSignal.timeout = replacement.abortTimeout
  Object.assign(timersPromises, {
    setTimeout: replacement.promises.setTimeout,
    setInterval: replacement.promises.setInterval
  })
  syncBuiltinESMExports()
}

/** Runs `f`, with the host's timers and clocks on the time of the run that asks for them. */
export const withHostTime = async <A>(isOn: boolean, f: () => Promise<A>): Promise<A> => {
  if (!isOn) return f()
  if (users++ === 0) {
    real = read()
    replace(fake)
  }
  try {
    return await f()
  } finally {
    if (--users === 0) replace(real)
  }
}
