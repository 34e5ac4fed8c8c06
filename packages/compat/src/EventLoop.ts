/**
 * The event loop, for promise code.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Duration from "effect/Duration"
import { Future } from "./Future.ts"
import { Handle, TimerHandle } from "./Handle.ts"
import { attach, inCallbackOf, requireCurrent, current } from "./internal/current.ts"
import { type AsyncFunction, type CreateTaskOptions, startTask, Task } from "./Task.ts"

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
export type ExceptionHandler = (loop: EventLoop, context: asyncio.ExceptionContext) => void

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
export type TaskFactory = <A>(
  make: (options?: asyncio.CreateTaskOptions) => Task<A>,
  options: asyncio.CreateTaskOptions | undefined
) => Task<A>

const wrappers = new WeakMap<asyncio.EventLoop, EventLoop>()

// The handlers of programs, by what core was given for them.
const ofCore = new WeakMap<asyncio.ExceptionHandler, ExceptionHandler>()

/**
 * The event loop: a FIFO queue of the steps of tasks and of callbacks, and a heap of timers.
 *
 * **Details**
 *
 * Callbacks run in no task, with the `AsyncLocalStorage` stores of the code that registered them. All times and delays in
 * numbers are milliseconds.
 *
 * **asyncio**
 *
 * The part of [`asyncio.AbstractEventLoop`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.AbstractEventLoop)
 * that is about tasks and callbacks.
 *
 * **Example** (A callback on the next iteration)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const lines: Array<string> = []
 * await asyncio.run(async () => {
 *   asyncio.getRunningLoop().callSoon(() => lines.push("callback"))
 *   lines.push("main")
 *   await asyncio.sleep(0)
 * })
 * lines // => ["main", "callback"]
 * ```
 *
 * **Example** (Failures and signals, told to the program)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 *
 * const lines: Array<string> = []
 *
 * await asyncio.run(async () => {
 *   const loop = asyncio.getRunningLoop()
 *   loop.setExceptionHandler((loop, context) => {
 *     if (context.message.startsWith("worker")) lines.push(context.message)
 *     else loop.defaultExceptionHandler(context)
 *   })
 *   loop.addSignalHandler("SIGUSR2", (line: string) => lines.push(line), "SIGUSR2 has come")
 *   loop.callSoonThreadsafe(() => loop.callExceptionHandler({ message: "worker 3 does not answer" }))
 *   await asyncio.sleep(0)
 *   return [typeof loop.getExceptionHandler(), loop.removeSignalHandler("SIGUSR2")]
 * }) // => ["function", true]
 * lines // => ["worker 3 does not answer"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class EventLoop {
  /** The same loop as core knows it. */
  readonly core: asyncio.EventLoop

  private constructor(core: asyncio.EventLoop) {
    this.core = core
  }

  /** The wrapper of a loop of core. The same loop always has the same wrapper. */
  static of(core: asyncio.EventLoop): EventLoop {
    let wrapper = wrappers.get(core)
    if (wrapper === undefined) {
      if (typeof (core as asyncio.EventLoop | null | undefined)?.runUntilComplete !== "function") {
        // When: `EventLoop.of` got something else than a loop of core.
        throw lowlevel.unexpectedValue(
          "a loop of core was expected",
          core,
          "Give it `loop.core`, or core's `getRunningLoop`."
        )
      }
      attach(core)
      wrapper = new EventLoop(core)
      wrappers.set(core, wrapper)
    }
    return wrapper
  }

  /** Milliseconds on the loop's own monotonic clock, the scale of {@link callAt}. */
  time(): number {
    return this.core.time()
  }

  /** Whether a run of the loop is under way. The loop that code in no run shares is always running, also while it has nothing to do. */
  isRunning(): boolean {
    return this.core.isRunning()
  }

  /** Whether the loop was closed; then scheduling anything is a {@link RuntimeError}, `Event loop is closed`. */
  isClosed(): boolean {
    return this.core.isClosed()
  }

  /** Whether debug mode is on. */
  getDebug(): boolean {
    return this.core.getDebug()
  }

  /** Switches debug mode. */
  setDebug(enabled: boolean): void {
    this.core.setDebugUnsafe(enabled)
  }

  /** In debug mode, a step or callback that takes longer than this many milliseconds is reported; 100 by default. */
  get slowCallbackDuration(): number {
    return this.core.slowCallbackDuration
  }

  set slowCallbackDuration(millis: number) {
    this.core.slowCallbackDuration = millis
  }

  /** Calls `callback` on the next iteration, after everything already in the queue. */
  callSoon<Args extends ReadonlyArray<unknown>>(callback: (...args: Args) => void, ...args: Args): Handle {
    return new Handle(this.core.callSoonUnsafe(callback, ...args))
  }

  /**
   * The same as {@link callSoon}, for code that says where it is called from: a host's event, the answer of a worker. Python needs another
   * method there, because its threads share memory and the loop has to be woken; here all callbacks are on the loop's
   * thread, and `callSoon` wakes it.
   */
  callSoonThreadsafe<Args extends ReadonlyArray<unknown>>(callback: (...args: Args) => void, ...args: Args): Handle {
    return new Handle(this.core.callSoonThreadsafeUnsafe(callback, ...args))
  }

  /** Calls `callback` after `delay`; a bare number is milliseconds. */
  callLater<Args extends ReadonlyArray<unknown>>(
    delay: Duration.Input,
    callback: (...args: Args) => void,
    ...args: Args
  ): TimerHandle {
    return new TimerHandle(this.core.callLaterUnsafe(delay, callback, ...args))
  }

  /** Calls `callback` when {@link time} reaches `when` milliseconds. */
  callAt<Args extends ReadonlyArray<unknown>>(
    when: number,
    callback: (...args: Args) => void,
    ...args: Args
  ): TimerHandle {
    return new TimerHandle(this.core.callAtUnsafe(when, callback, ...args))
  }

  /** Makes a pending future of this loop. */
  createFuture<A>(): Future<A> {
    return Future.of(this.core.createFutureUnsafe<A, unknown>())
  }

  /** {@link createTask} on this loop, from wherever it is called: also from a handler that is in no task. */
  createTask<A>(body: AsyncFunction<A>, options?: CreateTaskOptions): Task<A> {
    // oxlint-disable-next-line typescript/unbound-method -- only to know it on the stack
    const { createTask } = this
    const here = current()
    return startTask(body, options, createTask, here?.loop === this.core ? here : inCallbackOf(this.core))
  }

  /** The last tasks that have ended, the oldest first, as far as {@link keepEndedTasks} has them kept. */
  get endedTasks(): ReadonlyArray<asyncio.EndedTask> {
    return this.core.endedTasks
  }

  /** Replaces the exception handler; `undefined` brings the default one back, which logs at level Error. */
  setExceptionHandler(handler: ExceptionHandler | undefined): void {
    const isHandler = typeof handler === "function"
    if (isHandler)
      lowlevel.checkFunction(handler, "setExceptionHandler()", "setExceptionHandler((loop, context) => ...)")
    // Core refuses a value that is no function.
    const forCore = isHandler
      ? (_: asyncio.EventLoop, context: asyncio.ExceptionContext) => handler(this, context)
      : handler
    this.core.setExceptionHandlerUnsafe(forCore)
    if (forCore !== undefined) ofCore.set(forCore, handler!)
  }

  /** The exception handler, if one was set. */
  getExceptionHandler(): ExceptionHandler | undefined {
    const handler = this.core.getExceptionHandler()
    if (handler === undefined) return undefined
    return ofCore.get(handler) ?? ((loop, context) => handler(loop.core, context))
  }

  /** Hands `context` to the exception handler. */
  callExceptionHandler(context: asyncio.ExceptionContext): void {
    this.core.callExceptionHandlerUnsafe(context)
  }

  /** What is done without an exception handler: logs `context` at level Error. For a handler that passes on what is not its own. */
  defaultExceptionHandler(context: asyncio.ExceptionContext): void {
    this.core.defaultExceptionHandlerUnsafe(context)
  }

  /**
   * Calls `callback` on the loop whenever the process gets `signal`, instead of the handler before. `run` does nothing about a signal
   * that has a handler: with one for SIGINT, Ctrl-C does not cancel the main task. The end of the loop removes it.
   *
   * Throws a ValueError for an unknown signal, a RuntimeError for one that nothing can catch (SIGKILL, SIGSTOP), and where the host has no
   * signals.
   */
  addSignalHandler<Args extends ReadonlyArray<unknown>>(
    signal: asyncio.Signal,
    callback: (...args: Args) => void,
    ...args: Args
  ): void {
    this.core.addSignalHandlerUnsafe(signal, callback, ...args)
  }

  /** Removes the handler for `signal`; `false` where there is none. */
  removeSignalHandler(signal: asyncio.Signal): boolean {
    return this.core.removeSignalHandlerUnsafe(signal)
  }

  /**
   * Replaces what makes the loop's tasks, `undefined` for the usual. It is called for everything that becomes a task, also
   * by `gather`, `TaskGroup` and the like.
   */
  setTaskFactory(factory: TaskFactory | undefined): void {
    const isFactory = typeof factory === "function"
    if (isFactory)
      lowlevel.checkFunction(factory, "setTaskFactory()", "setTaskFactory((make, options) => make(options))")
    this.#taskFactory = isFactory ? factory : undefined
    this.core.setTaskFactoryUnsafe(
      isFactory
        ? <A, E>(
            make: (options?: asyncio.CreateTaskOptions) => asyncio.Task<A, E>,
            options?: asyncio.CreateTaskOptions
          ) => {
            const made = factory<A>((changed) => Task.of(make(changed)), options)
            return (made instanceof Task ? made.core : made) as asyncio.Task<A, E>
          }
        : factory
    )
  }

  #taskFactory: TaskFactory | undefined = undefined

  /** The task factory, if one was set. */
  getTaskFactory(): TaskFactory | undefined {
    return this.#taskFactory
  }

  /** The state of the loop and its tasks, as plain data that can be logged or sent. */
  snapshot(): asyncio.LoopSnapshot {
    return this.core.snapshot()
  }

  /** Stops the run under way at the end of this iteration; it rejects with `Event loop stopped before Future completed.` */
  stop(): void {
    this.core.stopUnsafe()
  }

  /** How it prints: what it is and its state, in Python's format. */
  toString(): string {
    return this.core.toString()
  }

  /** @internal */
  [lowlevel.inspect](): string {
    return this.toString()
  }
}

/**
 * The loop that the code runs in. All code that is in no run shares one loop, which works whenever there is something to do.
 *
 * **asyncio**
 *
 * Same as [`asyncio.get_running_loop()`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_running_loop), which
 * fails outside of a run.
 *
 * **Example** (The loop's clock)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const loop = asyncio.getRunningLoop()
 *   return [loop.isRunning(), loop === asyncio.getRunningLoop()]
 * }) // => [true, true]
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const getRunningLoop = (): EventLoop => EventLoop.of(requireCurrent().loop)

/**
 * A task factory that starts every task inside the call that makes it, unless it is made with `eagerStart: false`.
 *
 * **asyncio**
 *
 * Same as [`asyncio.eager_task_factory`](https://docs.python.org/3/library/asyncio-task.html#asyncio.eager_task_factory).
 *
 * **Example** (No iteration for a function that does not wait)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   asyncio.getRunningLoop().setTaskFactory(asyncio.eagerTaskFactory)
 *   return asyncio.createTask(() => 1).done()
 * }) // => true
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
// Core's own serves: it only calls what it is given.
export const eagerTaskFactory: TaskFactory = asyncio.eagerTaskFactory as unknown as TaskFactory
