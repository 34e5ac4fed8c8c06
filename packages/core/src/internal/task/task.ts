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
 * What `cancel` does in each state is the table in docs/design.md. The root scope keeps the request in `due`, for the next step, unless the
 * awaited future takes it; in *foreign*, `FiberScope` interrupts the fiber in the next iteration.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type CancelledError, messageOf } from "../model/CancelledError.ts"
import type { Task } from "../model/Task.ts"
import { nextTaskId } from "../model/TaskRef.ts"
import type { TaskTypeId } from "../model/typeIds.ts"
import { type Ancestor, type Birth, birthOf } from "./ancestry.ts"
import { cancellationOf } from "./cancellation.ts"
import { type Asking, Walk } from "./cancelWalk.ts"
import { CurrentTask } from "../model/references.ts"
import { type AsyncContext, captureAsyncContext, runInAsyncContext } from "../host/asyncContext.ts"
import type { TaskLoop } from "./taskLoop.ts"
import { swallowedBy, toName } from "./taskTexts.ts"
import type { FutureImpl } from "./future.ts"
import { TaskMethods } from "./taskMethods.ts"
import type { Runnable } from "../data/readyQueue.ts"
import { isDeep, nested } from "../host/nesting.ts"
import { copyVariables } from "../model/variables.ts"
import type { Linked } from "../data/linkedList.ts"
import type { CallbackScope } from "./callbackScope.ts"
import { ask, keepDue } from "./scope.ts"
import { runningTask } from "./current.ts"
import { runBelow } from "./onStack.ts"
import type { FiberScope } from "./fiberScope.ts"
import { noteSelfAwait } from "./cannotAwait.ts"
import { noteKept } from "./kept.ts"
import { noteLink, retold } from "./retelling.ts"

// The contexts that `getContext` has given: it gives the same again.
const contexts = new WeakMap<TaskImpl, Context.Context<never>>()

const beginIn = (task: { begin(): void }): void => task.begin()

export abstract class TaskImpl<A = unknown, E = unknown>
  extends TaskMethods<A, E>
  implements Task<A, E>, Runnable, Linked<TaskImpl>
{
  declare readonly [TaskTypeId]: typeof TaskTypeId
  /**
   * The services it started with, without a current task. Tasks that are made in one place share the object, which does not refer to
   * the task that made them.
   */
  readonly base: Context.Context<never>
  readonly id = nextTaskId()
  /** A number stands for `Task-N`, whose string is only made when it is asked for. */
  givenName: string | number
  /** Cancellations asked for and not withdrawn. */
  cancelRequests = 0
  /** Those of them that a timeout or a task group has made of one scope only. */
  scopeRequests = 0
  /**
   * The scope that is all of the task, from the first step to the last: a task that has not begun, or is done, has none to pay
   * for. One that is cancelled before its first step has it from then on.
   */
  root: FiberScope | CallbackScope | undefined = undefined
  /** Whether a scope that is no root has ever kept a request for itself: only then `dueIn` searches the scopes. */
  scopesKeep = false
  // The stores of the code that made the task, for the first step; from there on the fiber or the driver carries them. Let
  // go of then: they may lead to the task that made this one, and a chain of them would never be collected.
  #creation: AsyncContext = captureAsyncContext()
  // Whether the coroutine has raised the CancelledError that ended it. It may also have returned while a request was due.
  #raised = false
  /** The birth alone; inside an {@link Ancestor} once the task has created another one, has labels, or is detached. */
  origin: Birth | Ancestor
  // The loop's list of tasks that are not done.
  previous: TaskImpl | undefined = undefined
  next: TaskImpl | undefined = undefined

  constructor(loop: TaskLoop, base: Context.Context<never>, name: string | number | undefined, birth: Birth) {
    super(loop)
    this.base = base
    this.origin = birth
    this.variables = copyVariables(loop)
    this.givenName = name === undefined ? loop.nextTaskNumber() : toName(name)
  }

  override get kind(): "Task" | "Future" {
    return "Task"
  }

  get task(): this {
    return this
  }

  /** The context that the coroutine runs in. */
  makeContext(): Context.Context<never> {
    return contexts.get(this) ?? Context.add(this.base, CurrentTask, this)
  }

  getContext(): Context.Context<never> {
    const context = this.root?.entered ?? this.makeContext()
    contexts.set(this, context)
    return context
  }

  // ---- what a kind of coroutine brings ---------------------------------------------------------------------------

  /** How many awaits of its callback scopes are in flight; undefined where they are not counted. */
  declare readonly waits: number | undefined
  /** A callback scope, or an Effect in one, begins an await. */
  waitBegins(_future: FutureImpl | undefined): void {}
  /** The code of a callback scope is suspended, and with it the step of the task. */
  stepEnds(): void {}
  /** An await of a callback scope has ended. */
  waitEnds(): void {}

  /** Runs the coroutine's first step. */
  abstract begin(): void
  /** The scope for {@link root}. */
  protected abstract makeRoot(): FiberScope | CallbackScope
  /** Whether what runs the coroutine goes on when the loop is closed. */
  declare readonly outlivesLoop?: boolean

  // ---- steps -----------------------------------------------------------------------------------------------------

  /**
   * Puts the task on the loop, and its first step in the next iteration; or runs that step now, on the stack of the code that makes
   * the task, unless that stack is deep already.
   */
  start(eagerly: boolean | undefined): void {
    if (eagerly === true && this.loop.isRunning() && !isDeep()) return nested(() => this.startEagerly())
    this.loop.register(this)
    this.loop.enqueue(this)
  }

  /** Registers the task, runs the first step, and moves the task to the end of the loop's tasks if it is not done. */
  startEagerly(): void {
    this.loop.register(this)
    runBelow(birthOf(this).creator, this)
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
      this.completeCancelled(error)
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

  // `yield* task` asks for the iterator while the coroutine still stands at that line, the last chance to learn which.
  override [Symbol.iterator](): Effect.EffectIterator<this> {
    if (this.exit === undefined && runningTask() === this) noteSelfAwait(this)
    return this.iterator()
  }

  /** Ends the task as its coroutine ended. */
  finish(exit: Exit.Exit<A, E>): void {
    if (exit._tag === "Success") {
      // A task that cancels itself and then returns without awaiting ends cancelled.
      const due = this.root?.due
      if (due !== undefined) return this.completeCancelled(due)
      // Debug mode: a cancellation that was caught, never withdrawn, and had no effect is most often a mistake.
      const isSwallowed = this.loop.debug && this.cancelRequests > 0
      if (isSwallowed) this.loop.callExceptionHandlerUnsafe(swallowedBy(this), this.base)
      this.complete(exit)
      return
    }
    const error = cancellationOf(exit.cause)
    if (error !== undefined) {
      this.#raised = true
      return this.completeCancelled(error)
    }
    this.fail(exit.cause, this.base)
  }

  // The task leaves the loop's tasks when all that is remembered of it is there: an inspector may stop this between any two calls, and
  // finds it then among the one or the other.
  protected override complete(exit: Exit.Exit<A, E | CancelledError>): void {
    this.loop.observer?.ending(this)
    super.complete(exit)
    this.loop.ended?.add(this)
    this.loop.observer?.ended(this)
    this.loop.unregister(this)
  }

  /**
   * CPython hands out the error a cancelled coroutine ended with once; from then on an error without the message.
   */
  override retrieve(): Exit.Exit<A, E | CancelledError> {
    const exit = super.retrieve()
    const error = this.cancellation
    if (this.#raised && error !== undefined && messageOf(error) !== undefined) {
      this.cancellation = retold(error)
      this.exit = Exit.fail(this.cancellation)
    }
    return exit
  }

  override cancelMessage(): string | undefined {
    return this.#raised ? undefined : super.cancelMessage()
  }

  // ---- cancellation ----------------------------------------------------------------------------------------------

  override cancelWith(error: CancelledError, by?: TaskImpl): boolean {
    const begun = this.ask(error, by)
    if (typeof begun === "object") return new Walk(error).through(begun, this)
    if (begun) this.cancelRequested(error)
    return begun
  }

  override ask(error: CancelledError, by?: TaskImpl): boolean | Asking {
    if (!this.countRequest(error, by)) return false
    const asked = this.root !== undefined && ask(this.root, error)
    if (typeof asked === "object") return this.#asking(asked, error)
    if (!asked) this.#keep(error)
    return true
  }

  /** A task always takes a request: one that the awaited refuses is kept for its next step. */
  *#asking(asked: Asking, error: CancelledError): Asking {
    if ((yield asked) !== true) this.#keep(error)
    return true
  }

  #keep(error: CancelledError): void {
    noteKept(this, error)
    keepDue((this.root ??= this.makeRoot()), error)
  }

  override countRequest(error: CancelledError, by?: TaskImpl): boolean {
    if (this.exit !== undefined) {
      this.markRetrieved()
      return false
    }
    this.cancelRequests++
    if (by !== undefined) noteLink(error, by, this)
    this.loop.observer?.cancelRequested(this, error)
    return true
  }

  override cancelRequested(error: CancelledError): void {
    this.root?.cancelRequested(error, this.root.due === undefined)
  }

  uncancelUnsafe(): number {
    if (this.cancelRequests > 0 && --this.cancelRequests === 0) {
      this.root?.forgetDue()
    }
    return this.cancelRequests
  }
}

Object.defineProperty(TaskImpl.prototype, "~@effect-asyncio/core/Task" satisfies typeof TaskTypeId, {
  value: "~@effect-asyncio/core/Task"
})
