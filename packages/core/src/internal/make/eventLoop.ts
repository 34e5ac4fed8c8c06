/**
 * An event loop: the contexts that tasks start in, the calls of callbacks, and the tasks. When it works is in iterations.ts and
 * runs.ts, what it reports in reports.ts, how it is made and found in loops.ts.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { unexpectedValue, withHint } from "../model/hints.ts"
import type { EventLoop, ExceptionContext, ExceptionHandler, LoopSnapshot, TaskFactory } from "../model/EventLoop.ts"
import { CurrentTask } from "../model/references.ts"
import type { Future } from "../model/Future.ts"
import type { Handle, TimerHandle } from "../model/Handle.ts"
import { type CreateTaskOptions, isTask, type Task } from "../model/Task.ts"
import type { Leftovers } from "../task/aftermath.ts"
import { type Copy, thisCopy } from "../model/copy.ts"
import { checkNoGenerator, checkTime, toMillis } from "../model/arguments.ts"
import type { UnretrievedFailures } from "../loop/failures.ts"
import { placeOfCaller } from "../task/frames.ts"
import { FutureImpl } from "../task/future.ts"
import { checkedCall, HandleImpl, TimerHandleImpl } from "../loop/handle.ts"
import { inspect } from "../host/inspect.ts"
import { Lineage } from "../task/lineage.ts"
import { LinkedList } from "../data/linkedList.ts"
import type { Runnable } from "../data/readyQueue.ts"
import { describe } from "../model/repr.ts"
import { Reports } from "../loop/reports.ts"
import { Runs } from "../loop/runs.ts"
import { SleepFuture } from "../task/sleepFuture.ts"
import type { EndedTask } from "../model/EndedTask.ts"
import { Births } from "../task/ancestry.ts"
import type { TaskImpl } from "../task/task.ts"
import type { KeptTasks, Observer, Step, TaskLoop } from "../task/taskLoop.ts"
import { cut, escape, nameOf } from "../data/text.ts"
import { Iterations, type IterationsOptions } from "../loop/iterations.ts"
import { currentTaskOf, scopeOf } from "../task/current.ts"
import type { PlainWait } from "../task/plainWait.ts"
import type { ContextVars } from "../model/ContextVars.ts"
import type { Signal } from "../model/RunOptions.ts"
import { handleSignal, unhandleSignal } from "../loop/signals.ts"
import { ContextVarsImpl } from "../task/contextVars.ts"
import { enteredIn } from "../model/enteredVariables.ts"
import { Contexts } from "./contexts.ts"
import { snapshotOfLoop } from "./loopSnapshot.ts"
import { RestOfStep } from "./restOfStep.ts"
import { checkTaskOptions, type ContextValues } from "../model/variables.ts"

/** How a loop is attached to the outside. */
export interface Attachment extends IterationsOptions {
  readonly clock: Clock.Clock
  readonly context: Context.Context<never>
  readonly maxThreads?: number | undefined
}

export class EventLoopImpl extends Iterations implements TaskLoop {
  readonly clock: Clock.Clock
  /** The task whose step is on the JavaScript stack. Set by {@link runStep} only. */
  running: TaskImpl | undefined = undefined
  /** The fiber that was running when that step began, if the step began inside one. */
  aroundStep: Fiber.Fiber<unknown, unknown> | undefined = undefined
  ambientTask: ((loop: EventLoop) => Task<unknown, unknown> | undefined) | undefined = undefined
  aroundCallback: ((loop: EventLoop, callback: () => void) => void) | undefined = undefined
  starting: Set<TaskImpl> | undefined = undefined
  /** How many threads `toThread` may use at a time; undefined for as many as suit the host. */
  maxThreads: number | undefined
  /** What ends those threads, once there were any. */
  endThreads: (() => void) | undefined = undefined
  /** What ends those that can wake no task; its promises are settled when they are gone. */
  endUselessThreads: (() => ReadonlyArray<Promise<unknown>>) | undefined = undefined
  ofClock = false
  leftovers: Leftovers | undefined = undefined
  declare observer: Observer | undefined

  /** Which plain fibers are a part of a task. */
  readonly lineage = new Lineage(this)
  readonly births = new Births(this)
  get copy(): Copy {
    return thisCopy
  }

  readonly #runs = new Runs(this)
  readonly #reports = new Reports(this)
  readonly #contexts: Contexts
  #taskFactory: TaskFactory | undefined = undefined
  /** The awaits of plain fibers, which are told of the end of the loop. */
  readonly plainWaits = new LinkedList<PlainWait>()
  // Every task that is not done, strongly held, in order of registration: no task vanishes.
  readonly #tasks = new LinkedList<TaskImpl>()
  #taskNumber = 0
  /** What is kept of the tasks that are over, if anything is. */
  ended: KeptTasks | undefined = undefined

  constructor(attachment: Attachment) {
    super(attachment)
    this.clock = attachment.clock
    this.maxThreads = attachment.maxThreads
    this.#contexts = new Contexts(this, attachment)
    this.failures.untilExit = attachment.perpetual
  }

  meets(other: TaskLoop): boolean {
    return this === other || this.ofClock || other.ofClock
  }

  // ---- contexts --------------------------------------------------------------------------------------------------

  /** What tasks made outside of any fiber start with: the services of the program, this loop, this scheduler. */
  get context(): Context.Context<never> {
    return this.#contexts.outermost
  }

  provide(context: Context.Context<never> | undefined): Context.Context<never> {
    return this.#contexts.provide(context)
  }

  baseFrom(context: Context.Context<never>): Context.Context<never> {
    return this.#contexts.baseFrom(context)
  }

  /** The services of the code that is running, without its task: for what may be reported later, and must lead to no task. */
  servicesHere(): Context.Context<never> {
    const fiber = Fiber.getCurrent()
    return fiber === undefined ? (this.running?.base ?? this.context) : this.baseFrom(fiber.context)
  }

  override shouldYield(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    if (fiber !== this.lineage.last) this.lineage.enter(fiber)
    return super.shouldYield(fiber)
  }

  // ---- callbacks -------------------------------------------------------------------------------------------------

  callSoonUnsafe<Args extends ReadonlyArray<unknown>>(callback: (...args: Args) => void, ...args: Args): Handle {
    const handle = new HandleImpl(this, checkedCall(this, "callSoon", callback, args), nameOf(callback))
    this.enqueue(handle)
    return handle
  }

  callSoon<Args extends ReadonlyArray<unknown>>(
    callback: (...args: Args) => void,
    ...args: Args
  ): Effect.Effect<Handle> {
    return Effect.sync(() => this.callSoonUnsafe(callback, ...args))
  }

  callSoonThreadsafeUnsafe<Args extends ReadonlyArray<unknown>>(
    callback: (...args: Args) => void,
    ...args: Args
  ): Handle {
    const handle = new HandleImpl(this, checkedCall(this, "callSoonThreadsafe", callback, args), nameOf(callback))
    this.enqueue(handle)
    return handle
  }

  callSoonThreadsafe<Args extends ReadonlyArray<unknown>>(
    callback: (...args: Args) => void,
    ...args: Args
  ): Effect.Effect<Handle> {
    return Effect.sync(() => this.callSoonThreadsafeUnsafe(callback, ...args))
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
    const call = checkedCall(this, "callAt", callback, args)
    return this.addTimer(new TimerHandleImpl(this, call, nameOf(callback), when))
  }

  callAt<Args extends ReadonlyArray<unknown>>(
    when: number,
    callback: (...args: Args) => void,
    ...args: Args
  ): Effect.Effect<TimerHandle> {
    return Effect.sync(() => this.callAtUnsafe(when, callback, ...args))
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
    checkNoGenerator(factory, "setTaskFactory()", "setTaskFactory((make, options) => make(options))")
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
    if (options !== undefined) checkTaskOptions(options)
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

  get endedTasks(): ReadonlyArray<EndedTask> {
    return this.ended?.toArray() ?? []
  }

  /** The number in the next `Task-N`: counts the tasks that were created without a name. */
  nextTaskNumber(): number {
    return ++this.#taskNumber
  }

  /** Runs one step with `task` as the current one. Steps nest where, in a step, a task starts eagerly or a fiber hosts a coroutine. */
  runStep(task: TaskImpl, step: Step, exit: Exit.Exit<never>): void {
    const { observer } = this
    observer?.stepBegins(task, exit)
    const outer = this.running
    const outerFiber = this.aroundStep
    this.running = task
    this.aroundStep = Fiber.getCurrent()
    try {
      step.resume(exit)
    } finally {
      this.running = outer
      this.aroundStep = outerFiber
      observer?.stepEnds(task)
    }
  }

  noteOutsideUnsafe(_kind: "promise" | "thread"): (() => void) | undefined {
    return undefined
  }

  protected override ownsStep(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    return scopeOf(fiber) !== undefined
  }

  protected override restOfStep(fiber: Fiber.Fiber<unknown, unknown>, run: () => void): Runnable | undefined {
    const task = scopeOf(fiber)?.task
    return task === undefined ? undefined : new RestOfStep(task, run)
  }

  protected override labelOf(fiber: Fiber.Fiber<unknown, unknown> | undefined): string {
    const task = fiber?.getRef(CurrentTask)
    return task === undefined ? "fiber" : `fiber of ${escape(cut(task.getName()))}`
  }

  register(task: TaskImpl): void {
    this.#tasks.add(task)
    this.observer?.registered(task)
  }

  unregister(task: TaskImpl): void {
    this.#tasks.remove(task)
    this.#contexts.forget(task)
  }

  currentTaskUnsafe(): Task<unknown, unknown> | undefined {
    const task = currentTaskOf(this)
    // A task of another loop may be asking.
    return task?.loop === this ? task : undefined
  }

  inHand(values: ContextValues): ContextVars {
    return new ContextVarsImpl(values)
  }

  taskVariables(): ContextValues | undefined {
    const task = currentTaskOf(this)
    return enteredIn(task, Fiber.getCurrent())?.values ?? task?.variables
  }

  allTasksUnsafe(): ReadonlyArray<TaskImpl> {
    return this.#tasks.toArray()
  }

  /** What the loop keeps about tasks, and wakes none of them by; without what it only remembers to be faster. */
  bookkeeping(): ReadonlyArray<object> {
    this.#contexts.forget()
    return [this.#tasks, this.lineage, ...(this.observer?.keeps ?? [])]
  }

  snapshot(): LoopSnapshot {
    return snapshotOfLoop(this, this.state, this.ready.size, this.timers.size)
  }

  /** How it prints: what it is and its state, in Python's format. */
  override toString(): string {
    return `<EventLoop ${this.state} ready=${this.ready.size} timers=${this.timers.size}>`
  }

  // ---- reports ---------------------------------------------------------------------------------------------------

  get failures(): UnretrievedFailures {
    return this.#reports.failures
  }

  setExceptionHandlerUnsafe(handler: ExceptionHandler | undefined): void {
    this.#reports.setHandler(handler)
  }

  setExceptionHandler(handler: ExceptionHandler | undefined): Effect.Effect<void> {
    return Effect.sync(() => this.setExceptionHandlerUnsafe(handler))
  }

  getExceptionHandler(): ExceptionHandler | undefined {
    return this.#reports.handler
  }

  defaultExceptionHandlerUnsafe(context: ExceptionContext): void {
    this.#reports.handleByDefault(context)
  }

  callExceptionHandlerUnsafe(context: ExceptionContext, services?: Context.Context<never>): void {
    this.#reports.handle(context, services)
  }

  protected override reportSlow(item: Runnable, taken: number): void {
    this.#reports.slow(item, taken)
  }

  // ---- signals ---------------------------------------------------------------------------------------------------

  // The signals that the loop handles.
  readonly #signals = new Set<Signal>()

  addSignalHandlerUnsafe<Args extends ReadonlyArray<unknown>>(
    signal: Signal,
    callback: (...args: Args) => void,
    ...args: Args
  ): void {
    // One handle for all times that the signal comes: as in asyncio, it has the context variables of now.
    const handle = new HandleImpl(this, checkedCall(this, "addSignalHandler", callback, args), nameOf(callback))
    handleSignal(this, signal, () => this.enqueue(handle))
    this.#signals.add(signal)
  }

  addSignalHandler<Args extends ReadonlyArray<unknown>>(
    signal: Signal,
    callback: (...args: Args) => void,
    ...args: Args
  ): Effect.Effect<void> {
    return Effect.sync(() => this.addSignalHandlerUnsafe(signal, callback, ...args))
  }

  removeSignalHandlerUnsafe(signal: Signal): boolean {
    const removed = unhandleSignal(this, signal)
    this.#signals.delete(signal)
    return removed
  }

  removeSignalHandler(signal: Signal): Effect.Effect<boolean> {
    return Effect.sync(() => this.removeSignalHandlerUnsafe(signal))
  }

  // ---- runs ------------------------------------------------------------------------------------------------------

  get lastRun(): Future<unknown, unknown> | undefined {
    return this.#runs.last
  }

  checkIdle(): void {
    this.#runs.checkIdle()
  }

  runUntilComplete(future: Future<unknown, unknown>): Promise<void> {
    return this.#runs.untilComplete(future)
  }

  stopUnsafe(error?: Error): void {
    this.#runs.stop(error)
  }

  protected override stopped(): void {
    this.#runs.stopped()
  }

  /** Ends the loop of a scope, which has no runs, after this iteration, and then calls `onClosed`. */
  retireUnsafe(onClosed: () => void): void {
    this.#runs.retire(() => {
      this.closeUnsafe()
      onClosed()
    })
  }

  closeUnsafe(): void {
    this.#runs.checkOver()
    this.endWork()
    for (const signal of this.#signals) unhandleSignal(this, signal)
    this.endThreads?.()
    for (const wait of this.plainWaits.toArray()) wait.fail()
    this.#reports.pending(this.#tasks.toArray())
    this.failures.reportAll()
  }

  [inspect](): string {
    return this.toString()
  }
}
