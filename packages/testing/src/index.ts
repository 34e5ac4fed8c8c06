/**
 * Finds what no test was written for in programs of async functions on `@effect-asyncio/compat`.
 *
 * @since 0.1.0
 */
import { type ExploreResult, exploreSubject, replaySubject } from "./explore.ts"
import type { ExploreOptions, SweepOptions } from "./options.ts"
import { asyncFunctions } from "./run/compat.ts"
import type { Subject } from "./run/subject.ts"
import { type SweepResult, sweepSubject } from "./sweep.ts"
import { runTaskTest, type TaskTestOptions } from "./taskTest.ts"

export { type ExploreResult, NotDeterministic } from "./explore.ts"
export { ProgramFailure } from "./failure.ts"
export type { ExploreOptions, ProgramOptions, Strategy, SweepOptions } from "./options.ts"
export type { Progress } from "./run/patience.ts"
export type { CheckName, Outcome } from "./run/subject.ts"
export { fakeEvent } from "./stubs/fakeEvent.ts"
export { fakeFetch, type FakeFetchOptions, type Route } from "./stubs/fakeFetch.ts"
export { fakeIo, type FakeIo, type FakeIoOptions, type Latency } from "./stubs/fakeIo.ts"
export { ledger, type Ledger } from "./stubs/ledger.ts"
export type { SweepResult } from "./sweep.ts"
export type { TaskTestOptions } from "./taskTest.ts"
export * from "@effect-asyncio/compat/testing"

/**
 * An async function that is given what `setup` makes.
 *
 * @category models
 * @since 0.1.0
 */
export type Program<in S> = (state: S) => PromiseLike<unknown>

const subjectOf = (program: unknown, options: object): Subject => ({ flavour: asyncFunctions, program, options })

/**
 * Cancels a program everywhere: runs it once, and then once for each await of each task, in which that task is cancelled there; the main
 * task, each group and each timeout in turn. Behind each run it looks whether anything is left, lost or swallowed.
 *
 * **When to use**
 *
 * For code that acquires, books, writes or begins something. Give it a `check` of your own for what only you know.
 *
 * **Details**
 *
 * The program runs on virtual time, and on nothing that a run before has left: make what it works on in `setup`, or in it. A place is
 * before a task begins (`worker:0`), at its second await (`worker:2`), or in the moment in which it is woken from that, and has not gone on
 * (`worker:2.5`). Which checks there are is told by {@link CheckName}.
 *
 * Fails with a {@link ProgramFailure}, which tells of the clearest of the places; with a TypeError where the program does not come to `at`;
 * with an `AbortError` when it was stopped by `signal` or Ctrl-C.
 *
 * **Cancellation**
 *
 * `signal` ends the sweep behind the run that is under way.
 *
 * **asyncio**
 *
 * Beyond asyncio. Its [`task.cancel()`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Task.cancel) arrives
 * where the task happens to be. Trio's `trio.testing` has the parts, and [asupersync](https://docs.rs/asupersync)'s lab does the same in Rust.
 *
 * **Example** (A permit that is lost)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import { type ProgramFailure, sweep } from "@effect-asyncio/testing"
 *
 * async function main() {
 *   const permits = new asyncio.Semaphore(1)
 *   await permits.acquire()
 *   await asyncio.sleep(1)
 *   permits.release()
 * }
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
 * Runs a program under many schedules, in which the outside decides otherwise: when stubs answer, and how; which of two equal deadlines comes
 * first; how late the loop wakes. What this loop promises stays: its queue is first in, first out.
 *
 * **Details**
 *
 * Only what is asked of the stubs varies: `fakeIo`, `fakeFetch`, `fakeEvent`, and the time. With `sleeps: "work"` sleeps take another time,
 * and with `order: "anyOrder"` the queue has another order. Behind each run it looks as {@link sweep} does.
 *
 * Fails with a {@link ProgramFailure}, whose `replay` is the schedule with the fewest deviations that still breaks the program; with
 * {@link NotDeterministic} where two runs of the same schedule are not the same.
 *
 * **Cancellation**
 *
 * `signal` ends the exploration behind the run that is under way.
 *
 * **asyncio**
 *
 * Beyond asyncio. A loop calls callbacks [in the order](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.call_soon) in
 * which they were registered; when I/O is ready, the system decides. [Shuttle](https://docs.rs/shuttle) and [Coyote](https://microsoft.github.io/coyote/) do this for Rust and .NET.
 *
 * **Example** (The answer of the first request comes last)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import { explore, fakeIo, type ProgramFailure } from "@effect-asyncio/testing"
 *
 * const search = fakeIo([10, 50], (text: string) => `results of ${text}`)
 *
 * async function main(page: { shown: string }) {
 *   const type = async (text: string) => void (page.shown = await search(text))
 *   await asyncio.taskGroup(async (group) => {
 *     group.createTask(() => type("a"))
 *     group.createTask(() => type("ab"))
 *   })
 * }
 *
 * const check = ({ shown }: { shown: string }) => {
 *   if (shown !== "results of ab") throw new Error(`shows the ${shown}`)
 * }
 * const failure = await explore(main, { setup: () => ({ shown: "" }), check }).catch((error: ProgramFailure) => error)
 * "replay" in failure && failure.findings[0]?.text // => "Error: shows the results of a"
 * ```
 *
 * @category searches
 * @since 0.1.0
 */
export const explore = <S = undefined>(program: Program<S>, options: ExploreOptions<S> = {}): Promise<ExploreResult> =>
  exploreSubject(subjectOf(program, options), options)

/**
 * Runs a program under one schedule: that which {@link explore} has found, with the same options.
 *
 * **Details**
 *
 * Fails as {@link explore} does. The numbers of decisions are those of the program as it is: another program needs another schedule.
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
 * import { fakeIo, replay } from "@effect-asyncio/testing"
 *
 * const load = fakeIo([10, 50], () => "value")
 * const times: Array<number> = []
 *
 * async function main() {
 *   const began = Date.now()
 *   await load()
 *   times.push(Date.now() - began)
 * }
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
 * Makes a test of an async function, for a test runner that takes functions: `node:test`, for one. It runs on virtual time as the main
 * task of a run, and fails where it leaves a task, a lock or a permit, or where a failure is reported that no code retrieves.
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
 * **Example** (With node:test: `test("sleeps", task(async () => { ... }))`)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import { task } from "@effect-asyncio/testing"
 *
 * const test = task(async () => {
 *   asyncio.createTask(() => asyncio.sleep("1 hour"), { name: "orphan" })
 *   await asyncio.sleep(1)
 * })
 *
 * await test().catch((error: Error) => error.message.split("\n")[0]) // => "the test leaves a task"
 * ```
 *
 * @category tests
 * @since 0.1.0
 */
export const task =
  (body: () => PromiseLike<unknown>, options: TaskTestOptions = {}): (() => Promise<void>) =>
  () =>
    runTaskTest(
      subjectOf(() => body(), options),
      "a test"
    )
