/**
 * The event loop's state machine.
 *
 *               runUntilComplete              the future is done
 *     stopped ───────────────────▶ running ───────────────────▶ stopped ──closeUnsafe──▶ closed
 *
 * The loop of a Clock is born running and stays so. While running, exactly one of these holds between two turns:
 *
 *     scheduled   something is ready: a host callback will call #turn
 *     alarmed     nothing is ready, a timer is pending: the alarm will call #turn
 *     idle        nothing is ready, no timer: whoever enqueues next schedules a turn
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as References from "effect/References"
import * as Scheduler from "effect/Scheduler"
import { type CancelledError, type ErrorNotes, RuntimeError, unexpectedValue, withHint } from "../errors.ts"
import type {
  EventLoop,
  EventLoopOptions,
  ExceptionContext,
  ExceptionHandler,
  LoopSnapshot,
  TaskFactory
} from "../EventLoop.ts"
import { CurrentTask, RunningLoop } from "../fiberRefs.ts"
import { type Future, isFuture } from "../Future.ts"
import type { Handle, TimerHandle } from "../Handle.ts"
import { type CreateTaskOptions, isTask, type Task } from "../Task.ts"
import { checkOptions, checkTime, ofOtherLoop, toMillis } from "./arguments.ts"
import { type Report, UnretrievedFailures } from "./failures.ts"
import { placeOfCaller } from "./frames.ts"
import { FutureImpl } from "./future.ts"
import { HandleImpl, TimerHandleImpl } from "./handle.ts"
import { Heap, type Timer } from "./heap.ts"
import { afterMicrotasks, ClockTime, HostTime, nextMacrotask, now, type TimeSource } from "./host.ts"
import { LinkedList } from "./linkedList.ts"
import { type Runnable, ReadyQueue } from "./readyQueue.ts"
import { describe } from "./repr.ts"
import { SleepFuture } from "./sleepFuture.ts"
import type { TaskImpl } from "./task.ts"
import { enterVariables, leaveVariables } from "./variables.ts"
import { currentTaskOf } from "./wait.ts"

// The longest the loop keeps the host waiting, in milliseconds, and how many callbacks run between two looks at the time.
const timeSlice = 2
const callbacksPerLook = 8

/** How a loop is attached to the outside. */
export interface Attachment {
  readonly time: TimeSource
  readonly clock: Clock.Clock
  readonly context: Context.Context<never>
  readonly debug: boolean
  readonly perpetual: boolean
  readonly aroundTurn: ((turn: () => void) => void) | undefined
  /** Calls back soon, after the host had a chance to do its I/O. */
  readonly nextTurn: (f: () => void) => void
}

export class EventLoopImpl implements EventLoop {
  readonly executionMode = "async" as const
  readonly clock: Clock.Clock
  /** What tasks made outside of any fiber start with: the services of the program, this loop, this scheduler. */
  context: Context.Context<never>
  /** The task whose step is on the JavaScript stack. Set by {@link runStep} only. */
  running: TaskImpl | undefined = undefined
  /** The fiber that was running when that step began, if the step began inside one. */
  aroundStep: Fiber.Fiber<unknown, unknown> | undefined = undefined
  ambientTask: ((loop: EventLoop) => Task<unknown, unknown> | undefined) | undefined = undefined
  /** Tasks that were started eagerly and have not suspended yet. They take their place among the loop's tasks when they do. */
  starting: Set<TaskImpl> | undefined = undefined
  debug: boolean
  slowCallbackDuration = 100

  readonly #time: TimeSource
  readonly #nextTurn: (f: () => void) => void
  /** Runs turns for one slice of the host's time. */
  readonly #turn: () => void
  /** Goes on within the slice, when the microtasks have run. */
  readonly #continueAfterMicrotasks: () => void
  readonly #ready = new ReadyQueue()
  readonly #timers = new Heap<Timer>((a, b) => a.due - b.due)
  readonly #failures = new UnretrievedFailures((report) => this.#reportFailure(report))

  // The context that the last task was made in, and the base that it got: most are made in the same place.
  #lastContext: Context.Context<never> | undefined = undefined
  #lastBase: Context.Context<never> = Context.empty()
  // What the loop was made with.
  readonly #ownContext: Context.Context<never>
  #state: "stopped" | "running" | "closed"
  #scheduled = false
  #turning = false
  // How many callbacks of the tick under way are still to run. A tick is what was ready when it began; it can be
  // interrupted, by the time slice or by a step that touched promises, and goes on here.
  #tickLeft = 0
  #settling = false
  // When the host has to have its turn. Turns that only let the microtasks finish are part of one slice: the host does
  // no I/O between them.
  #sliceEnd = 0
  #alarmAt = Infinity
  #stop: (() => void) | undefined = undefined
  #stopping = false
  #stopError: Error | undefined = undefined
  #exceptionHandler: ExceptionHandler | undefined = undefined
  #taskFactory: TaskFactory | undefined = undefined

  // Every task that is not done, strongly held, in order of registration: no task vanishes.
  readonly #tasks = new LinkedList<TaskImpl>()
  #taskNumber = 0

  constructor(attachment: Attachment) {
    this.clock = attachment.clock
    this.#time = attachment.time
    this.#nextTurn = attachment.nextTurn
    this.debug = attachment.debug
    this.#state = attachment.perpetual ? "running" : "stopped"
    const { aroundTurn } = attachment
    const around = (turn: () => void) => (aroundTurn === undefined ? turn : () => aroundTurn(turn))
    this.#continueAfterMicrotasks = afterMicrotasks(around(() => this.#runTurn()))
    this.#turn = around(() => {
      this.#sliceEnd = now() + timeSlice
      this.#runTurn()
    })
    this.#ownContext = this.context = this.#enter(attachment.context)
  }

  /**
   * Takes in the services of the program that is about to run, so that its loggers hear the loop's reports too. The loop's
   * own, such as its clock on virtual time, stay unless they are given.
   */
  provide(context: Context.Context<never> | undefined): Context.Context<never> {
    this.context = context === undefined ? this.#ownContext : Context.merge(this.#ownContext, context)
    return this.context
  }

  /** The {@link TaskImpl.base} of a task that is made in `context`. */
  baseFrom(context: Context.Context<never>): Context.Context<never> {
    if (context === this.#lastContext) return this.#lastBase
    const entered = this.#enter(context)
    const task = Context.get(entered, CurrentTask) as TaskImpl | undefined
    if (task === undefined) this.#lastBase = entered
    else if (task.entered === entered) this.#lastBase = task.base
    else this.#lastBase = Context.add(entered, CurrentTask, undefined)
    this.#lastContext = context
    return this.#lastBase
  }

  /** `context` with this loop as its scheduler and its running loop. */
  #enter(context: Context.Context<never>): Context.Context<never> {
    if (Context.get(context, RunningLoop) === this && Context.get(context, Scheduler.Scheduler) === this) return context
    const entered = context.pipe(
      Context.add(Scheduler.Scheduler, this),
      Context.add(Scheduler.PreventSchedulerYield, true),
      Context.add(RunningLoop, this)
    )
    // Who comes from outside sleeps on the loop's clock; inside, a program may put another one over it.
    return Context.get(context, Clock.Clock) === this.clock ? entered : Context.add(entered, Clock.Clock, this.clock)
  }

  // ---- Scheduler -------------------------------------------------------------------------------------------------

  shouldYield(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    return fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield
  }

  /** Plain fibers take their turn in the loop's own queue; Effect's priorities do not reorder it. */
  makeDispatcher(): Scheduler.SchedulerDispatcher {
    return {
      scheduleTask: (task) => this.enqueue({ run: task }),
      flush: () => this.#turn()
    }
  }

  // ---- time and state --------------------------------------------------------------------------------------------

  time(): number {
    return this.#time.now()
  }

  isRunning(): boolean {
    return this.#state === "running"
  }

  isClosed(): boolean {
    return this.#state === "closed"
  }

  getDebug(): boolean {
    return this.debug
  }

  setDebug(enabled: boolean): Effect.Effect<void> {
    return Effect.sync(() => this.setDebugUnsafe(enabled))
  }

  setDebugUnsafe(enabled: boolean): void {
    this.debug = enabled
  }

  // ---- callbacks -------------------------------------------------------------------------------------------------

  /** Puts `item` at the end of the queue. */
  enqueue(item: Runnable): void {
    this.#ready.push(item)
    if (!this.#turning && !this.#scheduled) this.#schedule()
  }

  callSoonUnsafe<Args extends ReadonlyArray<unknown>>(callback: (...args: Args) => void, ...args: Args): Handle {
    const handle = new HandleImpl(this, this.#checkCallback("callSoon", callback, args), callback.name)
    this.enqueue(handle)
    return handle
  }

  callSoon<Args extends ReadonlyArray<unknown>>(
    callback: (...args: Args) => void,
    ...args: Args
  ): Effect.Effect<Handle> {
    return Effect.sync(() => this.callSoonUnsafe(callback, ...args))
  }

  callLaterUnsafe<Args extends ReadonlyArray<unknown>>(
    delay: Duration.Input,
    callback: (...args: Args) => void,
    ...args: Args
  ): TimerHandle {
    return this.callAtUnsafe(this.time() + toMillis(delay), callback, ...args)
  }

  callLater<Args extends ReadonlyArray<unknown>>(
    delay: Duration.Input,
    callback: (...args: Args) => void,
    ...args: Args
  ): Effect.Effect<TimerHandle> {
    return Effect.sync(() => this.callLaterUnsafe(delay, callback, ...args))
  }

  callAtUnsafe<Args extends ReadonlyArray<unknown>>(
    when: number,
    callback: (...args: Args) => void,
    ...args: Args
  ): TimerHandle {
    checkTime(when, "callAt()")
    // CPython's `call_later` names `call_at` too.
    const call = this.#checkCallback("callAt", callback, args)
    return this.addTimer(new TimerHandleImpl(this, call, callback.name, when))
  }

  callAt<Args extends ReadonlyArray<unknown>>(
    when: number,
    callback: (...args: Args) => void,
    ...args: Args
  ): Effect.Effect<TimerHandle> {
    return Effect.sync(() => this.callAtUnsafe(when, callback, ...args))
  }

  /** Puts a timer on the heap; one at infinity never rings and is not kept. */
  addTimer<T extends Timer>(timer: T): T {
    if (timer.due === Infinity) return timer
    this.#timers.add(timer)
    if (!this.#turning && !this.#scheduled) this.#setAlarm()
    return timer
  }

  removeTimer(timer: Timer): void {
    this.#timers.remove(timer)
    // An alarm that is early does no harm. One for a timer that is gone would keep the process alive.
    if (this.#timers.size === 0) this.#clearAlarm()
  }

  #checkCallback<Args extends ReadonlyArray<unknown>>(
    method: string,
    callback: (...args: Args) => void,
    args: Args
  ): () => void {
    this.checkOpen()
    if (Effect.isEffect(callback) || (this.debug && isCoroutineFunction(callback))) {
      // When: a callback of the loop is an Effect, or an async function or generator: nobody would run or await it.
      throw withHint(
        new TypeError(`coroutines cannot be used with ${method}()`),
        "Start a task: `createTask`, in the callback or instead of it."
      )
    }
    if (typeof callback !== "function") {
      // When: a callback of the loop is no function.
      throw unexpectedValue(
        `a callable object was expected by ${method}()`,
        callback,
        "Give it the function itself, not the result of a call."
      )
    }
    return () => callback(...args)
  }

  checkOpen(): void {
    if (this.#state !== "closed") return
    // When: something was scheduled on a loop whose run is over.
    throw withHint(new RuntimeError("Event loop is closed"), "Keep what belongs to a run inside of it; await it there.")
  }

  settleMicrotasksUnsafe(): void {
    this.#settling = true
  }

  // ---- turns -----------------------------------------------------------------------------------------------------

  #schedule(): void {
    if (this.#state !== "running") return
    this.#scheduled = true
    this.#nextTurn(this.#turn)
  }

  #runTurn(): void {
    this.#scheduled = false
    if (this.#state !== "running" || this.#turning) return
    this.#turning = true
    this.#settling = false
    let outcome: "idle" | "settle" | "slice" = "slice"
    try {
      outcome = this.#runTicks()
    } finally {
      this.#turning = false
      if (this.#state === "running") this.#afterTurn(outcome)
    }
  }

  #runTicks(): "idle" | "settle" | "slice" {
    const ready = this.#ready
    let untilLook = callbacksPerLook
    for (;;) {
      if (this.#tickLeft === 0) {
        if (this.#stopping) {
          this.#stopRunning()
          return "idle"
        }
        if (this.#timers.size > 0) this.#readyDueTimers()
        this.#tickLeft = ready.size
        if (this.#tickLeft === 0) return "idle"
      }
      while (this.#tickLeft > 0) {
        this.#tickLeft--
        if (this.debug) this.#runTimed(ready.shift())
        else ready.shift().run()
        if (this.#settling) return "settle"
        if (--untilLook === 0) {
          untilLook = callbacksPerLook
          if (now() >= this.#sliceEnd) return "slice"
        }
      }
    }
  }

  /** Debug mode: names who kept everybody else waiting. */
  #runTimed(item: Runnable): void {
    const start = this.time()
    item.run()
    const taken = this.time() - start
    if (taken < this.slowCallbackDuration) return
    const who = item.task?.toString() ?? `<Handle ${item.label ?? "callback()"}>`
    // When: in debug mode, one step or callback took longer than `slowCallbackDuration`; nothing else ran meanwhile.
    const report = {
      message: `Executing ${who} took ${(taken / 1000).toFixed(3)} seconds`,
      hint: "Let others run with `sleep(0)` now and then, or move the work with `toThread`."
    }
    this.#emit(Effect.logWarning(`${report.message}\nhint: ${report.hint}`))
  }

  #afterTurn(outcome: "idle" | "settle" | "slice"): void {
    if (outcome === "settle" && now() < this.#sliceEnd) {
      this.#scheduled = true
      this.#continueAfterMicrotasks()
    } else if (this.#ready.size > 0 || outcome !== "idle") {
      this.#schedule()
    } else if (this.#timers.size > 0) {
      this.#setAlarm()
    } else {
      this.#time.idle?.()
    }
  }

  #readyDueTimers(): void {
    const time = this.#time.now()
    for (let timer = this.#timers.peek(); timer !== undefined && timer.due <= time; timer = this.#timers.peek()) {
      this.#timers.remove(timer)
      this.#ready.push(timer)
    }
    if (this.#timers.size === 0) this.#clearAlarm()
  }

  #setAlarm(): void {
    if (this.#state !== "running") return
    const first = this.#timers.peek()!.due
    // An alarm for a time that is past could ring at once, and callbacks would run inside the call that made the timer.
    if (first <= this.#time.now()) return this.#schedule()
    if (first === this.#alarmAt) return
    this.#alarmAt = first
    this.#time.setAlarm(first, () => {
      this.#alarmAt = Infinity
      this.#turn()
    })
  }

  #clearAlarm(): void {
    if (this.#alarmAt === Infinity) return
    this.#alarmAt = Infinity
    this.#time.clearAlarm()
  }

  // ---- runs ------------------------------------------------------------------------------------------------------

  runUntilComplete(future: Future<unknown, unknown>): Promise<void> {
    this.checkOpen()
    // When: a loop, or a Runner, is run while it is running.
    if (this.#state === "running")
      throw withHint(new RuntimeError("This event loop is already running"), "Await the first run.")
    if (!isFuture(future)) {
      // When: `runUntilComplete` got no future.
      throw unexpectedValue("a future was expected", future, "Use `run` for an Effect, or make a task first.")
    }
    if (future.loop !== this) throw ofOtherLoop()
    const awaited = future as FutureImpl
    const stopped = new Promise<void>((resolve) => {
      // A run that was stopped before its future was done must not stop the next one when it is.
      const onDone = () => void (this.#stop === stop && (this.#stopping = true))
      const stop = () => {
        awaited.removeDoneCallbackUnsafe(onDone)
        resolve()
      }
      // Asked to stop before it began: then it runs one turn, as CPython's does.
      if (this.#stopping) this.enqueue({ run: () => void (this.#stopping = true) })
      this.#stopping = false
      this.#state = "running"
      this.#stop = stop
      awaited.addCallback(onDone, "_run_until_complete_cb")
      this.#schedule()
    })
    return stopped.then(() => {
      const error = this.#stopError
      this.#stopError = undefined
      // When: `stop` was called while main was not done.
      if (!future.done()) {
        throw (
          error ??
          withHint(new RuntimeError("Event loop stopped before Future completed."), "Cancel the main task instead.")
        )
      }
    })
  }

  /** Stops the run under way, which rejects, with `error` if there is one, unless what it waits for is done. */
  stopUnsafe(error?: Error): void {
    if (this.#state === "running" && this.#stop === undefined) {
      // When: `stopUnsafe` on the loop of a clock or of a `layer`.
      throw withHint(
        new RuntimeError("Cannot stop a loop that nobody runs: it ends with its clock or its scope"),
        "Close the scope of the layer, or cancel the tasks."
      )
    }
    this.#stopping = true
    this.#stopError = error
    if (!this.#turning && !this.#scheduled) this.#schedule()
  }

  /** The loop stops at the end of the tick in which it was asked to, as CPython's does. */
  #stopRunning(): void {
    this.#stopping = false
    this.#state = "stopped"
    this.#clearAlarm()
    const stop = this.#stop
    this.#stop = undefined
    stop?.()
  }

  closeUnsafe(): void {
    // When: `close` while a run is under way.
    if (this.#state === "running")
      throw withHint(new RuntimeError("Cannot close a running event loop"), "Await the run first.")
    this.#state = "closed"
    while (this.#ready.size > 0) this.#ready.shift()
    for (let timer = this.#timers.peek(); timer !== undefined; timer = this.#timers.peek()) this.#timers.remove(timer)
    this.#failures.reportAll()
  }

  /** Ends the loop of a scope, which nobody runs, after this turn, and then calls `onClosed`. */
  retireUnsafe(onClosed: () => void): void {
    this.#stop = () => {
      this.closeUnsafe()
      onClosed()
    }
    this.stopUnsafe()
  }

  // ---- futures and tasks -----------------------------------------------------------------------------------------

  createFutureUnsafe<A, E = never>(): Future<A, E> {
    return new FutureImpl<A, E>(this, this.debug ? placeOfCaller() : undefined)
  }

  createFuture<A, E = never>(): Effect.Effect<Future<A, E>> {
    // Taken here: when the effect runs, the line that asks is no longer on the stack.
    const createdAt = this.debug ? placeOfCaller() : undefined
    return Effect.sync(() => new FutureImpl<A, E>(this, createdAt))
  }

  sleepUnsafe(delay: Duration.Input): Future<void> {
    this.checkOpen()
    return new SleepFuture(this, this.time() + toMillis(delay))
  }

  setTaskFactoryUnsafe(factory: TaskFactory | undefined): void {
    if (factory !== undefined && typeof factory !== "function") {
      // When: `setTaskFactory` got no function.
      throw withHint(
        new TypeError("task factory must be a callable or undefined"),
        `Give it a function instead of ${describe(factory)}, or \`undefined\` to have none.`
      )
    }
    this.#taskFactory = factory
  }

  setTaskFactory(factory: TaskFactory | undefined): Effect.Effect<void> {
    return Effect.sync(() => this.setTaskFactoryUnsafe(factory))
  }

  getTaskFactory(): TaskFactory | undefined {
    return this.#taskFactory
  }

  /** Checks that a task can be made with these options, and says whether a task factory is to make it. */
  hasFactoryFor(options: CreateTaskOptions | undefined): boolean {
    this.checkOpen()
    checkOptions(options, "createTask()", '{ name: "worker" }')
    return this.#taskFactory !== undefined
  }

  /** Makes a task by way of the task factory. */
  makeTask<A, E>(
    options: CreateTaskOptions | undefined,
    make: (options: CreateTaskOptions | undefined) => TaskImpl<A, E>
  ): TaskImpl<A, E> {
    const made = this.#taskFactory!<A, E>(make, options)
    if (isTask(made)) return made as unknown as TaskImpl<A, E>
    // When: a task factory returned something else than a task.
    throw unexpectedValue("a task factory must return the task it made", made, "Return what `make(options)` gives.")
  }

  /** The number in the next `Task-N`: counts the tasks that were created without a name. */
  nextTaskNumber(): number {
    return ++this.#taskNumber
  }

  /** Runs one step with `task` as the current one. Steps nest where a task starts eagerly in another's step. */
  runStep(task: TaskImpl, step: { resume(exit: Exit.Exit<never>): void }, exit: Exit.Exit<never>): void {
    const outer = this.running
    const outerFiber = this.aroundStep
    this.running = task
    this.aroundStep = Fiber.getCurrent()
    try {
      step.resume(exit)
    } finally {
      this.running = outer
      this.aroundStep = outerFiber
    }
  }

  /** For whoever watches the loop, see testing/watching.ts: `task` is asked to cancel itself. */
  noteCancelRequest(_task: TaskImpl, _error: CancelledError): void {}

  /** For whoever watches the loop: `waiter` is a place in the line of `owner`, a lock or the like. */
  noteWaiter(_waiter: FutureImpl<void, never>, _owner: { toString(): string }): void {}

  register(task: TaskImpl): void {
    this.#tasks.add(task)
  }

  unregister(task: TaskImpl): void {
    this.#tasks.remove(task)
  }

  currentTaskUnsafe(): Task<unknown, unknown> | undefined {
    const task = currentTaskOf(this)
    // A task of another loop may be asking.
    return task?.loop === this ? task : undefined
  }

  allTasksUnsafe(): ReadonlyArray<TaskImpl> {
    return this.#tasks.toArray()
  }

  snapshot(): LoopSnapshot {
    return {
      time: this.time(),
      state: this.#state,
      debug: this.debug,
      ready: this.#ready.size,
      timers: this.#timers.size,
      tasks: this.allTasksUnsafe().map((task) => task.snapshot())
    }
  }

  // ---- failures --------------------------------------------------------------------------------------------------

  get failures(): UnretrievedFailures {
    return this.#failures
  }

  #reportFailure(report: Report): void {
    const createdAt = report.description.createdAt()
    const context = {
      // When: a task or a future failed, and nobody looked until it was collected, or until the run was over.
      message: `${report.kind} exception was never retrieved`,
      hint: "Await it, make it in a task group, or look at its `exception()`.",
      exception: report.error,
      cause: report.cause,
      [report.kind === "Task" ? "task" : "future"]: report.description.repr(),
      ...(createdAt === undefined ? {} : { createdAt })
    }
    const outer = enterVariables(report.variables)
    try {
      this.callExceptionHandlerUnsafe(context)
    } finally {
      leaveVariables(outer)
    }
  }

  setExceptionHandlerUnsafe(handler: ExceptionHandler | undefined): void {
    if (handler !== undefined && typeof handler !== "function") {
      // When: `setExceptionHandler` got no function.
      throw unexpectedValue(
        "A callable object or undefined is expected",
        handler,
        "Give it a function of the loop and the context, or `undefined` for the default one."
      )
    }
    this.#exceptionHandler = handler
  }

  setExceptionHandler(handler: ExceptionHandler | undefined): Effect.Effect<void> {
    return Effect.sync(() => this.setExceptionHandlerUnsafe(handler))
  }

  callExceptionHandlerUnsafe(context: ExceptionContext): void {
    if (this.#exceptionHandler === undefined) return this.#log(context)
    try {
      this.#exceptionHandler(this, context)
    } catch (exception) {
      // When: your exception handler threw. Both errors are logged.
      this.#log({ message: "Unhandled error in exception handler", exception, hint: "Let the handler not throw." })
      this.#log(context)
    }
  }

  /** Writes a log entry through the loggers of the program, consoles on stderr. */
  #emit(entry: Effect.Effect<void>): void {
    Effect.runForkWith(this.context)(Effect.provideService(entry, References.LogToStderr, true))
  }

  /** The default handler: one log entry at level Error, through the loggers of the program, consoles on stderr. */
  #log(context: ExceptionContext): void {
    const lines = [context.message]
    // Effect prints an error by its stack: what to do about it would stay unsaid.
    for (const hint of [(context.exception as ErrorNotes | undefined)?.hint, context.hint]) {
      if (hint !== undefined) lines.push(`hint: ${hint}`)
    }
    for (const key of ["task", "future", "handle", "createdAt"] as const) {
      if (context[key] !== undefined) lines.push(`${key}: ${context[key]}`)
    }
    const details = context.cause ?? context.exception
    const entry = details === undefined ? Effect.logError(lines.join("\n")) : Effect.logError(lines.join("\n"), details)
    const logged = Effect.catchCause(entry, (cause) =>
      Console.error("Exception in default exception handler:", Cause.squash(cause))
    )
    this.#emit(logged)
  }
}

/** Whether a call of `callback` only makes something that nobody would run, or whose failure nobody would see. */
const isCoroutineFunction = (callback: unknown): boolean =>
  typeof callback === "function" && /Async|Generator/.test(callback.constructor.name)

// As fibers see it: `defaultValue()` would make another one.
const hostClock: Clock.Clock = Context.get(Context.empty(), Clock.Clock)

const attachTo = (
  clock: Clock.Clock,
  context: Context.Context<never>
): Pick<Attachment, "time" | "clock" | "nextTurn"> => {
  if (clock === hostClock) return { clock, time: new HostTime(), nextTurn: nextMacrotask }
  const scheduler = Context.get(context, Scheduler.Scheduler)
  const dispatcher = scheduler.makeDispatcher()
  return {
    clock,
    time: new ClockTime(clock, scheduler),
    nextTurn: (f) => dispatcher.scheduleTask(f, 0)
  }
}

/** A loop for `run`: works only while a run is under way. */
export const makeEventLoop = (options: EventLoopOptions = {}): EventLoopImpl => {
  const services = options.context ?? Context.empty()
  const clock = options.clock ?? Context.get(services, Clock.Clock)
  return new EventLoopImpl({
    ...attachTo(clock, services),
    context: options.clock === undefined ? services : Context.add(services, Clock.Clock, clock),
    debug: options.debug ?? false,
    perpetual: false,
    aroundTurn: options.aroundTurn
  })
}

// Fibers that are in no loop share the loop of their clock: all of a program's where the clock is the host's, and a
// test's own where the test provides TestClock.
const loopsOfClocks = new WeakMap<Clock.Clock, EventLoopImpl>()

/** The loop that a fiber's tasks belong to. */
export const loopOf = (fiber: Fiber.Fiber<unknown, unknown>): EventLoopImpl => {
  const running = fiber.getRef(RunningLoop)
  if (running !== undefined) return running as EventLoopImpl
  const clock = fiber.getRef(Clock.Clock)
  let loop = loopsOfClocks.get(clock)
  if (loop === undefined) {
    loop = makePerpetualLoop(fiber, false)
    loopsOfClocks.set(clock, loop)
  }
  return loop
}

/** A loop that works whenever there is something to do, on the clock and the scheduler of `fiber`. */
export const makePerpetualLoop = (fiber: Fiber.Fiber<unknown, unknown>, debug: boolean): EventLoopImpl => {
  const clock = fiber.getRef(Clock.Clock)
  return new EventLoopImpl({
    ...attachTo(clock, fiber.context),
    context: Context.add(Context.empty(), Clock.Clock, clock),
    debug,
    perpetual: true,
    aroundTurn: undefined
  })
}
