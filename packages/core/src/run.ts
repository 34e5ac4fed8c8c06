/**
 * Running a program.
 *
 * @since 0.1.0
 */
import type * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type { EventLoop } from "./EventLoop.ts"
import type { Loop } from "./fiberRefs.ts"
import * as internal from "./internal/run/run.ts"

/**
 * A signal that ends a program, and that a program can listen to.
 *
 * @category models
 * @since 0.1.0
 */
export type StopSignal = "SIGHUP" | "SIGINT" | "SIGQUIT" | "SIGTERM" | "SIGBREAK"

/**
 * Options of {@link run}.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunOptions {
  /** Records more about what happens, at some cost; off by default. */
  readonly debug?: boolean | undefined
  /** How many threads `toThread` may use at a time; `min(32, processors + 4)` by default. */
  readonly maxThreads?: number | undefined
  /** Where time comes from; the host's clock by default. */
  readonly clock?: Clock.Clock | undefined
  /** The services and references the main task starts with. */
  readonly context?: Context.Context<never> | undefined
  /** Makes the loop; it is closed when the run ends. */
  readonly loopFactory?: (() => EventLoop) | undefined
  /** The name of the main task; `Task-1` by default. */
  readonly name?: string | undefined
  /** Whether Ctrl-C cancels the main task; on by default. A second Ctrl-C ends the process. */
  readonly handleSigint?: boolean | undefined
  /**
   * The signals that cancel the main task as Ctrl-C does, such as `["SIGTERM"]` in a container; none by default. The run then
   * rejects with `Terminated`.
   */
  readonly signals?: ReadonlyArray<StopSignal> | undefined
  /**
   * How long the program may go on when Ctrl-C, or one of `signals`, has come: so long for the main task, and then so long for the
   * rest. What has not ended by then is given up and reported. By default cleanup takes as long as it takes, and a task that hangs on a
   * promise which does not listen is given up after 5 seconds.
   */
  readonly grace?: Duration.Input | undefined
}

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
 * is what is meant, and with `TypeError: An asyncio.Future, a coroutine or an awaitable is required` for what is not an
 * Effect.
 *
 * **Cancellation**
 *
 * The first Ctrl-C cancels the main task, which may clean up for as long as the option `grace` says. The second one ends the process. So do the signals of the option
 * `signals`: `run` then rejects with `Terminated`, and a process that does not catch it ends with the status of the signal.
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
export const run: <A, E>(main: Effect.Effect<A, E, Loop>, options?: RunOptions) => Promise<A> = internal.run
