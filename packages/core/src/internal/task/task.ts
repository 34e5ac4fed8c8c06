/**
 * The state machine of a task.
 *
 *                 first step             await
 *     created ─────────────▶ running ───────────▶ waiting ──the awaited is done──▶ woken
 *                             ▲  │ ▲                                                 │
 *                             │  │ └──────────────────── next step ◀─────────────────┘
 *                             │  └─a foreign effect suspends─▶ foreign ──it resumes──┐
 *                             └──────────────────────────────────────────────────────┘
 *     running ──the coroutine ends──▶ done
 *
 * What `cancel` does in each state is the table in docs/design.md: *created*, *woken* and *running* take it as `mustCancel`, which
 * the next step delivers; *waiting* passes it on to what is awaited; *foreign* is interrupted natively on the next turn.
 */
import * as Context from "effect/Context"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { type CancelledError, messageOf } from "../model/CancelledError.ts"
import { RuntimeError } from "../model/errors.ts"
import { unexpectedValue, withHint } from "../model/hints.ts"
import type { StackEntry, Task, TaskSnapshot } from "../model/Task.ts"
import type { TaskTypeId } from "../model/typeIds.ts"
import { cancellationIn, cancellationOf } from "./cancellation.ts"
import { type Asking, Walk } from "./cancelWalk.ts"
import { CurrentTask } from "../model/references.ts"
import { type AsyncContext, captureAsyncContext, runInAsyncContext } from "../host/asyncContext.ts"
import { isOfOtherCopy, twoCopies } from "../model/copy.ts"
import type { TaskLoop } from "./taskLoop.ts"
import type { Description } from "../loop/failures.ts"
import { frameTexts } from "./frames.ts"
import { FutureImpl } from "./future.ts"
import type { Runnable } from "../data/readyQueue.ts"
import { isDeep, nested } from "../host/nesting.ts"
import { futureRepr, stateOf } from "../model/repr.ts"
import { safely } from "../data/text.ts"
import { copyVariables } from "../model/variables.ts"
import type { Linked } from "../data/linkedList.ts"
import type { CallbackScope } from "./callbackScope.ts"
import { keepDue, passOn, type Scope } from "./scope.ts"
import { nestedScopes, runningTask } from "./current.ts"
import type { FiberScope } from "./fiberScope.ts"
import { failWait, type Resume, Wait, WaitAcross } from "./wait.ts"
import { checkLimit, checkOptions } from "../model/arguments.ts"
import { askedAgain, noteKept } from "./request.ts"

// Tasks that are being printed: a ring of tasks that await each other prints as "...".
const printing = new Set<TaskImpl>()

// So many tasks of a chain are printed.
const mostPrinted = 10

// The contexts that somebody has asked for: the next one who asks gets the same.
const contexts = new WeakMap<TaskImpl, Context.Context<never>>()

const useFuture = "Set results on a future, from `loop.createFuture`; cancel a task, or let its function end."

const toName = (name: unknown): string => {
  if (typeof name === "string") return name
  const text = safely(() => String(name), undefined)
  if (text !== undefined) return text
  // When: the name of a task is something that cannot be turned into a string.
  throw unexpectedValue("a name was expected", name, "Give it a string.")
}

// How tasks printed when they were about to await themselves.
const selfAwaits = new WeakMap<TaskImpl, string>()

const beginIn = (task: { begin(): void }): void => task.begin()

export abstract class TaskImpl<A = unknown, E = unknown>
  extends FutureImpl<A, E>
  implements Task<A, E>, Runnable, Linked<TaskImpl>
{
  declare readonly [TaskTypeId]: typeof TaskTypeId
  /**
   * The services it started with, without a current task: the same object for all tasks that are made in the same place, so
   * that a task holds nothing of its own for it, and not the task that made it.
   */
  readonly base: Context.Context<never>
  // A number stands for `Task-N`, whose string is only made when somebody asks.
  #name: string | number
  /** Cancellations asked for and not withdrawn. */
  #cancelRequests = 0
  /** Those of them that a timeout or a task group has made of one scope only. */
  #scopeRequests = 0
  /**
   * The scope that is all of the task, from the first step to the last: a task that waits for its turn, or is done, has none to pay
   * for. One that is cancelled before its first step has it from then on.
   */
  root: FiberScope | CallbackScope | undefined = undefined
  /** Whether a scope that is no root has ever kept a request for itself: only then one has to be looked for. */
  scopesKeep = false
  // The stores of the code that made the task, for the first step; from there on whatever runs the coroutine carries them. Let
  // go of then: they may lead to the task that made this one, and a chain of them would never be collected.
  #creation: AsyncContext = captureAsyncContext()

  // Ended with a CancelledError out of the coroutine, and not by returning while a cancellation was due.
  #raised = false

  // The loop's list of tasks that are not done.
  previous: TaskImpl | undefined = undefined
  next: TaskImpl | undefined = undefined
  linked = false

  constructor(loop: TaskLoop, base: Context.Context<never>, name: string | number | undefined) {
    super(loop)
    this.base = base
    this.variables = copyVariables(loop)
    this.#name = name === undefined ? loop.nextTaskNumber() : toName(name)
  }

  override get kind(): "Task" | "Future" {
    return "Task"
  }

  get task(): this {
    return this
  }

  override get services(): Context.Context<never> {
    return this.base
  }

  /** The context that the coroutine runs in. */
  makeContext(): Context.Context<never> {
    return contexts.get(this) ?? Context.add(this.base, CurrentTask, this)
  }

  // ---- what a kind of coroutine brings ---------------------------------------------------------------------------

  /** How many awaits of its callback scopes are in flight; undefined where nobody counts them. */
  declare readonly waits: number | undefined
  /** A callback scope begins an await. */
  waitBegins(): void {}
  /** An await of a callback scope has ended. */
  waitEnds(): void {}

  /** Runs the coroutine's first step. */
  abstract begin(): void
  /** The fiber scope that is all of the task, if `fiber` is its innermost fiber. */
  ownScopeOf(_fiber: Fiber.Fiber<unknown, unknown>): FiberScope | undefined {
    return undefined
  }
  /** The scope for {@link root}. */
  protected abstract makeRoot(): FiberScope | CallbackScope
  /** Whether a cancellation is due that nothing in flight will take: the coroutine waits for what does not listen. */
  get hangs(): boolean {
    return false
  }
  /** Whether what runs the coroutine goes on when the loop is closed. */
  get outlivesLoop(): boolean {
    return false
  }
  abstract getCoro(): unknown
  /** `NAME() running at FILE:LINE`. */
  protected abstract coroutineText(): string
  /** {@link coroutineText} and the place of creation, for when the task is done and gone. */
  protected abstract describeCoroutine(): { readonly text: () => string; readonly createdAt: () => string | undefined }

  // ---- steps -----------------------------------------------------------------------------------------------------

  /** Puts the task on the loop; its first step runs on the next turn. */
  schedule(): void {
    this.loop.register(this)
    this.loop.enqueue(this)
  }

  /** Schedules the first step, or runs it: on the stack of whoever makes the task, unless that is deep already. */
  start(eagerly: boolean | undefined): void {
    if (eagerly === true && this.loop.isRunning() && !isDeep()) nested(() => this.startEagerly())
    else this.schedule()
  }

  /** Runs the first step now. The task joins the loop's tasks only if that does not finish it. */
  startEagerly(): void {
    this.loop.register(this)
    this.run()
    if (this.exit === undefined) this.rejoin()
  }

  /** Takes its place at the end of the loop's tasks. */
  rejoin(): void {
    this.loop.unregister(this)
    this.loop.register(this)
  }

  /** The first step. */
  run(): void {
    const error = this.root?.due
    if (error !== undefined) {
      this.root = undefined
      this.#creation = undefined
      // CPython throws it into the coroutine, which raises it at once.
      this.#raised = true
      this.finishCancelled(error)
      return
    }
    this.loop.runStep(this, this, Exit.void as Exit.Exit<never>)
  }

  /** Begins the coroutine, as the loop runs the step. */
  resume(): void {
    const creation = this.#creation
    this.#creation = undefined
    runInAsyncContext(creation, beginIn, this)
  }

  /** Whether the fiber runs the coroutine, or a part of it. */
  owns(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    return (this.ownScopeOf(fiber) ?? nestedScopes.get(fiber))?.task === this
  }

  /** Suspends a scope of the task until `future` is done. */
  beginWait(scope: Scope, future: FutureImpl, receiver?: Resume): void {
    if (future !== this && future.loop === this.loop) return this.await(scope, new Wait(scope, future, receiver))
    const isElsewhere = future !== this && !isOfOtherCopy(future.loop) && future.loop.meets(this.loop)
    if (isElsewhere) return this.await(scope, new WaitAcross(scope, future, receiver))
    scope.addWait(failWait(scope, receiver, this.#cannotAwait(future)))
  }

  #cannotAwait(future: FutureImpl): RuntimeError {
    if (isOfOtherCopy(future.loop)) return twoCopies(future.loop)
    const message =
      future === this
        ? // When: a task awaits itself, directly or by way of its own name.
          `Task cannot await on itself: ${selfAwaits.get(this) ?? this}`
        : // When: a task awaits a task or a future of another run.
          `Task ${this} got Future ${future} attached to a different loop`
    const hint =
      future === this
        ? "Look at who hands this task to its own code; `currentTask` is never to be awaited."
        : "Make it inside this run, or hand over its result, or a promise of it."
    return withHint(new RuntimeError(message), hint, this)
  }

  /** Suspends a scope of the task for a wait, which is for a future of the same loop. */
  await(scope: Scope, wait: Wait): void {
    const future = wait.future!
    scope.addWait(wait)
    future.addEntry(wait)
    const error = scope.takeCancellation()
    if (error === undefined) return
    if (future.cancelWith(error)) wait.forwarded = error
    else scope.keepCancellation(error)
  }

  /** It is about to await itself, and the line at which it does can still be seen. */
  noteSelfAwaitUnsafe(): void {
    selfAwaits.set(this, this.toString())
  }

  // `yield* task` asks for the iterator while the coroutine still stands at that line, the last chance to learn which.
  override [Symbol.iterator](): Effect.EffectIterator<this> {
    if (this.exit === undefined && runningTask() === this) this.noteSelfAwaitUnsafe()
    return this.iterator()
  }

  /** Runs the step that an await's end begins. */
  wakeUp(scope: Scope, wait: Wait): void {
    scope.removeWait(wait)
    this.loop.runStep(this, wait, this.#outcomeOf(scope, wait))
  }

  #outcomeOf(scope: Scope, wait: Wait): Exit.Exit<never> {
    const outcome = wait.outcome()
    const error = scope.takeCancellation()
    if (error === undefined && outcome._tag === "Success") return scope.arrived(outcome)
    const awaited = cancellationIn(outcome)
    if (error !== undefined) return scope.cancelled(awaited ?? error)
    // Our cancellation was passed on and not refused.
    return awaited !== undefined && wait.forwarded !== undefined ? scope.cancelled(awaited) : scope.arrived(outcome)
  }

  /** Ends the task as its coroutine ended. */
  finish(exit: Exit.Exit<A, E>): void {
    if (exit._tag === "Success") {
      // A task that cancels itself and then returns without awaiting ends cancelled.
      const due = this.root?.due
      if (due !== undefined) return this.finishCancelled(due)
      if (this.loop.debug) this.#reportSwallowed()
      this.loop.unregister(this)
      this.complete(exit)
      return
    }
    const error = cancellationOf(exit.cause)
    if (error !== undefined) {
      this.#raised = true
      return this.finishCancelled(error)
    }
    this.loop.unregister(this)
    this.fail(exit.cause)
  }

  /** Debug mode: a cancellation that was caught, never withdrawn, and had no effect is most often a mistake. */
  #reportSwallowed(): void {
    if (this.#cancelRequests === 0) return
    // When: in debug mode, a `catch`, or `Effect.catchCause`, took the cancellation and the task went on to its end.
    const message = "Task swallowed its cancellation: it was cancelled, returned, and did not call uncancel()"
    const hint = "Let the cancellation pass (rethrow the CancelledError), or call `uncancel()` if this is meant."
    this.loop.callExceptionHandlerUnsafe({ message, task: String(this), hint }, this.base)
  }

  protected finishCancelled(error: CancelledError): void {
    this.loop.unregister(this)
    this.completeCancelled(error)
  }

  /**
   * CPython hands out the error a cancelled coroutine ended with once; whoever asks later gets one without the message.
   */
  override retrieve(): Exit.Exit<A, E | CancelledError> {
    const exit = super.retrieve()
    const error = this.cancellation
    if (this.#raised && error !== undefined && messageOf(error) !== undefined) {
      this.cancellation = askedAgain(error)
      this.exit = Exit.fail(this.cancellation)
    }
    return exit
  }

  override cancelMessage(): string | undefined {
    return this.#raised ? undefined : super.cancelMessage()
  }

  // ---- cancellation ----------------------------------------------------------------------------------------------

  override cancelWith(error: CancelledError): boolean {
    const begun = this.ask(error)
    if (typeof begun === "object") return new Walk(error).through(begun, this)
    if (begun) this.asked(error)
    return begun
  }

  override ask(error: CancelledError): boolean | Asking {
    if (!this.countRequest(error)) return false
    const asked = this.root !== undefined && passOn(this.root, error)
    if (asked instanceof Wait && !asked.future!.asksOthers) {
      if (!asked.answered(error, asked.future!.cancelWith(error))) this.#keep(error)
    } else if (typeof asked === "object") {
      return this.#asking(asked, error)
    } else if (!asked) {
      this.#keep(error)
    }
    return true
  }

  /** A task always takes a request: what others refuse is kept for its next step. */
  *#asking(asked: Wait | Asking, error: CancelledError): Asking {
    const passedOn = asked instanceof Wait ? asked.answered(error, yield asked.future!) : yield asked
    if (passedOn !== true) this.#keep(error)
    return true
  }

  #keep(error: CancelledError): void {
    noteKept(this, error)
    keepDue((this.root ??= this.makeRoot()), error)
  }

  override countRequest(error: CancelledError): boolean {
    if (this.exit !== undefined) {
      this.markRetrieved()
      return false
    }
    this.#cancelRequests++
    this.loop.observer?.cancelRequested(this, error)
    return true
  }

  override asked(error: CancelledError): void {
    this.root?.cancelRequested(error, this.root.due === undefined)
  }

  /** Counts a request that a timeout or a task group makes of one scope of the task. */
  countScopeRequest(): void {
    this.#cancelRequests++
    this.#scopeRequests++
  }

  /** Takes a request of {@link countLineRequest} back. */
  withdrawScopeRequest(): void {
    this.#scopeRequests--
    this.uncancelUnsafe()
  }

  /** Whether a scope further in has requests of its own. */
  hasScopeRequests(): boolean {
    return this.#scopeRequests > 0
  }

  /** How many requests are for all of the task. */
  ownRequests(): number {
    return Math.max(0, this.#cancelRequests - this.#scopeRequests)
  }

  cancelling(): number {
    return this.#cancelRequests
  }

  uncancelUnsafe(): number {
    if (this.#cancelRequests > 0 && --this.#cancelRequests === 0) {
      this.root?.forgetDue()
    }
    return this.#cancelRequests
  }

  uncancel(): Effect.Effect<number> {
    return Effect.sync(() => this.uncancelUnsafe())
  }

  // ---- names and the rest ----------------------------------------------------------------------------------------

  getName(): string {
    return typeof this.#name === "number" ? `Task-${this.#name}` : this.#name
  }

  setNameUnsafe(name: unknown): void {
    this.#name = toName(name)
  }

  setName(name: unknown): Effect.Effect<void> {
    return Effect.sync(() => this.setNameUnsafe(name))
  }

  getContext(): Context.Context<never> {
    const context = this.root?.entered ?? this.makeContext()
    contexts.set(this, context)
    return context
  }

  override setResultUnsafe(): never {
    // When: `setResult` on a task, whose result is what its function returns.
    throw withHint(new RuntimeError("Task does not support set_result operation"), useFuture, this)
  }

  override setExceptionUnsafe(): never {
    // When: `setException` or `setExit` on a task, which fails when its function does.
    throw withHint(new RuntimeError("Task does not support set_exception operation"), useFuture, this)
  }

  override setExitUnsafe(): never {
    // When: `setException` or `setExit` on a task, which fails when its function does.
    throw withHint(new RuntimeError("Task does not support set_exception operation"), useFuture, this)
  }

  // ---- looking inside ----------------------------------------------------------------------------------------------

  /** The coroutines of a task that is not done, innermost first. */
  protected abstract stackFrames(): ReadonlyArray<StackEntry>

  override awaiting(): Iterable<FutureImpl> {
    return this.root?.awaiting() ?? []
  }

  awaited(): FutureImpl | undefined {
    for (const future of this.awaiting()) return future
    return undefined
  }

  getStack(options?: { readonly limit?: number | undefined }): ReadonlyArray<StackEntry> {
    const frames = this.exit === undefined ? this.stackFrames() : []
    checkOptions(options, "getStack()", "{ limit: 3 }")
    checkLimit(options?.limit, "getStack()")
    return frames.slice(0, Math.max(options?.limit ?? frames.length, 0)).toReversed()
  }

  formatStack(options?: { readonly limit?: number | undefined }): string {
    const frames = this.getStack(options)
    if (frames.length === 0) return `No stack for ${this}`
    return [`Stack for ${this} (most recent call last):`, ...frameTexts(frames).map((line) => `  ${line}`)].join("\n")
  }

  printStack(options?: { readonly limit?: number | undefined }): Effect.Effect<void> {
    return Effect.suspend(() => Console.error(this.formatStack(options)))
  }

  snapshot(): TaskSnapshot {
    const awaited = this.awaited()
    return {
      name: this.getName(),
      state: stateOf({ exit: this.exit, cancelled: this.cancelled(), task: { cancelling: this.#cancelRequests > 0 } }),
      cancelling: this.#cancelRequests,
      coroutine: this.coroutineText(),
      waitingFor: awaited instanceof TaskImpl ? awaited.getName() : awaited?.toString(),
      awaitedBy: this.awaiters().map((task) => task.getName()),
      stack: this.getStack()
    }
  }

  // ---- printing --------------------------------------------------------------------------------------------------

  protected override describe(): Description {
    const { exit } = this
    const name = this.getName()
    const coroutine = this.describeCoroutine()
    return {
      createdAt: coroutine.createdAt,
      repr: () =>
        futureRepr({
          kind: "Task",
          exit,
          cancelled: false,
          callbacks: [],
          task: { name, cancelling: false, coroutine: coroutine.text(), waitFor: undefined }
        })
    }
  }

  override toString(): string {
    if (printing.has(this) || printing.size === mostPrinted) return "..."
    printing.add(this)
    try {
      return futureRepr({
        kind: "Task",
        exit: this.exit,
        cancelled: this.cancelled(),
        callbacks: this.entries(),
        task: {
          name: this.getName(),
          cancelling: this.#cancelRequests > 0,
          coroutine: this.coroutineText(),
          waitFor: this.exit === undefined ? this.awaited()?.toString() : undefined
        }
      })
    } finally {
      printing.delete(this)
    }
  }
}

Object.defineProperty(TaskImpl.prototype, "asksOthers", { value: true })
Object.defineProperty(TaskImpl.prototype, "~@effect-asyncio/core/Task" satisfies typeof TaskTypeId, {
  value: "~@effect-asyncio/core/Task"
})
