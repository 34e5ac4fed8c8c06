/**
 * I/O that takes virtual time.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { currentWorld, type World } from "../run/world.ts"

/**
 * How long something takes: a number of milliseconds, a duration such as `"2 seconds"`, or several of which an exploration may choose, the
 * usual one first.
 *
 * @category models
 * @since 0.1.0
 */
export type Latency = Duration.Input | readonly [Duration.Input, ...ReadonlyArray<Duration.Input>]

/**
 * Options of {@link fakeIo}.
 *
 * @category models
 * @since 0.1.0
 */
export interface FakeIoOptions<out E = unknown> {
  /** What it is called in a failure; the name of the function by default. */
  readonly name?: string | undefined
  /** With what it may fail, or a list of that: an exploration tries each. */
  readonly fails?: E | ReadonlyArray<E> | undefined
  /** Whether it may never answer: an exploration tries that. */
  readonly hangs?: boolean | undefined
}

/**
 * I/O that is none, as a function that gives a promise; `effect` gives an Effect.
 *
 * @category models
 * @since 0.1.0
 */
export interface FakeIo<in Args extends ReadonlyArray<unknown>, out A, out E = never> {
  /** Begins it. Like a promise of the host, nothing can cancel it: `abortable` of compat leaves it. */
  (...args: Args): Promise<A>
  /** The same as an Effect. It fails with what `fails` says; what `outcome` throws is a defect. An interrupt gives it up. */
  readonly effect: (...args: Args) => Effect.Effect<A, E>
}

/** The run that the caller is in. Without one there is no virtual time. */
export const worldHere = (operation: string): World & { readonly loop: NonNullable<World["loop"]> } => {
  const world = currentWorld()
  if (world?.loop !== undefined) return world as never
  throw new TypeError(`${operation} works in a program that is swept, explored or tested: it has no other time to take`)
}

/** What comes of a call: the usual first. */
type Ending = { readonly kind: "answers" | "hangs" } | { readonly kind: "fails"; readonly error: unknown }

const endingText = (name: string, ending: Ending): string => {
  if (ending.kind === "fails") return `${name} fails with ${String(ending.error)}`
  return ending.kind === "hangs" ? `${name} never answers` : `${name} answers`
}

/** Decides how long a call takes and what comes of it, and calls back then. Gives what takes the call back. */
export const beginIo = (
  name: string,
  latency: Latency,
  { fails, hangs }: Pick<FakeIoOptions, "fails" | "hangs">,
  done: (ending: Exclude<Ending, { kind: "hangs" }>) => void
): (() => void) => {
  const { decisions, loop, noteIo, noteLine } = worldHere(name)
  noteLine?.()
  noteIo?.(name)
  const latencies = (Array.isArray(latency) ? latency : [latency]) as ReadonlyArray<Duration.Input>
  const millis = latencies.map((each) => (typeof each === "number" ? each : Duration.toMillis(each)))
  const delay = decisions.decide(`how long ${name} takes`, millis, (taken) => `${name} takes ${taken} ms`)
  const errors = fails === undefined ? [] : Array.isArray(fails) ? (fails as ReadonlyArray<unknown>) : [fails]
  const endings: ReadonlyArray<Ending> = [
    { kind: "answers" },
    ...errors.map((error): Ending => ({ kind: "fails", error })),
    ...(hangs === true ? [{ kind: "hangs" } as const] : [])
  ]
  const ending = decisions.decide(`what comes of ${name}`, endings, (each) => endingText(name, each))
  if (ending.kind === "hangs") return () => {}
  const timer = loop.callLaterUnsafe(delay, () => done(ending as never))
  return () => timer.cancelUnsafe()
}

/**
 * Makes a function that does as if it did I/O: what it gives is there after `latency`, in virtual time.
 *
 * **Details**
 *
 * `outcome` is called when the time is over, and what it throws is what the I/O fails with. In an exploration the latency is any of those that
 * are given, and with `fails` and `hangs` it may fail and hang; in a sweep and in `it.task` it is as usual: the first latency, and `outcome`.
 *
 * **Cancellation**
 *
 * The promise is as one of the host: it goes on. An Effect is interrupted, and `outcome` is not called.
 *
 * **asyncio**
 *
 * Beyond asyncio, where a test has [`unittest.mock.AsyncMock`](https://docs.python.org/3/library/unittest.mock.html#unittest.mock.AsyncMock),
 * which takes no time.
 *
 * **Example** (A request)
 *
 * ```ts import.meta.vitest
 * import { fakeIo, task } from "@effect-asyncio/testing"
 *
 * const load = fakeIo("20 millis", (id: number) => `user ${id}`)
 * let loaded: string | undefined
 * await task(async () => void (loaded = await load(7)))()
 *
 * loaded // => "user 7"
 * ```
 *
 * @category stubs
 * @since 0.1.0
 */
export const fakeIo = <Args extends ReadonlyArray<unknown>, A, E = never>(
  latency: Latency,
  outcome: (...args: Args) => A,
  options: FakeIoOptions<E> = {}
): FakeIo<Args, A, E> => {
  const name = options.name ?? (outcome.name === "" ? "the I/O" : outcome.name)
  const begin = (
    args: Args,
    done: (end: { readonly value: A } | { readonly error: E } | { readonly thrown: unknown }) => void
  ) =>
    beginIo(name, latency, options, (ending) => {
      if (ending.kind === "fails") return done({ error: ending.error as E })
      let value: A
      try {
        value = outcome(...args)
      } catch (thrown) {
        return done({ thrown })
      }
      done({ value })
    })
  const promise = (...args: Args): Promise<A> =>
    new Promise((resolve, reject) => {
      begin(args, (end) => {
        if ("value" in end) resolve(end.value)
        else reject("error" in end ? end.error : end.thrown)
      })
    })
  const effect = (...args: Args): Effect.Effect<A, E> =>
    Effect.callback<A, E>((resume) => {
      const takeBack = begin(args, (end) => {
        if ("value" in end) resume(Effect.succeed(end.value))
        else resume("error" in end ? Effect.fail(end.error) : Effect.die(end.thrown))
      })
      return Effect.sync(takeBack)
    })
  return Object.assign(promise, { effect })
}
