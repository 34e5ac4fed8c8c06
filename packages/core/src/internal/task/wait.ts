/**
 * One await in flight: a fiber, or an async function, that waits for a future or for the next iteration.
 *
 * A Wait is at once the future's entry (put on the loop when the future is done) and the step itself. A scope holds its waits, and
 * `Task.cancel` reaches them through the root scope. How a fiber begins one, and what waits of plain fibers are, is in
 * fiberWait.ts.
 */
import * as Exit from "effect/Exit"
import type { CancelledError } from "../model/CancelledError.ts"
import { isOfOtherCopy } from "../model/copy.ts"
import { cancellationIn } from "./cancellation.ts"
import { cannotAwait } from "./cannotAwait.ts"
import type { DoneEntry } from "./doneEntries.ts"
import type { FiberScope } from "./fiberScope.ts"
import type { FutureImpl } from "./future.ts"
import type { Scope } from "./scope.ts"
import type { TaskImpl } from "./task.ts"

/** Receives the outcome of an await. The code that awaits knows its type. */
export type Resume = ((exit: Outcome) => void) | Resumed

/** The same as an object, which needs no closure. */
export interface Resumed {
  resumed(exit: Outcome): void
}

export const resumeWith = (resume: Resume, exit: Outcome): void => {
  if (typeof resume === "function") resume(exit)
  else resume.resumed(exit)
}

export type Outcome = Exit.Exit<never>

export class Wait implements DoneEntry {
  dead = false
  // The request that was passed on to the future. If the future ends cancelled, the cancellation is the scope's own.
  forwarded: CancelledError | undefined = undefined
  /** The scope that waits; undefined in a plain fiber. Another one when that scope is over, see aftermath.ts. */
  scope: Scope | undefined
  /** What is awaited; undefined when only the next iteration is. */
  readonly future: FutureImpl | undefined
  /** What is told of the end; undefined where that is the fiber of a fiber scope. */
  readonly receiver: Resume | undefined

  constructor(scope: Scope | undefined, future: FutureImpl | undefined, receiver: Resume | undefined) {
    this.scope = scope
    this.future = future
    this.receiver = receiver
  }

  /** Hands over how the await ended. */
  resume(exit: Outcome): void {
    if (this.receiver === undefined) (this.scope as FiberScope).resume(exit)
    else resumeWith(this.receiver, exit)
  }

  get task(): TaskImpl | undefined {
    return this.scope?.task
  }

  get awaiter(): TaskImpl | undefined {
    return this.task
  }

  get label(): string {
    return this.scope === undefined ? "Fiber.wakeup()" : "Task.task_wakeup()"
  }

  /** Adds the wait to its scope and to its future, and passes a request that is due on to the future at once. */
  begin(): void {
    const future = this.future!
    const scope = this.scope!
    scope.addWait(this)
    future.addEntry(this)
    const error = scope.takeCancellation()
    if (error === undefined) return
    if (future.cancelWith(error, scope.task)) this.forwarded = error
    else scope.keepCancellation(error)
  }

  /** Runs the step that the end of the wait begins. */
  run(): void {
    if (this.dead) return
    this.dead = true
    const { scope } = this
    if (scope === undefined) return this.resume(this.outcome())
    scope.removeWait(this)
    const { task } = scope
    task.loop.runStep(task, this, this.#outcomeIn(scope))
  }

  /** How the code that waited sees the end. */
  #outcomeIn(scope: Scope): Outcome {
    const outcome = this.outcome()
    const error = scope.takeCancellation()
    if (error === undefined && outcome._tag === "Success") return scope.arrived(outcome)
    const awaited = cancellationIn(outcome)
    // The future's cancellation wins over the one that is due, as in CPython.
    if (error !== undefined) return scope.cancelled(awaited ?? error)
    // A wait whose request the future took has the future's cancellation for its own.
    return awaited !== undefined && this.forwarded !== undefined ? scope.cancelled(awaited) : scope.arrived(outcome)
  }

  /** Ends the wait in the next iteration: its future waits for the task that waits for it, and would never be done. */
  leaveRing(): void {
    const future = this.future!
    const scope = this.scope!
    future.removeEntry(this)
    forgetCancellation(future)
    scope.removeWait(this)
    beginYieldOf(scope, this.receiver)
  }

  /** The fiber of the wait was interrupted, and the awaited future cancelled. */
  abandoned(): void {}

  /** How the await ends if its task is not cancelled. */
  outcome(): Outcome {
    return (this.future?.retrieve() ?? Exit.void) as Outcome
  }
}

/** An await of what belongs to another loop: the future is done in an iteration of that one, and the step is put on the task's own loop. */
export class WaitAcross extends Wait {
  #arrived = false
  readonly #over: (() => void) | undefined

  constructor(scope: Scope, future: FutureImpl, receiver: Resume | undefined) {
    super(scope, future, receiver)
    this.#over = scope.task.loop.noteOutsideUnsafe("promise")
  }

  override run(): void {
    if (this.#arrived) return super.run()
    this.#arrived = true
    this.#over?.()
    this.scope!.task.loop.enqueue(this)
  }

  override abandoned(): void {
    this.#over?.()
  }
}

/** An await that is over before it has begun. */
class EndedWait extends Wait {
  readonly #exit: Outcome

  constructor(scope: Scope, receiver: Resume | undefined, exit: Outcome) {
    super(scope, undefined, receiver)
    this.#exit = exit
  }

  override outcome(): Outcome {
    return this.#exit
  }
}

/** Begins an await of `future` in a scope of a task. */
export const beginWaitOf = (scope: Scope, future: FutureImpl, receiver?: Resume): void => {
  const { task } = scope
  if (future !== task && future.loop === task.loop) new Wait(scope, future, receiver).begin()
  else if (future !== task && !isOfOtherCopy(future.loop) && future.loop.meets(task.loop))
    new WaitAcross(scope, future, receiver).begin()
  else beginYieldOf(scope, receiver, Exit.die(cannotAwait(task, future)))
}

/** Begins an await that ends in the next iteration: with `exit`, where it has failed already. */
export const beginYieldOf = (scope: Scope, receiver?: Resume, exit?: Outcome): void => {
  const wait = exit === undefined ? new Wait(scope, undefined, receiver) : new EndedWait(scope, receiver, exit)
  scope.addWait(wait)
  scope.task.loop.enqueue(wait)
}

/** No code waits any more for `future`, which was asked to cancel; `ended` is called when it is done. */
export const forgetCancellation = (future: FutureImpl, ended: () => void = () => {}): void => {
  const run = () => {
    // A gather that is cancelled fails, with the CancelledError that we asked for.
    if (cancellationIn(future.exit!) !== undefined) future.markRetrieved()
    ended()
  }
  future.addEntry({ dead: false, label: "Fiber.wakeup()", awaiter: undefined, run })
}
