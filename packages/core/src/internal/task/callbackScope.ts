/**
 * A scope of a task that is driven from outside, such as an async function; see scope.ts. Any number of its awaits may be in
 * flight.
 *
 *     open ──end / leave──▶ over
 *
 * What is in flight when a scope is over ends cancelled, and what its code begins afterwards is of the scope around; see
 * aftermath.ts.
 *
 * A *root* is all of a task's coroutine. A *child scope* is a part of another callback scope that can be cancelled by itself, by a timeout
 * or a task group. A *hosted scope* runs a coroutine in a fiber scope, and can be cancelled by itself, too: its fiber can be interrupted.
 */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { Coroutine, ChildScope, CoroutineControl, Resumption } from "../model/Coroutine.ts"
import { type CancelledError, failureOf } from "../model/CancelledError.ts"
import type { Future } from "../model/Future.ts"
import { captureAsyncContext, runInAsyncContext } from "../host/asyncContext.ts"
import { cancellationOf } from "./cancellation.ts"
import type { Asking } from "./cancelWalk.ts"
import type { CallbackTask } from "./callbackTask.ts"
import type { FutureImpl } from "./future.ts"
import {
  around,
  cancelInFlight,
  close,
  ending,
  handOverDue,
  isOver,
  type Over,
  over,
  overAndToBeTold
} from "./ending.ts"
import { ask, type Asked, cancelOnly, dueIn, keepDue, passOn, type Scope, takeDue, takeDueIn } from "./scope.ts"
import { beginPart, unlessDeep } from "./nestedParts.ts"
import { requestsOn } from "./requestCounts.ts"
import { askAgain, type CancelTarget, request, withdraw } from "./cancelTarget.ts"
import { FiberScope } from "./fiberScope.ts"
import type { TaskImpl } from "./task.ts"
import { beginOn, isScoped } from "./scopedEffect.ts"
import { beginWaitOf, beginYieldOf, type Resume, resumeWith, Wait } from "./wait.ts"
import { type CancelRequest, ownCancellation, requestOf } from "./request.ts"

/** What is in flight in a callback scope. */
export type Part = Wait | FiberScope | CallbackScope

/** Runs the code of a scope: it hears of requests, and says whether it carries the async stores itself. */
export type Driver = Pick<Coroutine<unknown, unknown>, "cancelRequested" | "carriesStores">

export class CallbackScope implements Scope, CoroutineControl<unknown, unknown>, ChildScope, CancelTarget {
  readonly task: TaskImpl
  readonly driver: Driver
  /** The scope around a child scope, or the fiber scope of a hosted scope; undefined for a root, and for an aftermath. */
  outer: Scope | undefined
  readonly #onEnd: ((exit: Exit.Exit<unknown, unknown>) => void) | undefined
  entered: Context.Context<never> | undefined
  due: CancelledError | undefined = undefined
  isGivenUp = false
  requests = 0
  // The requests that were delivered to a hosted coroutine, kept by its outermost scope: one as a rule, several where awaits in flight
  // took different ones. If the coroutine ends with one of them, it ends cancelled itself. A task that ends with any does.
  #delivered: CancelRequest | WeakSet<CancelRequest> | undefined = undefined
  // What is in flight: one thing, several, or none. Most steps wait for one.
  #parts: Part | Set<Part> | undefined = undefined
  /** Set when the scope is over; `told` already when its parts were cancelled before its end. See ending.ts. */
  over: Over | undefined = undefined

  /** If `outer` is a fiber scope, its fiber is suspended for this scope; `context` is then that of the fiber. */
  constructor(
    task: TaskImpl,
    driver: Driver,
    outer?: Scope,
    context?: Context.Context<never>,
    onEnd?: (exit: Exit.Exit<unknown, unknown>) => void
  ) {
    this.task = task
    this.driver = driver
    this.outer = outer
    this.entered = context
    this.#onEnd = onEnd
  }

  get isRoot(): boolean {
    return this.outer === undefined
  }

  declare readonly isShielded?: boolean

  // ---- awaiting --------------------------------------------------------------------------------------------------

  await<B, E2>(future: Future<B, E2>, resume: Resumption<B, E2 | CancelledError>): void {
    const scope = this.#scopeFor(resume)
    if (scope !== undefined) beginWaitOf(scope, future as unknown as FutureImpl, this.#withStores(resume))
  }

  nextIteration(resume: Resumption<void, CancelledError>): void {
    const scope = this.#scopeFor(resume)
    if (scope !== undefined) beginYieldOf(scope, this.#withStores(resume))
  }

  /** `resume` for a later step, with the stores that the code sees now unless the driver carries them. */
  #withStores(resume: Resumption<never, never>): Resume {
    if (this.driver.carriesStores === true) return resume
    const stores = captureAsyncContext()
    const inside = (exit: Exit.Exit<never>) => resumeWith(resume, exit)
    return (exit) => runInAsyncContext(stores, inside, exit)
  }

  /** The scope of an await that begins now. Undefined where the await ends at once: `resume` gets a cancellation in the next iteration. */
  #scopeFor(resume: Resumption<never, never>): CallbackScope | undefined {
    if (this.over !== overAndToBeTold) return this.current
    this.over = over
    beginYieldOf(this.current, this.#withStores(resume), ownCancellation(ending.error()))
    return undefined
  }

  /** The driver sees every cancellation as a failure with its CancelledError. */
  arrived(exit: Exit.Exit<never>): Exit.Exit<never> {
    if (exit._tag === "Success") return exit
    const error = cancellationOf(exit.cause)
    if (error === undefined) return exit
    return Cause.hasInterrupts(exit.cause) ? this.cancelled(error) : (failureOf(error) as Exit.Exit<never>)
  }

  cancelled(error: CancelledError): Exit.Exit<never> {
    this.noteDelivered(error)
    return failureOf(error) as Exit.Exit<never>
  }

  noteDelivered(delivered: CancelledError | undefined): void {
    if (delivered === undefined) return
    const outermost = outermostOf(this)
    if (outermost.isRoot) return
    const request = requestOf(delivered)
    const known = outermost.#delivered
    if (known === undefined) outermost.#delivered = request
    else if (known instanceof WeakSet) known.add(request)
    else if (known !== request) outermost.#delivered = new WeakSet([known, request])
  }

  /** Whether `ended` tells of a request that was delivered to a hosted coroutine. */
  wasDelivered(ended: CancelledError): boolean {
    const request = requestOf(ended)
    return this.#delivered instanceof WeakSet ? this.#delivered.has(request) : this.#delivered === request
  }

  run<B, E2>(effect: Effect.Effect<B, E2>, resume: Resumption<B, E2 | CancelledError>): void {
    const scope = this.#scopeFor(resume)
    if (scope === undefined) return
    const inside = this.#withStores(resume)
    if (isScoped(effect)) effect[beginOn](scope, inside)
    else scope.#runIn(new FiberScope(this.task, scope), effect, inside)
  }

  #runIn<B, E2>(fiberScope: FiberScope, effect: Effect.Effect<B, E2>, resume: Resume): void {
    const entered = Effect.withFiber((fiber) => {
      fiberScope.moveTo(fiber)
      return unlessDeep(this.loop, effect)
    })
    const fiber = beginPart(this.loop, this.context(), entered)
    const finish = (exit: Exit.Exit<B, E2>) => {
      const scope = fiberScope.outer!
      fiberScope.moveTo(undefined)
      resumeWith(resume, scope.arrived(exit as Exit.Exit<never>))
    }
    const exit = fiber.pollUnsafe()
    if (exit !== undefined) return finish(exit)
    // An async function in the Effect goes on in the same step: its first await ends that.
    if (fiberScope.inner === undefined) this.task.stepEnds()
    fiber.addObserver(finish)
    // A request that is still due has met no await of ours: the fiber is interrupted, if a foreign effect has it.
    if (this.pendingCancellation() !== undefined) fiberScope.deliverSoon()
  }

  context(): Context.Context<never> {
    return (this.entered ??= outermostOf(this).entered ??= this.task.makeContext())
  }

  end(exit: Exit.Exit<unknown, unknown>): void {
    if (this.isRoot) (this.task as CallbackTask).ended(exit)
    else this.#onEnd?.(exit)
    this.close(exit._tag === "Failure")
  }

  // ---- what is in flight -----------------------------------------------------------------------------------------

  addWait(wait: Wait): void {
    this.addPart(wait)
    this.task.waitBegins(wait.future)
  }

  removeWait(wait: Wait): void {
    if (this.removePart(wait)) this.task.waitEnds()
  }

  addPart(part: Part): void {
    if (this.#parts === undefined) this.#parts = part
    else if (this.#parts instanceof Set) this.#parts.add(part)
    else this.#parts = new Set([this.#parts, part])
  }

  /** Says whether `part` was in flight here. */
  removePart(part: Part): boolean {
    if (this.#parts instanceof Set) return this.#parts.delete(part)
    if (this.#parts !== part) return false
    this.#parts = undefined
    return true
  }

  /** What is in flight, as it is now: awaits, then Effects, then child scopes, of each the oldest first. */
  parts(): ReadonlyArray<Part> {
    if (this.#parts instanceof Set) return Array.from(this.#parts).sort((a, b) => rankOf(a) - rankOf(b))
    return this.#parts === undefined ? [] : [this.#parts]
  }

  inFlight(): boolean {
    return this.#parts instanceof Set ? this.#parts.size > 0 : this.#parts !== undefined
  }

  /** The scope, and the callback scopes in it at any depth. */
  *#withNested(): Generator<CallbackScope> {
    const scopes: Array<CallbackScope> = [this]
    for (const scope of scopes) {
      yield scope
      for (const part of scope.parts()) {
        const inner = innerOf(part)
        if (inner !== undefined) scopes.push(inner)
      }
    }
  }

  /** The awaits of the scope, and of those further in, the oldest first. */
  *waits(): Generator<Wait> {
    for (const scope of this.#withNested()) {
      for (const part of scope.parts()) {
        const wait = part instanceof FiberScope ? part.wait : part
        if (wait instanceof Wait) yield wait
      }
    }
  }

  isWaiting(): boolean {
    for (const scope of this.#withNested()) if (scope.parts().some((part) => innerOf(part) === undefined)) return true
    return false
  }

  isShielding(): boolean {
    for (const scope of this.#withNested()) if (scope !== this && scope.isShielded === true) return true
    return false
  }

  // ---- cancellation ----------------------------------------------------------------------------------------------

  // Every await in flight has to end cancelled. Where one was woken already the answer is false: the scope keeps the request, and the
  // step of the woken await, which comes first in the queue, delivers it. Else only the loser of a race might get it, which is dropped.
  passOn(error: CancelledError): Asked | Scope {
    const parts = this.#parts
    if (parts === undefined || (parts instanceof Set && parts.size === 0)) return false
    if (parts instanceof Wait) return parts.future !== undefined && parts
    return parts instanceof Set ? this.#passOnToAll(error) : parts
  }

  /** Asks a copy of the parts: a future that is cancelled can begin or end awaits of the scope. */
  *#passOnToAll(error: CancelledError): Asking {
    let all = true
    // The answer of each future: two awaits of one task ask it once. A child scope counts its requests itself.
    const answers = new Map<FutureImpl, boolean>()
    for (const part of this.parts()) {
      const asked = part instanceof Wait ? part : passOn(part, error)
      const answer = yield* askOnce(part instanceof CallbackScope ? new Map() : answers, asked, error)
      if (answer !== true) all = false
    }
    return all
  }

  /** Tells the drivers of this scope and of the scopes further in. It goes through copies: a driver may open or end scopes. */
  cancelRequested(error: CancelledError, passedOn: boolean): void {
    const scopes: Array<CallbackScope> = [this]
    for (let scope = scopes.pop(); scope !== undefined; scope = scopes.pop()) {
      if (scope !== this && scope.isShielded === true) continue
      scope.driver.cancelRequested(error, passedOn)
      // Most scopes wait for one thing.
      if (scope.#parts instanceof Wait) continue
      for (const part of scope.parts().toReversed()) {
        const inner = part instanceof FiberScope ? part.innerToTell : part
        if (inner instanceof CallbackScope) scopes.push(inner)
      }
    }
  }

  pendingCancellation(): CancelledError | undefined {
    return dueIn(this.current)
  }

  takeCancellation(): CancelledError | undefined {
    const { current } = this
    const error = takeDueIn(current)
    current.noteDelivered(error)
    return error
  }

  keepCancellation(error: CancelledError): void {
    keepDue(this.current, error)
  }

  forgetDue(): void {
    for (const scope of this.#withNested()) {
      takeDue(scope)
      for (const part of scope.parts()) if (part instanceof FiberScope) takeDue(part)
    }
  }

  /** {@link askAgain} by a driver; a child scope is cancelled at once. */
  deliverAgain(error: CancelledError): void {
    if (this.isRoot) askAgain(this, error)
    else if (requestsOn(this) > 0) cancelOnly(this, error)
  }

  /** No code waits for the scope's end any more: every await that its own code begins from now on is cancelled. */
  giveUp(error: CancelledError): void {
    this.due = error
    this.isGivenUp = true
    this.task.scopesKeep = true
    cancelOnly(this, error)
  }

  // ---- child scopes ---------------------------------------------------------------------------------------------------

  openScope(driver: Driver, make: MakeScope = makeScope): ChildScope {
    const { current } = this
    const child = make(this.task, driver, current, current.entered)
    current.addPart(child)
    return child
  }

  /** The scope that the code of this one goes on in: this one, or where it is over, the next around it that is not. */
  get current(): CallbackScope {
    return isOver(this) ? around(this) : this
  }

  leave(failed = false): void {
    const outer = this.outer as CallbackScope
    outer.removePart(this)
    handOverDue(takeDue(this), outer)
    this.close(failed)
  }

  // ---- when it is over ---------------------------------------------------------------------------------------------

  protected close(failed: boolean): void {
    close(this, failed)
  }

  cancelInFlight(): void {
    cancelInFlight(this)
  }

  // ---- the target of a timeout or a task group --------------------------------------------------------------------

  get loop(): TaskImpl["loop"] {
    return this.task.loop
  }

  cancel(error: CancelledError): void {
    request(this, error)
  }

  uncancel(): number {
    return withdraw(this)
  }

  askAgain(error: CancelledError): void {
    askAgain(this, error)
  }

  cancelling(): number {
    return requestsOn(this)
  }
}

/** Makes a scope that has another one around it. */
export type MakeScope = (...scope: ConstructorParameters<typeof CallbackScope>) => CallbackScope

export const makeScope: MakeScope = (task, driver, outer, context, onEnd) =>
  new CallbackScope(task, driver, outer, context, onEnd)

/** The scope of the coroutine that `scope` is a part of. */
const outermostOf = (scope: CallbackScope): CallbackScope => {
  let outermost = scope
  for (let { outer } = scope; outer instanceof CallbackScope; outer = outer.outer) outermost = outer
  return outermost
}

/** The callback scope that is a part, or does the work of one. */
const innerOf = (part: Part): CallbackScope | undefined =>
  part instanceof CallbackScope ? part : part instanceof FiberScope ? part.inner : undefined

const rankOf = (part: Part): number => (part instanceof Wait ? 0 : part instanceof FiberScope ? 1 : 2)

/** Goes on with a request that was passed on, unless the future of the wait was asked already. */
function* askOnce(answers: Map<FutureImpl, boolean>, asked: Asked, error: CancelledError): Asking {
  if (!(asked instanceof Wait)) return typeof asked === "boolean" ? asked : yield asked
  const { future } = asked
  if (future === undefined) return false
  const known = answers.get(future)
  if (known === true) asked.forwarded = error
  const answer = known ?? ask(asked, error)
  const taken = (typeof answer === "boolean" ? answer : yield answer) === true
  answers.set(future, taken)
  return taken
}
