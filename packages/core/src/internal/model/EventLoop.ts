/**
 * What an event loop is, what it reports, and what makes its tasks.
 */
import type * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Scheduler from "effect/Scheduler"
import type { EndedTask } from "./EndedTask.ts"
import type { Future } from "./Future.ts"
import type { Handle, TimerHandle } from "./Handle.ts"
import type { Signal } from "./RunOptions.ts"
import type { CreateTaskOptions, Task, TaskSnapshot } from "./Task.ts"

/**
 * What the loop tells its exception handler about an error that no code awaits.
 *
 * **asyncio**
 *
 * The `context` dictionary of
 * [`loop.call_exception_handler`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.call_exception_handler).
 * Every field but the message may be missing.
 *
 * @category models
 * @since 0.1.0
 */
export interface ExceptionContext {
  /** What happened, in asyncio's words, such as `Task exception was never retrieved`. */
  readonly message: string
  /** The error itself. */
  readonly exception?: unknown
  /** The error with Effect's whole account of it, where there is one. */
  readonly cause?: Cause.Cause<unknown>
  /** The task concerned, as it printed at that moment. A handler must not keep a failed task alive. */
  readonly task?: string
  /** The future concerned, as it printed at that moment. */
  readonly future?: string
  /** The callback that failed, by name. */
  readonly handle?: string
  /** Where the task was created, if that is known. */
  readonly createdAt?: string
  /** What to do about it. */
  readonly hint?: string
}

/**
 * A function that is told of errors that no code awaits: failures that were never retrieved, errors in callbacks.
 *
 * **asyncio**
 *
 * What [`loop.set_exception_handler`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.set_exception_handler)
 * takes.
 *
 * @category models
 * @since 0.1.0
 */
export type ExceptionHandler = (loop: EventLoop, context: ExceptionContext) => void

/**
 * Options of `newEventLoop`.
 *
 * @category models
 * @since 0.1.0
 */
export interface EventLoopOptions {
  /** Where time comes from; the host's clock by default. */
  readonly clock?: Clock.Clock | undefined
  /** The services that tasks of this loop start with. */
  readonly context?: Context.Context<never> | undefined
  /** Records more about what happens, at some cost: where a cancellation was asked for, where a task was created. */
  readonly debug?: boolean | undefined
  /** How many threads `toThread` may use at a time; `min(32, processors + 4)` by default. */
  readonly maxThreads?: number | undefined
}

/**
 * Options that libraries may give `newEventLoop` and `makeVirtualTimeLoop` beside their own.
 *
 * **When to use**
 *
 * When your library has a state of its own that the host carries on, as compat has one in `AsyncLocalStorage`.
 *
 * @category models
 * @since 0.1.0
 */
export interface IterationOptions {
  /** Wraps every iteration of the loop. The state is reset here, so that no callback sees what the one before has left. */
  readonly aroundIteration?: ((iteration: () => void) => void) | undefined
}

/**
 * What a loop is doing, as plain JSON.
 *
 * @category models
 * @since 0.1.0
 */
export interface LoopSnapshot {
  /** Milliseconds on the loop's clock. */
  readonly time: number
  readonly state: "stopped" | "running" | "closed"
  readonly debug: boolean
  /** How many callbacks and steps are in the queue. */
  readonly ready: number
  /** How many timers are set. */
  readonly timers: number
  /** The tasks that are not done, in the order they were made. */
  readonly tasks: ReadonlyArray<TaskSnapshot>
  /** The last tasks that have ended, the oldest first, as far as they are kept: see {@link keepEndedTasks}. */
  readonly endedTasks: ReadonlyArray<EndedTask>
}

/**
 * Makes the tasks of a loop: calls `make`, with the options as they are or changed, and may do more around it.
 *
 * **asyncio**
 *
 * What [`loop.set_task_factory`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.set_task_factory) takes.
 *
 * @category models
 * @since 0.1.0
 */
export type TaskFactory = <A, E>(
  make: (options?: CreateTaskOptions) => Task<A, E>,
  options: CreateTaskOptions | undefined
) => Task<A, E>

/**
 * The event loop: a FIFO queue of callbacks, a heap of timers, and an Effect `Scheduler`, so that plain fibers inside a
 * program wait in the same queue.
 *
 * **Details**
 *
 * The loop runs many iterations in one host macrotask and goes back to the host after 2 milliseconds at the latest, so that
 * I/O never starves. What `Effect.yieldNow` or a fork has put off runs in the host's next macrotask, as under Effect's own
 * scheduler. All times and delays in numbers are milliseconds.
 *
 * As a scheduler it has plain fibers give way as Effect's own does. A task gives way only at its awaits, and in the middle of
 * a computation of more than 64 times `Scheduler.MaxOpsBeforeYield` operations, which is 131,072;
 * `Scheduler.PreventSchedulerYield` makes it atomic.
 *
 * **asyncio**
 *
 * The part of [`asyncio.AbstractEventLoop`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.AbstractEventLoop)
 * that is about tasks and callbacks. Timers with equal deadlines run in the order they were made, which CPython leaves open.
 *
 * **Example** (Failures and signals, told to the program)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 *
 * const lines: Array<string> = []
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   yield* loop.setExceptionHandler((loop, context) => {
 *     if (context.message.startsWith("worker")) lines.push(context.message)
 *     else loop.defaultExceptionHandlerUnsafe(context)
 *   })
 *   yield* loop.addSignalHandler("SIGUSR2", (line: string) => lines.push(line), "SIGUSR2 has come")
 *   yield* loop.callSoonThreadsafe(() => loop.callExceptionHandlerUnsafe({ message: "worker 3 does not answer" }))
 *   yield* asyncio.sleep(0)
 *   return [typeof loop.getExceptionHandler(), yield* loop.removeSignalHandler("SIGUSR2")]
 * })
 *
 * await asyncio.run(main) // => ["function", true]
 * lines // => ["worker 3 does not answer"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface EventLoop extends Scheduler.Scheduler {
  /** Milliseconds on the loop's own monotonic clock, the scale of {@link callAt}. */
  time(): number
  /** Whether the loop is running (or, for the loop of a `Clock`, able to run) callbacks. */
  isRunning(): boolean
  /** Whether the loop was closed; then scheduling anything is a {@link RuntimeError}, `Event loop is closed`. */
  isClosed(): boolean
  /** Whether debug mode is on. */
  getDebug(): boolean
  /** Switches debug mode. */
  setDebug(enabled: boolean): Effect.Effect<void>
  /** {@link setDebug} for callers outside of Effect. */
  setDebugUnsafe(enabled: boolean): void
  /**
   * The services and references of an Effect that a callback of the loop runs: those of the program, and this loop. With
   * `Effect.runForkWith(loop.context)` it runs at once, on the loop, and can make tasks.
   */
  readonly context: Context.Context<never>
  /** In debug mode, a step or callback that takes longer than this many milliseconds is reported; 100 by default. */
  slowCallbackDuration: number
  /** Calls `callback` on the next iteration, after everything already in the queue. */
  callSoon<Args extends ReadonlyArray<unknown>>(callback: (...args: Args) => void, ...args: Args): Effect.Effect<Handle>
  /** {@link callSoon} for callers outside of Effect. */
  callSoonUnsafe<Args extends ReadonlyArray<unknown>>(callback: (...args: Args) => void, ...args: Args): Handle
  /**
   * The same as {@link callSoon}, for code that says where it is called from: a host's event, the answer of a worker. Python needs another
   * method there, because its threads share memory and the loop has to be woken; here all callbacks are on the loop's
   * thread, and `callSoon` wakes it.
   */
  callSoonThreadsafe<Args extends ReadonlyArray<unknown>>(
    callback: (...args: Args) => void,
    ...args: Args
  ): Effect.Effect<Handle>
  /** {@link callSoonThreadsafe} for callers outside of Effect. */
  callSoonThreadsafeUnsafe<Args extends ReadonlyArray<unknown>>(
    callback: (...args: Args) => void,
    ...args: Args
  ): Handle
  /** Calls `callback` after `delay`; a bare number is milliseconds. */
  callLater<Args extends ReadonlyArray<unknown>>(
    delay: Duration.Input,
    callback: (...args: Args) => void,
    ...args: Args
  ): Effect.Effect<TimerHandle>
  /** {@link callLater} for callers outside of Effect. */
  callLaterUnsafe<Args extends ReadonlyArray<unknown>>(
    delay: Duration.Input,
    callback: (...args: Args) => void,
    ...args: Args
  ): TimerHandle
  /** Calls `callback` when {@link time} reaches `when` milliseconds. */
  callAt<Args extends ReadonlyArray<unknown>>(
    when: number,
    callback: (...args: Args) => void,
    ...args: Args
  ): Effect.Effect<TimerHandle>
  /** {@link callAt} for callers outside of Effect. */
  callAtUnsafe<Args extends ReadonlyArray<unknown>>(
    when: number,
    callback: (...args: Args) => void,
    ...args: Args
  ): TimerHandle
  /** Makes a pending future of this loop. */
  createFuture<A, E = never>(): Effect.Effect<Future<A, E>>
  /** {@link createFuture} for callers outside of Effect. */
  createFutureUnsafe<A, E = never>(): Future<A, E>
  /** A future that is done after `delay`; a bare number is milliseconds. Cancelling it removes its timer. */
  sleepUnsafe(delay: Duration.Input): Future<void>
  /** The task whose step is running right now, `undefined` between steps and in callbacks. */
  currentTaskUnsafe(): Task<unknown, unknown> | undefined
  /** The tasks of this loop that are not done, in the order they were registered. */
  allTasksUnsafe(): ReadonlyArray<Task<unknown, unknown>>
  /** The last tasks that have ended, the oldest first, as far as {@link keepEndedTasks} has them kept. */
  readonly endedTasks: ReadonlyArray<EndedTask>
  /** Replaces the exception handler; `undefined` brings the default one back, which logs at level Error. */
  setExceptionHandler(handler: ExceptionHandler | undefined): Effect.Effect<void>
  /** {@link setExceptionHandler} for callers outside of Effect. */
  setExceptionHandlerUnsafe(handler: ExceptionHandler | undefined): void
  /** The exception handler, if one was set. */
  getExceptionHandler(): ExceptionHandler | undefined
  /** Hands `context` to the exception handler. */
  callExceptionHandlerUnsafe(context: ExceptionContext): void
  /** What is done without an exception handler: logs `context` at level Error. For a handler that passes on what is not its own. */
  defaultExceptionHandlerUnsafe(context: ExceptionContext): void
  /**
   * Calls `callback` on the loop whenever the process gets `signal`, instead of the handler before. `run` does nothing about a signal
   * that has a handler: with one for SIGINT, Ctrl-C does not cancel the main task. The end of the loop removes it.
   *
   * A defect: a ValueError for an unknown signal, a RuntimeError for one that nothing can catch (SIGKILL, SIGSTOP), and where the
   * host has no signals.
   */
  addSignalHandler<Args extends ReadonlyArray<unknown>>(
    signal: Signal,
    callback: (...args: Args) => void,
    ...args: Args
  ): Effect.Effect<void>
  /** {@link addSignalHandler} for callers outside of Effect. */
  addSignalHandlerUnsafe<Args extends ReadonlyArray<unknown>>(
    signal: Signal,
    callback: (...args: Args) => void,
    ...args: Args
  ): void
  /** Removes the handler for `signal`; `false` where there is none. */
  removeSignalHandler(signal: Signal): Effect.Effect<boolean>
  /** {@link removeSignalHandler} for callers outside of Effect. */
  removeSignalHandlerUnsafe(signal: Signal): boolean
  /**
   * Runs the loop until `future` is done, then stops it at the end of that iteration. A {@link RuntimeError},
   * `This event loop is already running`, when it runs already.
   */
  runUntilComplete(future: Future<unknown, unknown>): Promise<void>
  /** What is going on, as plain data that can be logged or sent. */
  snapshot(): LoopSnapshot
  /** How it prints: what it is and its state, in Python's format. */
  toString(): string
  /** Stops the run under way at the end of this iteration; it rejects with `Event loop stopped before Future completed.` */
  stopUnsafe(): void
  /**
   * Replaces what makes the loop's tasks, `undefined` for the usual. It is called for every Effect that becomes a task,
   * also by `gather`, `TaskGroup` and the like.
   */
  setTaskFactory(factory: TaskFactory | undefined): Effect.Effect<void>
  /** {@link setTaskFactory} for callers outside of Effect. */
  setTaskFactoryUnsafe(factory: TaskFactory | undefined): void
  /** The task factory, if one was set. */
  getTaskFactory(): TaskFactory | undefined
  /** Closes a stopped loop: reports failures that were never retrieved, drops every timer and callback. */
  closeUnsafe(): void
}
