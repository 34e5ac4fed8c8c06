/**
 * A scope of a task that is a fiber, and the boundaries that it is in; see scope.ts and boundary.ts.
 */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { AnyFiber } from "../model/AnyFiber.ts"
import type { CancelledError } from "../model/CancelledError.ts"
import type { CallbackScope } from "./callbackScope.ts"
import type { FiberTask } from "./fiberTask.ts"
import { nestedScopes } from "./current.ts"
import { type Asked, dueIn, isInShield, keepDue, type Scope, takeDue, takeDueIn, takeOver } from "./scope.ts"
import type { Leave } from "./ownFiber.ts"
import { resumeFiber } from "./suspend.ts"
import type { TaskImpl } from "./task.ts"
import type { Wait } from "./wait.ts"
import { annotationsOf, ownCancellation, requestOf } from "./request.ts"

/**
 * Whether the fiber can be interrupted where it stands. Effect keeps this in a field its types do not show; the tests of
 * "an uninterruptible region" hold us to it (uninterruptible.test.ts).
 */
export const isInterruptible = (fiber: AnyFiber): boolean =>
  (fiber as { readonly interruptible?: boolean }).interruptible !== false

/** Where native interrupts end: a frame on the fiber scope's fiber, or an own fiber for the body; see boundary.ts. */
export interface Boundary {
  around: Boundary | undefined
  /** The cancellations that went to it as native interrupts, if there were any. */
  interruptions: Array<CancelledError> | undefined
}

export class FiberScope implements Scope {
  readonly task: TaskImpl
  /**
   * The innermost fiber: the one the fiber scope began with, or that of the boundary it is in. Its awaits are the task's own, and
   * a native interrupt hits only this one. Undefined before the first step, and after the last.
   */
  fiber: AnyFiber | undefined = undefined
  /** The hosted scope, which does the work of the fiber scope while the fiber is suspended. A request is passed on to it. */
  inner: CallbackScope | undefined = undefined
  /** The await in flight. Undefined while running, and while a foreign effect has the fiber. */
  wait: Wait | undefined = undefined
  // The innermost boundary.
  #boundary: Boundary | undefined = undefined
  /** The callback scope that runs this Effect; undefined for a root, which is found by its task, and not in `nestedScopes`. */
  outer: CallbackScope | undefined
  requests = 0
  /** The context that the fiber of a root began in; undefined before it is first read. */
  entered: Context.Context<never> | undefined = undefined
  /** Whether an observer of the fiber tells its end. As long as none does, only our own awaits have suspended the fiber. */
  watched: boolean
  due: CancelledError | undefined = undefined

  constructor(task: TaskImpl, outer: CallbackScope | undefined) {
    this.task = task
    this.outer = outer
    // `CallbackScope.run` observes the end of its Effect.
    this.watched = outer !== undefined
  }

  get isRoot(): boolean {
    return this.outer === undefined
  }

  declare readonly isShielded?: boolean

  enteredContext(): Context.Context<never> {
    return (this.entered ??= this.task.makeContext())
  }

  addWait(wait: Wait): void {
    this.wait = wait
    if (this.outer !== undefined) this.task.waitBegins(wait.future)
  }

  removeWait(wait: Wait): void {
    if (this.wait !== wait) return
    this.wait = undefined
    if (this.outer !== undefined) this.task.waitEnds()
  }

  arrived(exit: Exit.Exit<never>): Exit.Exit<never> {
    return exit
  }

  cancelled(error: CancelledError): Exit.Exit<never> {
    return ownCancellation(error)
  }

  /** Goes on with the fiber, which was suspended for a wait without a receiver. */
  resume(next: Effect.Effect<unknown, unknown>): void {
    const fiber = this.fiber!
    resumeFiber(fiber, next)
    if (this.outer === undefined) (this.task as FiberTask).stepped(fiber)
  }

  /** Whether the fiber waits for something that resumes this fiber scope. */
  suspendedByUs(): boolean {
    return this.wait !== undefined && this.wait.receiver === undefined
  }

  /** Observes the end of the fiber, which may go on without a step of the loop. */
  watch(fiber: AnyFiber): void {
    if (this.watched) return
    this.watched = true
    fiber.addObserver((exit) => this.task.finish(exit))
  }

  // ---- cancellation ----------------------------------------------------------------------------------------------

  passOn(error: CancelledError): Asked | Scope {
    const { root } = this.task
    // The request of a timeout hides the one of the root and may be withdrawn: Effect gets that of the root first.
    if (root?.due !== undefined && requestOf(error).place !== undefined && !isInShield(this)) this.#protects(root.due)
    const { inner, wait } = this
    if (inner !== undefined) return this.#protects(error) || inner
    if (wait !== undefined) return wait.future !== undefined && (this.#protects(error) || wait)
    // A part keeps the request itself, so that it delivers it also when another part has emptied the `due` of the scopes around.
    if (this.outer !== undefined) keepDue(this, error)
    this.deliverSoon()
    return false
  }

  /**
   * The fiber runs, or is in a foreign effect: the next iteration shows which, and whether that stays so. Of the requests that meet
   * before it, the last is delivered, as in CPython.
   */
  deliverSoon(): void {
    if (this.fiber === undefined || delivering.has(this)) return
    delivering.add(this)
    this.task.loop.enqueue({ run: () => this.#deliver() })
  }

  /** Delivers what is still due once the fiber goes on: in a scope that was given up, everything after a handler is cancelled, too. */
  #deliverRest(): void {
    if (this.pendingCancellation() !== undefined) this.deliverSoon()
  }

  /** Ends the hosted scope, and moves its due request to this scope: the fiber goes on with it. */
  endInner(): void {
    const scope = this.inner!
    this.inner = undefined
    takeOver(this, takeDue(scope))
    this.#deliverRest()
  }

  takeCancellation(): CancelledError | undefined {
    // Each step asks, and there is hardly ever a request.
    if (this.task.root?.due === undefined && !this.task.scopesKeep) return undefined
    const error = this.#take()
    if (error !== undefined) this.#deliverRest()
    return error !== undefined && this.#protects(error) ? undefined : error
  }

  #take(): CancelledError | undefined {
    const error = takeDueIn(this)
    // The coroutine around has seen the request, even if a handler in the Effect ends it.
    this.outer?.noteDelivered(error)
    return error
  }

  pendingCancellation(): CancelledError | undefined {
    return dueIn(this)
  }

  forgetDue(): void {
    takeDue(this)
    this.inner?.forgetDue()
  }

  keepCancellation(error: CancelledError, isAround = false): void {
    // A part leaves the request to the scope around it, unless a timeout or a group in the part is all that has asked.
    if (this.outer !== undefined && (isAround || this.requests === 0)) this.outer.keepCancellation(error)
    else keepDue(this, error)
    // A wait that has refused the request ends in a step, which takes it.
    if (this.wait === undefined) this.deliverSoon()
  }

  cancelRequested(error: CancelledError, passedOn: boolean): void {
    if (this.inner !== undefined) this.innerToTell?.cancelRequested(error, passedOn)
  }

  /** The inner scope, whose driver is told of requests; undefined in an uninterruptible region, at whose end they are delivered. */
  get innerToTell(): CallbackScope | undefined {
    return this.fiber === undefined || isInterruptible(this.fiber) ? this.inner : undefined
  }

  /** Its await in flight, or those of the inner scope. */
  waits(): Iterable<Wait> {
    const { inner, wait } = this
    if (inner !== undefined && wait?.future === undefined) return inner.waits()
    return wait === undefined ? [] : [wait]
  }

  /**
   * In an uninterruptible region a cancellation waits for its end: Effect delivers it there. The request of a timeout or a group that
   * stands in this place is left out: it is withdrawn at the end, and the mark on the fiber would stay.
   */
  #protects(error: CancelledError): boolean {
    if (this.fiber === undefined || isInterruptible(this.fiber)) return false
    if (requestOf(error).place !== this.place) this.#interrupt(this.fiber, error)
    return true
  }

  /** What the running code is in: the innermost boundary, or else the fiber that the fiber scope began with. */
  get place(): object {
    return this.#boundary ?? this.fiber!
  }

  #interrupt(fiber: AnyFiber, error: CancelledError): void {
    if (this.#boundary !== undefined) (this.#boundary.interruptions ??= []).push(error)
    fiber.interruptUnsafe(undefined, annotationsOf(error))
  }

  /** Interrupts the fiber if a foreign effect has it; an await of our own delivers the cancellation itself. */
  #deliver(): void {
    delivering.delete(this)
    if (this.fiber === undefined || this.wait !== undefined || this.inner !== undefined) return
    const error = this.#take()
    if (error !== undefined) this.#interrupt(this.fiber, error)
  }

  /**
   * Makes `inner` the innermost fiber. The returned function ends that, given how `inner` ended: in an uninterruptible region of
   * `outer` it may end without having delivered the interrupts it got, which are then `outer`'s to deliver.
   */
  enterOwnFiber(outer: AnyFiber, inner: AnyFiber): Leave {
    this.watch(outer)
    const boundary: Boundary = { around: undefined, interruptions: undefined }
    this.enterBoundary(boundary)
    this.moveTo(inner)
    return (exit) => {
      this.moveTo(outer)
      this.leaveBoundary(boundary)
      const delivered = exit._tag === "Failure" && Cause.hasInterrupts(exit.cause)
      if (!delivered) for (const error of boundary.interruptions ?? []) this.#protects(error)
    }
  }

  /** Makes `boundary` the innermost one. */
  enterBoundary(boundary: Boundary): void {
    boundary.around = this.#boundary
    this.#boundary = boundary
  }

  /** Ends {@link enterBoundary}. */
  leaveBoundary(boundary: Boundary): void {
    this.#boundary = boundary.around
    this.#deliverRest()
  }

  /** Makes `fiber` the innermost one; undefined when the fiber scope is over. */
  moveTo(fiber: AnyFiber | undefined): void {
    const { outer } = this
    if (outer !== undefined) {
      if (this.fiber === undefined) outer.addPart(this)
      else nestedScopes.delete(this.fiber)
      if (fiber === undefined) outer.removePart(this)
      else nestedScopes.set(fiber, this)
    }
    this.fiber = fiber
  }
}

// The scopes whose `#deliver` runs in the next iteration. Not a field, which every task would pay for.
const delivering = new WeakSet<FiberScope>()
