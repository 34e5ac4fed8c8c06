/**
 * Other kinds of coroutine: how something that is not an Effect becomes a task.
 *
 * Core runs Effects. The compat package runs async functions, through this module and nothing else; a generator library
 * or a state machine of your own can do the same, and its tasks are full members of the loop.
 *
 * @since 0.1.0
 */
import type * as Context from "effect/Context"
import type * as Exit from "effect/Exit"
import type { CancelledError } from "./errors.ts"
import type { EventLoop } from "./EventLoop.ts"
import type { Future } from "./Future.ts"
import * as internal from "./internal/coroutineTask.ts"
import { runCoroutine as internalRunCoroutine } from "./internal/run.ts"
import type { RunOptions } from "./run.ts"
import type { Task } from "./Task.ts"

/**
 * What a task runs.
 *
 * @category models
 * @since 0.1.0
 */
export interface Coroutine<A, E> {
  /** Runs the first step. The task is done when somebody calls `control.end`. */
  begin(control: CoroutineControl<A, E>): void
  /**
   * The task is asked to cancel itself. `passedOn` says whether an await in flight has taken the request; if not, the
   * next await will deliver it, and this is the chance to end what keeps the coroutine from getting there.
   */
  cancelRequested(error: CancelledError, passedOn: boolean): void
  /** Its name and place, for the task's repr: `NAME()`, `FILE:LINE`. */
  describe(): { readonly name: string; readonly definedAt: string | undefined; readonly calledAt: string | undefined }
}

/**
 * What a coroutine does to its task.
 *
 * @category models
 * @since 0.1.0
 */
export interface CoroutineControl<A, E> {
  readonly task: Task<A, E>
  /**
   * Waits for `future` and calls `resume` with its exit in a step of the task. Any number of awaits may be in flight; a
   * cancellation of the task cancels all of them. A cancellation arrives as a failure with {@link CancelledError},
   * whether the task was cancelled or the future.
   */
  await<B, E2>(future: Future<B, E2>, resume: (exit: Exit.Exit<B, E2 | CancelledError>) => void): void
  /** Calls `resume` on the loop's next turn, in a step of the task: `sleep(0)`. */
  nextTurn(resume: (exit: Exit.Exit<void, CancelledError>) => void): void
  /** Ends the task. A failure with {@link CancelledError} ends it as cancelled. Ending twice does nothing. */
  end(exit: Exit.Exit<A, E>): void
  /** The cancellation that the next await will deliver, if there is one. */
  pendingCancellation(): CancelledError | undefined
  /** Takes the pending cancellation as delivered, because the coroutine has seen it some other way. */
  takeCancellation(): CancelledError | undefined
}

/**
 * Options of {@link createCoroutineTaskUnsafe}.
 *
 * @category models
 * @since 0.1.0
 */
export interface CoroutineTaskOptions {
  /** The task's name; `Task-N` by default. */
  readonly name?: string | undefined
  /** Runs the first step inside the call. */
  readonly eagerStart?: boolean | undefined
  /** The services and references of the task; the loop's own by default. */
  readonly context?: Context.Context<never> | undefined
}

/**
 * Makes a task of `loop` that runs `coroutine`. Its first step runs on the loop's next turn.
 *
 * @category constructors
 * @since 0.1.0
 */
export const createCoroutineTaskUnsafe: <A, E>(
  loop: EventLoop,
  coroutine: Coroutine<A, E>,
  options?: CoroutineTaskOptions
) => Task<A, E> = internal.createCoroutineTask

/**
 * `run` for another kind of coroutine.
 *
 * @category running
 * @since 0.1.0
 */
export const runCoroutine: <A, E>(coroutine: Coroutine<A, E>, options?: RunOptions) => Promise<A> = internalRunCoroutine
