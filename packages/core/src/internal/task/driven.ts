/**
 * A line of a task that is driven from outside, such as an async function; see line.ts. Any number of its awaits may be in
 * flight.
 *
 *     open ──end / leave──▶ over
 *
 * What is in flight when a line is over ends cancelled, and what its code begins afterwards is of the line around; see
 * aftermath.ts.
 *
 * A *root* is all of a task's coroutine. A *branch* is a part of another line that can be cancelled by itself, by a timeout
 * or a task group; so is the line that a strand hosts, because the fiber that hosts it can be interrupted.
 */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { Coroutine, CoroutineBranch, CoroutineControl, Resumption } from "../model/Coroutine.ts"
import { type CancelledError, failureOf, requestOf } from "../model/CancelledError.ts"
import type { Future } from "../model/Future.ts"
import { captureAsyncContext, runInAsyncContext } from "../host/asyncContext.ts"
import { asFailure, cancellationOf, hide, ownCancellation } from "./cancellation.ts"
import { type Asked, askFor, type Asking, askOnce } from "./cancelWalk.ts"
import type { CoroutineTask } from "./coroutineTask.ts"
import type { FutureImpl } from "./future.ts"
import { ending, type Over, over, overAndToBeTold, told } from "./ending.ts"
import {
  askAgain,
  cancelForScope,
  cancelOnly,
  covers,
  forgetIn,
  type Line,
  pendingIn,
  requestsOn,
  takeOver,
  uncancelForScope
} from "./line.ts"
import { isDeep, nested } from "../host/nesting.ts"
import { nextTurn } from "./nextTurn.ts"
import type { ScopeOwner } from "./region.ts"
import { type Batch, Strand } from "./strand.ts"
import type { TaskImpl } from "./task.ts"
import { Attempt } from "../sync/attempt.ts"
import { beginYieldOf, cancelledTurn, type Resume, resumeWith, Wait } from "./wait.ts"

/** What a line tells the one who drives it. */
type Driver = Pick<Coroutine<unknown, unknown>, "cancelRequested" | "carriesStores">

export class Driven implements Line, CoroutineControl<unknown, unknown>, CoroutineBranch, ScopeOwner {
  readonly task: TaskImpl
  readonly #driver: Driver
  /** The line around a branch, the strand that hosts a line; undefined for a root, and for an aftermath. */
  outer: Line | undefined
  readonly #onHostedEnd: ((exit: Exit.Exit<unknown, unknown>) => void) | undefined
  #context: Context.Context<never> | undefined
  /** A branch's own cancellation for its next step. A root's is the task's. */
  protected due: CancelledError | undefined = undefined
  requests = 0
  // The last cancellation that went to several places at once.
  #batch: Batch | undefined = undefined
  // The cancellations that arrived here as the line's own: one as a rule, several where awaits in flight took different
  // requests. If the line ends with one of them, it ends cancelled itself.
  #delivered: CancelledError | WeakSet<CancelledError> | undefined = undefined
  // Nobody waits for the end any more: every await from now on is cancelled.
  #abandoned: CancelledError | undefined = undefined
  // One await, several, or none: most steps wait for one thing.
  #waits: Wait | Set<Wait> | undefined = undefined
  // The Effects that run as a part of it.
  #strands: Set<Strand> | undefined = undefined
  #branches: Set<Driven> | undefined = undefined
  // Set when the line is over.
  #over: Over | undefined = undefined

  protected constructor(
    task: TaskImpl,
    driver: Driver,
    outer: Line | undefined,
    context: Context.Context<never> | undefined,
    onHostedEnd: ((exit: Exit.Exit<unknown, unknown>) => void) | undefined
  ) {
    this.task = task
    this.#driver = driver
    this.outer = outer
    this.#context = context
    this.#onHostedEnd = onHostedEnd
  }

  get isAllOfTask(): boolean {
    return this.outer === undefined
  }

  get #parent(): Driven | undefined {
    return this.outer instanceof Driven ? this.outer : undefined
  }

  /** The line, and those that it is a branch in. */
  *#outwards(): Generator<Driven> {
    yield this
    for (let line = this.#parent; line !== undefined; line = line.#parent) yield line
  }

  /** All of a task's coroutine. */
  static root(task: CoroutineTask, driver: Driver): Driven {
    return new Driven(task, driver, undefined, undefined, undefined)
  }

  /** What `strand` suspends for. `context` is its fiber's, with the services that were provided around it. */
  static hosted(
    strand: Strand,
    driver: Driver,
    context: Context.Context<never>,
    onEnd: (exit: Exit.Exit<unknown, unknown>) => void
  ): Driven {
    return new Driven(strand.task, driver, strand, context, onEnd)
  }

  // ---- awaiting --------------------------------------------------------------------------------------------------

  await<B, E2>(future: Future<B, E2>, resume: Resumption<B, E2 | CancelledError>): void {
    const line = this.#lineFor(resume)
    if (line !== undefined) this.task.beginWait(line, future as unknown as FutureImpl, this.#withStores(resume))
  }

  nextTurn(resume: Resumption<void, CancelledError>): void {
    const line = this.#lineFor(resume)
    if (line !== undefined) beginYieldOf(line, this.#withStores(resume))
  }

  /** `resume` for a later step, with the stores that the code sees now unless the driver carries them. */
  #withStores(resume: Resumption<never, never>): Resume {
    if (this.#driver.carriesStores === true) return resume
    const stores = captureAsyncContext()
    const inside = (exit: Exit.Exit<never>) => resumeWith(resume, exit)
    return (exit) => runInAsyncContext(stores, inside, exit)
  }

  /** Where an await that begins now belongs. Undefined where it ends at once, and `resume` is told on the next turn. */
  #lineFor(resume: Resumption<never, never>): Driven | undefined {
    if (this.#over === undefined || this.#over === told) return this
    const toBeTold = this.#over === overAndToBeTold
    if (toBeTold) this.#over = over
    const around = this.#around()
    if (!toBeTold) return around
    around.addWait(cancelledTurn(around, this.#withStores(resume), ending.error()))
    return undefined
  }

  /** Whoever drives the line sees every cancellation as a failure with its CancelledError. */
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
    const error = requestOf(delivered)
    // Whoever is around one that knows it does as well.
    for (const line of this.#outwards()) if (!line.#learn(error)) return
  }

  #learn(error: CancelledError): boolean {
    const known = this.#delivered
    if (known === error) return false
    if (known === undefined) this.#delivered = error
    else if (!(known instanceof WeakSet)) this.#delivered = new WeakSet([known, error])
    else if (known.has(error)) return false
    else known.add(error)
    return true
  }

  #wasDelivered(ended: CancelledError): boolean {
    const error = requestOf(ended)
    return this.#delivered instanceof WeakSet ? this.#delivered.has(error) : this.#delivered === error
  }

  run<B, E2>(effect: Effect.Effect<B, E2>, resume: Resumption<B, E2 | CancelledError>): void {
    const line = this.#lineFor(resume)
    if (line === undefined) return
    const inside = this.#withStores(resume)
    if (effect instanceof Attempt) effect.beginOn(line, inside)
    else line.#runIn(new Strand(this.task, line), effect, inside)
  }

  #runIn<B, E2>(strand: Strand, effect: Effect.Effect<B, E2>, resume: Resume): void {
    const entered = Effect.withFiber((fiber) => {
      strand.moveTo(fiber)
      return isDeep() ? Effect.andThen(nextTurn, effect) : effect
    })
    const begin = Effect.runForkWith(this.context())
    const fiber = nested(() => this.loop.lineage.asPart(() => begin(entered)))
    const finish = (exit: Exit.Exit<B, E2>) => {
      const line = strand.outer!
      strand.moveTo(undefined)
      resumeWith(resume, line.arrived(exit as Exit.Exit<never>))
    }
    const exit = fiber.pollUnsafe()
    if (exit !== undefined) return finish(exit)
    this.#noteSuspension()
    fiber.addObserver(finish)
    // Asked before the effect began, and in a foreign effect by now: no await of ours will deliver it.
    if (this.pendingCancellation() !== undefined) strand.deliverSoon()
  }

  context(): Context.Context<never> {
    if (this.#context !== undefined) return this.#context
    const ignorant: Array<Driven> = []
    let context: Context.Context<never> | undefined
    for (const line of this.#outwards()) {
      context = line.#context
      if (context !== undefined) break
      ignorant.push(line)
    }
    context ??= this.task.makeContext()
    for (const line of ignorant) line.#context = context
    return context
  }

  /** What {@link context} gave, if it was asked. */
  get knownContext(): Context.Context<never> | undefined {
    return this.#context
  }

  end(exit: Exit.Exit<unknown, unknown>): void {
    const error = exit._tag === "Failure" ? cancellationOf(exit.cause) : undefined
    const ended = error !== undefined && this.#wasDelivered(error) ? ownCancellation(error) : exit
    if (this.isAllOfTask) (this.task as CoroutineTask).ended(ended)
    else this.#onHostedEnd?.(ended)
    this.#close(exit._tag === "Failure")
  }

  // ---- what is in flight -----------------------------------------------------------------------------------------

  addWait(wait: Wait): void {
    this.task.waitBegins()
    this.#noteSuspension()
    if (this.#waits === undefined) this.#waits = wait
    else if (this.#waits instanceof Set) this.#waits.add(wait)
    else this.#waits = new Set([this.#waits, wait])
  }

  /** A step of the task is over; if it was started eagerly, perhaps the first. */
  #noteSuspension(): void {
    const { task } = this
    const { starting, stepEnd } = task.loop
    stepEnd?.ends(task)
    if (starting?.delete(task) === true) task.rejoin()
  }

  removeWait(wait: Wait): void {
    if (this.#waits === wait) this.#waits = undefined
    else if (!(this.#waits instanceof Set && this.#waits.delete(wait))) return
    this.task.waitEnds()
  }

  /** The await in flight, if there is just one, and nothing else; most tasks wait so. */
  onlyWait(): Wait | undefined {
    const waits = this.#waits
    if (waits instanceof Set || (this.#strands?.size ?? 0) > 0 || (this.#branches?.size ?? 0) > 0) return undefined
    return waits
  }

  #ownWaits(): ReadonlyArray<Wait> {
    if (this.#waits === undefined) return []
    return this.#waits instanceof Set ? [...this.#waits] : [this.#waits]
  }

  strandBegins(strand: Strand): void {
    ;(this.#strands ??= new Set()).add(strand)
  }

  strandEnds(strand: Strand): void {
    this.#strands?.delete(strand)
  }

  /** The lines that this one is the nearest driven line around. */
  *#nested(): Generator<Driven> {
    if (this.#branches !== undefined) yield* this.#branches
    if (this.#strands === undefined) return
    for (const { hosted } of this.#strands) if (hosted !== undefined) yield hosted
  }

  /** What the line, and those further in, wait for, the oldest first. */
  *awaiting(): Generator<FutureImpl> {
    const lines: Array<Driven> = [this]
    for (const line of lines) {
      const ofStrands = Array.from(line.#strands ?? [], (strand) => strand.wait)
      for (const wait of [...line.#ownWaits(), ...ofStrands]) if (wait?.future !== undefined) yield wait.future
      lines.push(...line.#nested())
    }
  }

  isWaiting(): boolean {
    const lines: Array<Driven> = [this]
    for (const line of lines) {
      if (line.#ownWaits().length > 0) return true
      for (const strand of line.#strands ?? []) if (strand.hosted === undefined) return true
      lines.push(...line.#nested())
    }
    return false
  }

  // ---- cancellation ----------------------------------------------------------------------------------------------

  // Every await in flight has to end cancelled. One that was woken already does not take the request any more: then it is
  // kept, and the woken one, which comes first in the queue, delivers it. Otherwise it would be lost where only an
  // await that nobody looks at, the loser of a race, was left to take it.
  passOn(error: CancelledError): Asked {
    const wait = this.onlyWait()
    if (wait === undefined) return this.#passOn(error)
    return wait.future === undefined ? false : wait
  }

  *#passOn(error: CancelledError): Asking {
    let any = false
    let all = true
    for (const part of this.#parts(error)) {
      any = true
      const taken = typeof part === "boolean" ? part : yield part
      if (taken !== true) all = false
    }
    return any && all
  }

  /** How each part of the line is asked. Of copies: a future that is cancelled can begin or end awaits of ours. */
  *#parts(error: CancelledError): Generator<boolean | Asking> {
    // Two awaits of one task are one request.
    const answers = new Map<FutureImpl, boolean>()
    const batch: Batch = (this.#batch = { error, live: true })
    for (const wait of this.#ownWaits()) yield wait.future !== undefined && askOnce(answers, wait, error)
    for (const strand of Array.from(this.#strands ?? [])) {
      const part = strand.passOn(error, batch)
      yield part instanceof Wait ? askOnce(answers, part, error) : part
    }
    for (const branch of Array.from(this.#branches ?? [])) {
      const part = branch.passOn(error)
      yield part instanceof Wait ? askFor(part, error) : part
    }
  }

  /** Tells the driver of a request, and those of the lines further in: of copies, as a driver may begin or end some. */
  cancelRequested(error: CancelledError, passedOn: boolean): void {
    if (this.#isInnermost) return this.#driver.cancelRequested(error, passedOn)
    const lines: Array<Driven> = [this]
    for (let line = lines.pop(); line !== undefined; line = lines.pop()) {
      line.#driver.cancelRequested(error, passedOn)
      const hosted = Array.from(line.#strands ?? [], (strand) => strand.hostedToTell)
      const branches = Array.from(line.#branches ?? [])
      for (const next of [...hosted, ...branches].toReversed()) if (next !== undefined) lines.push(next)
    }
  }

  get kept(): CancelledError | undefined {
    return this.due ?? this.#abandoned
  }

  get keptFirst(): boolean {
    return true
  }

  pendingCancellation(): CancelledError | undefined {
    return this.#isOver ? this.#around().pendingCancellation() : pendingIn(this)
  }

  takeCancellation(): CancelledError | undefined {
    if (this.#isOver) return this.#around().takeCancellation()
    const error = pendingIn(this)
    forgetIn(this)
    if (error === undefined) return undefined
    if (covers(error, this.task.mustCancel)) this.task.mustCancel = undefined
    this.noteDelivered(error)
    return error
  }

  deliverAgain(error: CancelledError): void {
    if (requestsOn(this) === 0) return
    if (this.isAllOfTask) askAgain(this, error)
    else cancelOnly(this, error)
  }

  forget(): void {
    this.due = undefined
  }

  forgetAll(): void {
    this.#forgetHere()
    if (this.#isInnermost) return
    const lines: Array<Driven> = [...this.#nested()]
    for (const line of lines) {
      line.#forgetHere()
      lines.push(...line.#nested())
    }
  }

  #forgetHere(): void {
    this.due = undefined
    if (this.#batch !== undefined) this.#batch.live = false
    if (this.#strands !== undefined) for (const strand of this.#strands) strand.forget()
  }

  /** Whether nothing is further in: so are most lines that are cancelled. */
  get #isInnermost(): boolean {
    return (this.#strands?.size ?? 0) === 0 && (this.#branches?.size ?? 0) === 0
  }

  keepCancellation(error: CancelledError): void {
    if (this.#isOver) return this.#around().keepCancellation(error)
    hide(this.pendingCancellation(), error)
    if (this.isAllOfTask) return void (this.task.mustCancel = error)
    this.due = error
    this.task.linesKeep = true
  }

  /** The one who waits for the line's end is gone: whatever it does from now on is cancelled. */
  abandon(error: CancelledError): void {
    this.#abandoned = error
    this.task.linesKeep = true
    cancelOnly(this, error)
  }

  // ---- branches ---------------------------------------------------------------------------------------------------

  branch(driver: Driver): CoroutineBranch {
    if (this.#isOver) return this.#around().branch(driver)
    const branch = new Driven(this.task, driver, this, undefined, undefined)
    this.addBranch(branch)
    return branch
  }

  protected addBranch(branch: Driven): void {
    ;(this.#branches ??= new Set()).add(branch)
  }

  leave(failed = false): void {
    this.#parent?.leaveBranch(this)
    this.#close(failed)
  }

  leaveBranch(branch: Driven): void {
    this.#branches?.delete(branch)
    takeOver(this, branch.takeDue())
  }

  /** The cancellation that is due here and only here, now that the line is over. */
  takeDue(): CancelledError | undefined {
    const due = this.due
    this.due = undefined
    return due
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

  /** The line that code goes on in whose own line is over. */
  #around(): Driven {
    const { outer } = this
    const around = outer instanceof Strand ? outer.outer : (outer as Driven | undefined)
    if (around !== undefined) return around.#isOver ? around.#around() : around
    if (this.#over instanceof Driven) return this.#over
    const aftermath = ending.aftermathOf(this)
    this.#over = aftermath
    return aftermath
  }

  inFlight(): boolean {
    return this.#waits instanceof Set
      ? this.#waits.size > 0
      : this.#waits !== undefined || (this.#strands?.size ?? 0) > 0 || (this.#branches?.size ?? 0) > 0
  }

  cancelInFlight(): void {
    if (this.#isOver || !this.inFlight()) return
    this.#over = told
    this.#driver.cancelRequested(ending.cancelParts(this, undefined), true)
  }

  /** What is in flight, as it is now. */
  inFlightParts(): { waits: ReadonlyArray<Wait>; strands: ReadonlyArray<Strand>; branches: ReadonlyArray<Driven> } {
    const strands = Array.from(this.#strands ?? [])
    return { waits: this.#ownWaits(), strands, branches: Array.from(this.#branches ?? []) }
  }

  /** It goes on as a branch of `line`: the one that it was a branch of is over. */
  moveOut(line: Driven): void {
    const from = this.#parent!
    from.#branches!.delete(this)
    this.outer = line
    line.addBranch(this)
  }

  // ---- the owner of a timeout or a task group ---------------------------------------------------------------------

  get loop(): TaskImpl["loop"] {
    return this.task.loop
  }

  cancel(error: CancelledError): void {
    cancelForScope(this, error)
  }

  uncancel(): number {
    return uncancelForScope(this)
  }

  askAgain(error: CancelledError): void {
    askAgain(this, error)
  }

  cancelling(): number {
    return requestsOn(this)
  }
}
