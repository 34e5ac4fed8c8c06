/**
 * Finds what no test was written for in programs of Effect on `@effect-asyncio/core`.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import { type ExploreResult, exploreSubject, replaySubject } from "./explore.ts"
import type * as options from "./options.ts"
import { effects } from "./run/flavours.ts"
import type { Subject } from "./run/subject.ts"
import { type SweepResult, sweepSubject } from "./sweep.ts"
import { runTaskTest, type TaskTestOptions } from "./taskTest.ts"

export { type ExploreResult, NotDeterministic } from "./explore.ts"
export { ProgramFailure } from "./failure.ts"
export type { Strategy } from "./options.ts"
export type { Progress } from "./run/patience.ts"
export type { CheckName, Outcome } from "./run/subject.ts"
export { fakeEvent } from "./stubs/fakeEvent.ts"
export { fakeFetch, type FakeFetchOptions, type Route } from "./stubs/fakeFetch.ts"
export { fakeIo, type FakeIo, type FakeIoOptions, type Latency } from "./stubs/fakeIo.ts"
export { ledger, type Ledger } from "./stubs/ledger.ts"
export type { SweepResult } from "./sweep.ts"
export type { TaskTestOptions } from "./taskTest.ts"
export * from "@effect-asyncio/core/testing"

/**
 * An Effect, or a function that makes one of what `setup` makes.
 *
 * @category models
 * @since 0.1.0
 */
export type Program<S> = Effect.Effect<unknown, unknown> | ((state: S) => Effect.Effect<unknown, unknown>)

/**
 * The options of a search over Effects: `setup` may be an Effect that does not wait, and `check` may give one, which fails where something
 * does not hold.
 *
 * @category models
 * @since 0.1.0
 */
export type EffectOptions<Options, S> = Omit<Options, "setup"> & {
  /** Makes what the program works on, anew for each run and without waiting: the program and `check` are given it. */
  readonly setup?: (() => S) | Effect.Effect<S> | undefined
}

/**
 * Options of {@link sweep}.
 *
 * @category models
 * @since 0.1.0
 */
export type SweepOptions<S> = EffectOptions<options.SweepOptions<S>, S>

/**
 * Options of {@link explore} and {@link replay}.
 *
 * @category models
 * @since 0.1.0
 */
export type ExploreOptions<S> = EffectOptions<options.ExploreOptions<S>, S>

const subjectOf = (program: unknown, given: object): Subject => ({ flavour: effects, program, options: given })

/**
 * `sweep` of `@effect-asyncio/testing`, for Effects.
 *
 * **Details**
 *
 * As there. The line of an await is that of its `yield*`; where there is none, of the `Effect.fn` that it is in.
 *
 * **Cancellation**
 *
 * `signal` ends the sweep behind the run that is under way.
 *
 * **asyncio**
 *
 * Beyond asyncio. Its [`task.cancel()`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Task.cancel) arrives
 * where the task happens to be.
 *
 * **Example** (A permit that is lost)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { type ProgramFailure, sweep } from "@effect-asyncio/testing/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const permits = yield* asyncio.Semaphore.make(1)
 *   yield* permits.acquire
 *   yield* asyncio.sleep(1)
 *   yield* permits.release
 * })
 *
 * const failure = await sweep(main).catch((error: ProgramFailure) => error)
 * "replay" in failure && [failure.replay, failure.findings[0]?.check] // => ["Task-1:1", "permits"]
 * ```
 *
 * @category searches
 * @since 0.1.0
 */
export const sweep = <S = undefined>(program: Program<S>, options: SweepOptions<S> = {}): Promise<SweepResult> =>
  sweepSubject(subjectOf(program, options), options)

/**
 * `explore` of `@effect-asyncio/testing`, for Effects.
 *
 * **Details**
 *
 * As there. Give stubs to the program as a layer or as values; `fakeIo(...).effect` makes Effects.
 *
 * **Cancellation**
 *
 * `signal` ends the exploration behind the run that is under way.
 *
 * **asyncio**
 *
 * Beyond asyncio. A loop calls callbacks [in the order](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.call_soon) in
 * which they were registered; when I/O is ready, the system decides.
 *
 * **Example** (An answer that never comes)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { explore, fakeIo, type ProgramFailure } from "@effect-asyncio/testing/core"
 * import { Effect } from "effect"
 *
 * const load = fakeIo([10, 5000], () => "value", { name: "load" })
 * const main = asyncio.timeout("1 second", load.effect()).pipe(
 *   Effect.catchTag("TimeoutError", () => Effect.die(new Error("nobody has thought of that")))
 * )
 *
 * const failure = await explore(main).catch((error: ProgramFailure) => error)
 * "replay" in failure && failure.message.split("\n")[0] // => "the program does not hold where load takes 5000 ms"
 * ```
 *
 * @category searches
 * @since 0.1.0
 */
export const explore = <S = undefined>(program: Program<S>, options: ExploreOptions<S> = {}): Promise<ExploreResult> =>
  exploreSubject(subjectOf(program, options), options)

/**
 * `replay` of `@effect-asyncio/testing`, for Effects.
 *
 * **Cancellation**
 *
 * It cannot be stopped: it is two runs.
 *
 * **asyncio**
 *
 * Beyond asyncio. There the system decides when a
 * [file is ready](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.add_reader), in each run anew.
 *
 * **Example** (The first answer takes longer)
 *
 * ```ts import.meta.vitest
 * import { fakeIo, replay } from "@effect-asyncio/testing/core"
 * import { Clock, Effect } from "effect"
 *
 * const load = fakeIo([10, 50], () => "value")
 * const times: Array<number> = []
 * const main = Effect.gen(function*() {
 *   yield* load.effect()
 *   times.push(yield* Clock.currentTimeMillis)
 * })
 *
 * await replay(main, "0=1")
 * times // => [10, 50]
 * ```
 *
 * @category searches
 * @since 0.1.0
 */
export const replay = <S = undefined>(
  program: Program<S>,
  schedule: string,
  options: ExploreOptions<S> = {}
): Promise<void> => replaySubject(subjectOf(program, options), schedule, options)

/**
 * `task` of `@effect-asyncio/testing`, for Effects: a test for a test runner that takes functions.
 *
 * **Cancellation**
 *
 * Nothing cancels it.
 *
 * **asyncio**
 *
 * As [`unittest.IsolatedAsyncioTestCase`](https://docs.python.org/3/library/unittest.html#unittest.IsolatedAsyncioTestCase) runs each test
 * on a loop of its own.
 *
 * **Example** (A task that is left)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { task } from "@effect-asyncio/testing/core"
 *
 * const test = task(asyncio.createTask(asyncio.sleep("1 hour"), { name: "orphan" }))
 *
 * await test().catch((error: Error) => error.message.split("\n")[0]) // => "the test leaves a task"
 * ```
 *
 * @category tests
 * @since 0.1.0
 */
export const task =
  (body: Effect.Effect<unknown, unknown>, options: TaskTestOptions = {}): (() => Promise<void>) =>
  () =>
    runTaskTest(subjectOf(body, options), "a test")
