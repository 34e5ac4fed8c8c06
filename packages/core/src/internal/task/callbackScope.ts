/**
 * A scope of a task that is driven from outside, such as an async function; see scope.ts. Any number of its awaits may be in
 * flight.
 *
 *     open ──end / leave──▶ over
 *
 * What is in flight when a scope is over ends cancelled, and what its code begins afterwards is of the scope around; see
 * aftermath.ts.
 *
 * A *root* is all of a task's coroutine. A *child scope* is a part of another scope that can be cancelled by itself, by a timeout
 * or a task group; so is the scope that a fiber scope hosts, because the fiber that hosts it can be interrupted.
 */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { Coroutine, ChildScope, CoroutineControl, Resumption } from "../model/Coroutine.ts"
import { type CancelledError, failureOf } from "../model/CancelledError.ts"
import type { Future } from "../model/Future.ts"
import { captureAsyncContext, runInAsyncContext } from "../host/asyncContext.ts"
import { asFailure, cancellationOf } from "./cancellation.ts"
import type { Asking } from "./cancelWalk.ts"
import type { CallbackTask } from "./callbackTask.ts"
import type { FutureImpl } from "./future.ts"
import { ending, type Over, over, overAndToBeTold, told } from "./ending.ts"
import {
  askAgain,
  type Asked,
  cancelOnly,
  dueIn,
  keepDue,
  passOn,
  request,
  requestsOn,
  type Scope,
  takeDue,
  takeDueIn,
  takeOver,
  withdraw
} from "./scope.ts"
import { isDeep, nested } from "../host/nesting.ts"
import { nextTurnOn } from "./nextTurn.ts"
import { Parts } from "./parts.ts"
import type { CancelTarget } from "./cancelTarget.ts"
import { FiberScope } from "./fiberScope.ts"
import type { TaskImpl } from "./task.ts"
import { beginOn, isScoped } from "./scopedEffect.ts"
import { beginYieldOf, cancelledTurn, type Resume, resumeWith, Wait } from "./wait.ts"
import { type CancelRequest, ownCancellation, requestOf } from "./request.ts"

/** What a scope tells the one who drives it. */
export type Driver = Pick<Coroutine<unknown, unknown>, "cancelRequested" | "carriesStores">

export class CallbackScope
  extends Parts
  implements Scope, CoroutineControl<unknown, unknown>, ChildScope, CancelTarget
{
  readonly task: TaskImpl
  readonly #driver: Driver
  /** The scope around a child scope, the fiber scope that hosts a scope; undefined for a root, and for an aftermath. */
  outer: Scope | undefined
  readonly #onEnd: ((exit: Exit.Exit<unknown, unknown>) => void) | undefined
  #context: Context.Context<never> | undefined
  due: CancelledError | undefined = undefined
  isGivenUp = false
  requests = 0
  /** The last request that went to several parts, or to a part further in, at once, as long as it is not withdrawn. */
  askedOfAll: CancelledError | undefined = undefined
  // The cancellations that arrived here as the scope's own: one as a rule, several where awaits in flight took different
  // requests. If the scope ends with one of them, it ends cancelled itself.
  #delivered: CancelRequest | WeakSet<CancelRequest> | undefined = undefined
  // Set when the scope is over.
  #over: Over | undefined = undefined

  protected constructor(
    task: TaskImpl,
    driver: Driver,
    outer: Scope | undefined,
    context: Context.Context<never> | undefined,
    onEnd: ((exit: Exit.Exit<unknown, unknown>) => void) | undefined
  ) {
    super()
    this.task = task
    this.#driver = driver
    this.outer = outer
    this.#context = context
    this.#onEnd = onEnd
  }

  get isRoot(): boolean {
    return this.outer === undefined
  }

  declare readonly isShielded?: boolean

  get #parent(): CallbackScope | undefined {
    return this.outer instanceof CallbackScope ? this.outer : undefined
  }

  /** All of a task's coroutine. */
  static root(task: CallbackTask, driver: Driver): CallbackScope {
    return new CallbackScope(task, driver, undefined, undefined, undefined)
  }

  /** What `scope` suspends for. `context` is its fiber's, with the services that were provided around it. */
  static within(
    scope: FiberScope,
    driver: Driver,
    context: Context.Context<never>,
    onEnd: (exit: Exit.Exit<unknown, unknown>) => void
  ): CallbackScope {
    return new CallbackScope(scope.task, driver, scope, context, onEnd)
  }

  // ---- awaiting --------------------------------------------------------------------------------------------------

  await<B, E2>(future: Future<B, E2>, resume: Resumption<B, E2 | CancelledError>): void {
    const scope = this.#scopeFor(resume)
    if (scope !== undefined) this.task.beginWait(scope, future as unknown as FutureImpl, this.#withStores(resume))
  }

  nextTurn(resume: Resumption<void, CancelledError>): void {
    const scope = this.#scopeFor(resume)
    if (scope !== undefined) beginYieldOf(scope, this.#withStores(resume))
  }

  /** `resume` for a later step, with the stores that the code sees now unless the driver carries them. */
  #withStores(resume: Resumption<never, never>): Resume {
    if (this.#driver.carriesStores === true) return resume
    const stores = captureAsyncContext()
    const inside = (exit: Exit.Exit<never>) => resumeWith(resume, exit)
    return (exit) => runInAsyncContext(stores, inside, exit)
  }

  /** Where an await that begins now belongs. Undefined where it ends at once, and `resume` is told on the next turn. */
  #scopeFor(resume: Resumption<never, never>): CallbackScope | undefined {
    if (this.#over === undefined || this.#over === told) return this
    const toBeTold = this.#over === overAndToBeTold
    if (toBeTold) this.#over = over
    const around = this.#around()
    if (!toBeTold) return around
    around.addWait(cancelledTurn(around, this.#withStores(resume), ending.error()))
    return undefined
  }

  /** Whoever drives the scope sees every cancellation as a failure with its CancelledError. */
  arrived(exit: Exit.Exit<never>): Exit.Exit<never> {
    if (exit._tag === "Success") return exit
    if (Cause.hasInterrupts(exit.cause)) this.noteDelivered(cancellationOf(exit.cause))
    return asFailure(exit) as Exit.Exit<never>
  }

  cancelled(error: CancelledError): Exit.Exit<never> {
    this.noteDelivered(error)
    return failureOf(error) as Exit.Exit<never>
  }

  noteDelivered(delivered: CancelledError | undefined): void {
    if (delivered === undefined) return
    const request = requestOf(delivered)
    // Whoever is around one that knows it does as well.
    let next = this.#learn(request) ? this.#parent : undefined
    while (next !== undefined && next.#learn(request)) next = next.#parent
  }

  #learn(request: CancelRequest): boolean {
    const known = this.#delivered
    if (known === request) return false
    if (known === undefined) this.#delivered = request
    else if (!(known instanceof WeakSet)) this.#delivered = new WeakSet([known, request])
    else if (known.has(request)) return false
    else known.add(request)
    return true
  }

  #wasDelivered(ended: CancelledError): boolean {
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
      return isDeep()
        ? Effect.andThen(
            nextTurnOn(() => this.loop),
            effect
          )
        : effect
    })
    const begin = Effect.runForkWith(this.context())
    const fiber = nested(() => this.loop.lineage.asPart(() => begin(entered)))
    const finish = (exit: Exit.Exit<B, E2>) => {
      const scope = fiberScope.outer!
      fiberScope.moveTo(undefined)
      resumeWith(resume, scope.arrived(exit as Exit.Exit<never>))
    }
    const exit = fiber.pollUnsafe()
    if (exit !== undefined) return finish(exit)
    this.#noteSuspension()
    fiber.addObserver(finish)
    // Asked before the effect began, and in a foreign effect by now: no await of ours will deliver it.
    if (this.pendingCancellation() !== undefined) fiberScope.deliverSoon()
  }

  context(): Context.Context<never> {
    if (this.#context !== undefined) return this.#context
    const ignorant: Array<CallbackScope> = [this]
    let context: Context.Context<never> | undefined
    for (let scope = this.#parent; scope !== undefined; scope = scope.#parent) {
      context = scope.#context
      if (context !== undefined) break
      ignorant.push(scope)
    }
    context ??= this.task.makeContext()
    for (const scope of ignorant) scope.#context = context
    return context
  }

  /** What {@link context} gave, if it was asked. */
  get entered(): Context.Context<never> | undefined {
    return this.#context
  }

  end(exit: Exit.Exit<unknown, unknown>): void {
    const error = exit._tag === "Failure" ? cancellationOf(exit.cause) : undefined
    const ended = error !== undefined && this.#wasDelivered(error) ? ownCancellation(error) : exit
    if (this.isRoot) (this.task as CallbackTask).ended(ended)
    else this.#onEnd?.(ended)
    this.#close(exit._tag === "Failure")
  }

  // ---- what is in flight -----------------------------------------------------------------------------------------

  override addWait(wait: Wait): void {
    this.task.waitBegins()
    this.#noteSuspension()
    super.addWait(wait)
  }

  /** A step of the task is over; if it was started eagerly, perhaps the first. */
  #noteSuspension(): void {
    const { task } = this
    const { starting, stepEnd } = task.loop
    stepEnd?.ends(task)
    if (starting?.delete(task) === true) task.rejoin()
  }

  override removeWait(wait: Wait): boolean {
    const removed = super.removeWait(wait)
    if (removed) this.task.waitEnds()
    return removed
  }

  // ---- cancellation ----------------------------------------------------------------------------------------------

  // Every await in flight has to end cancelled. One that was woken already does not take the request any more: then it is
  // kept, and the woken one, which comes first in the queue, delivers it. Otherwise it would be lost where only an
  // await that nobody looks at, the loser of a race, was left to take it.
  passOn(error: CancelledError): Asked | Scope {
    const only = this.onlyPart()
    if (only instanceof Wait) return only.future !== undefined && only
    if (only === undefined && !this.inFlight()) return false
    this.askedOfAll = error
    return only ?? this.#passOnToAll(error)
  }

  /** Of copies: a future that is cancelled can begin or end awaits of ours. */
  *#passOnToAll(error: CancelledError): Asking {
    let all = true
    // Two awaits of one task are one request.
    const answers = new Map<FutureImpl, boolean>()
    const { children, fiberScopes, waits } = this.parts()
    for (const wait of waits) if ((yield* askOnce(answers, wait, error)) !== true) all = false
    for (const scope of fiberScopes) if ((yield* askOnce(answers, passOn(scope, error), error)) !== true) all = false
    for (const child of children) if ((yield* askOnce(new Map(), passOn(child, error), error)) !== true) all = false
    return all
  }

  /** Tells the driver of a request, and those of the scopes further in: of copies, as a driver may begin or end some. */
  cancelRequested(error: CancelledError, passedOn: boolean): void {
    const scopes: Array<CallbackScope> = [this]
    for (let scope = scopes.pop(); scope !== undefined; scope = scopes.pop()) {
      if (scope !== this && scope.isShielded === true) continue
      scope.#driver.cancelRequested(error, passedOn)
      const only = scope.onlyPart()
      if (only instanceof CallbackScope) scopes.push(only)
      else if (only instanceof FiberScope) scopes.push(...only.innerToTell)
      else if (only === undefined && scope.hasInner) {
        const { children, fiberScopes } = scope.parts()
        scopes.push(...[...fiberScopes.flatMap(({ innerToTell }) => innerToTell), ...children].toReversed())
      }
    }
  }

  pendingCancellation(): CancelledError | undefined {
    return this.#isOver ? this.#around().pendingCancellation() : dueIn(this)
  }

  takeCancellation(): CancelledError | undefined {
    if (this.#isOver) return this.#around().takeCancellation()
    const error = takeDueIn(this)
    this.noteDelivered(error)
    return error
  }

  keepCancellation(error: CancelledError): void {
    if (this.#isOver) this.#around().keepCancellation(error)
    else keepDue(this, error)
  }

  forgetDue(): void {
    for (const scope of this.withNested()) {
      takeDue(scope)
      scope.askedOfAll = undefined
      for (const fiberScope of scope.parts().fiberScopes) takeDue(fiberScope)
    }
  }

  deliverAgain(error: CancelledError): void {
    if (requestsOn(this) === 0) return
    if (this.isRoot) askAgain(this, error)
    else cancelOnly(this, error)
  }

  /** Nobody waits for the scope's end any more: whatever its code does from now on is cancelled. */
  giveUp(error: CancelledError): void {
    this.due = error
    this.isGivenUp = true
    this.task.scopesKeep = true
    cancelOnly(this, error)
  }

  // ---- child scopes ---------------------------------------------------------------------------------------------------

  openScope(driver: Driver): ChildScope {
    const { current } = this
    const child = new CallbackScope(this.task, driver, current, undefined, undefined)
    current.childBegins(child)
    return child
  }

  /** The scope that its code goes on in: this one, or where this one is over, the next around it that is not. */
  get current(): CallbackScope {
    return this.#isOver ? this.#around() : this
  }

  leave(failed = false): void {
    const parent = this.#parent
    parent?.childEnds(this)
    if (parent !== undefined) takeOver(parent, takeDue(this))
    this.#close(failed)
  }

  // ---- when it is over ---------------------------------------------------------------------------------------------

  #close(failed: boolean): void {
    if (this.#isOver) return
    const busy = this.inFlight()
    const wasTold = this.#over === told
    this.#over = failed && !busy && !wasTold ? overAndToBeTold : over
    if (!busy) return
    if (wasTold) return ending.handOver(this, this.#around())
    const error = ending.cancelParts(this, () => this.#around())
    if (failed) this.#driver.cancelRequested(error, true)
  }

  get #isOver(): boolean {
    return this.#over !== undefined && this.#over !== told
  }

  /** The scope that code goes on in whose own scope is over. */
  #around(): CallbackScope {
    const { outer } = this
    const around = outer instanceof FiberScope ? outer.outer : (outer as CallbackScope | undefined)
    if (around !== undefined) return around.#isOver ? around.#around() : around
    if (this.#over instanceof CallbackScope) return this.#over
    const aftermath = ending.aftermathOf(this)
    this.#over = aftermath
    return aftermath
  }

  cancelInFlight(): void {
    if (this.#isOver || !this.inFlight()) return
    this.#over = told
    this.#driver.cancelRequested(ending.cancelParts(this, undefined), true)
  }

  /** It goes on as a child scope of `scope`: the one that it was a child scope of is over. */
  moveOut(scope: CallbackScope): void {
    this.#parent!.childEnds(this)
    this.outer = scope
    scope.childBegins(this)
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

/** Goes on with a request that was passed on, unless what a wait is for was asked already. */
function* askOnce(answers: Map<FutureImpl, boolean>, asked: Asked, error: CancelledError): Asking {
  if (!(asked instanceof Wait)) return typeof asked === "boolean" ? asked : yield asked
  const { future } = asked
  if (future === undefined) return false
  const known = answers.get(future)
  if (known === true) asked.forwarded = error
  const answer = known ?? asked.ask(error)
  const taken = (typeof answer === "boolean" ? answer : yield answer) === true
  answers.set(future, taken)
  return taken
}
