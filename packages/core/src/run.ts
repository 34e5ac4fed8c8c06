/**
 * Running a program.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { Loop } from "./fiberRefs.ts"
import * as internal from "./internal/run/run.ts"
import type { Yielded } from "./internal/model/bodies.ts"
import type { RunOptions } from "./internal/model/RunOptions.ts"

export type { RunOptions, Signal, StopSignal } from "./internal/model/RunOptions.ts"

/**
 * Runs `main` as the main task of a new loop: the edge of the program.
 *
 * **Details**
 *
 * Resolves with the main task's result. Rejects with its error, with {@link CancelledError} when it was cancelled, and
 * with {@link KeyboardInterrupt} when Ctrl-C cancelled it. When the main task is done, the tasks that are left are
 * cancelled and awaited; what they fail with then goes to the exception handler. The process stays alive as long as the
 * main task waits, even if nothing else is going on.
 *
 * Rejects with `RuntimeError: asyncio.run() cannot be called from a running event loop` inside a task, where `yield*`
 * is what is meant, and with `TypeError: An asyncio.Future, a coroutine or an awaitable is required` for what is neither an
 * Effect nor a generator function.
 *
 * **Cancellation**
 *
 * The first Ctrl-C cancels the main task, which may clean up for as long as the option `grace` says. The second Ctrl-C ends the process.
 * Each signal of the option `signals` does the same: the first one cancels the main task, and the second one ends the process. After the
 * first one `run` rejects with `Terminated`, and a process that does not catch it ends with the status of the signal.
 *
 * **asyncio**
 *
 * Same as [`asyncio.run(main, debug=, loop_factory=)`](https://docs.python.org/3/library/asyncio-runner.html#asyncio.run), but it
 * does not block: it returns a promise, and two runs may be under way at a time, each with a loop of its own.
 *
 * **Example** (A program)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * await asyncio.run(Effect.as(asyncio.sleep("1 milli"), "done")) // => "done"
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const run: {
  <Eff extends Yielded<unknown, Loop>, A>(main: () => Generator<Eff, A, never>, options?: RunOptions): Promise<A>
  <A, E>(main: Effect.Effect<A, E, Loop>, options?: RunOptions): Promise<A>
} = internal.run as never
