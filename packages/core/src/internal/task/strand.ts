/**
 * A line of a task that is a fiber, and the regions that it is in; see line.ts and region.ts.
 */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { CancelledError } from "../model/CancelledError.ts"
import type { Hold } from "../sync/attempt.ts"
import { annotationsOf, hide, isInterruptible, ownCancellation } from "./cancellation.ts"
import type { Asked } from "./cancelWalk.ts"
import type { Driven } from "./driven.ts"
import type { FiberTask } from "./fiberTask.ts"
import { type Line, pendingIn, takeOver } from "./line.ts"
import type { Runnable } from "../data/readyQueue.ts"
import { endSuspension, resumeFiber } from "./suspend.ts"
import type { TaskImpl } from "./task.ts"
import type { Wait } from "./wait.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** The cancellations that timeouts and task groups have asked for and not taken back, with the {@link Strand.place} of each. */
export const scopeOf = new WeakMap<CancelledError, object>()

const none: ReadonlyArray<CancelledError> = []

// The strands that are parts of driven lines, by their innermost fibers. A task's own strand is found through the task.
const nested = new WeakMap<AnyFiber, Strand>()

/** The strand that is a part of a driven line, and whose innermost fiber this is. */
export const nestedStrandOf = (fiber: AnyFiber): Strand | undefined => nested.get(fiber)

type RegionEnd = (exit: Exit.Exit<unknown, unknown>) => void

/** A region that is a frame on the strand's fiber, and what is around it. */
export interface RegionInPlace {
  around: RegionInPlace | undefined
}

export class Strand implements Line {
  readonly task: TaskImpl
  /**
   * The innermost fiber: the one the strand began with, or that of the region it is in. Its awaits are the task's own, and
   * a native interrupt hits only this one. Undefined before the first step, and after the last.
   */
  fiber: AnyFiber | undefined = undefined
  /** The driven line that does the strand's work while it is suspended. A cancellation is for that one. */
  hosted: Driven | undefined = undefined
  /** The await in flight. Undefined while running, and while a foreign effect has the fiber. */
  wait: Wait | undefined = undefined
  // The innermost region, where that is a frame on the fiber.
  #inPlace: RegionInPlace | undefined = undefined
  // The cancellations that went to the innermost region as native interrupts.
  #interruptions = none
  /** The line it is a part of, which finds it by its fiber; undefined for a task's own strand. */
  outer: Driven | undefined
  requests = 0
  /** The context that the fiber of a task's own strand began in, once somebody has asked for it. */
  entered: Context.Context<never> | undefined = undefined
  /** Whether somebody is told when the fiber ends. Until then only our own awaits suspend it, and resume it. */
  watched: boolean
  // A cancellation of this strand only, for its next step. One that is kept, here or for the task, while the fiber goes on
  // by itself has a Delivery on its way: in a foreign effect there is no step of ours that would take it.
  #mustCancel: CancelledError | undefined = undefined

  constructor(task: TaskImpl, outer: Driven | undefined) {
    this.task = task
    this.outer = outer
    // Who runs an Effect as a part of a driven line waits for its end.
    this.watched = outer !== undefined
  }

  get isAllOfTask(): boolean {
    return this.outer === undefined
  }

  enteredContext(): Context.Context<never> {
    return (this.entered ??= this.task.makeContext())
  }

  addWait(wait: Wait): void {
    this.wait = wait
    if (this.outer === undefined) return
    this.task.waitBegins()
    this.task.loop.stepEnd?.ends(this.task)
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

  /** {@link resume} with what `hold` begins. */
  resumeHolding(hold: Hold): void {
    endSuspension(this.fiber!)
    this.resume(hold.begin(this.fiber!))
  }

  /** Whether the fiber waits for something that resumes this strand. */
  suspendedByUs(): boolean {
    return this.wait !== undefined && this.wait.receiver === undefined
  }

  /** The fiber may go on without a step of the loop. */
  watch(fiber: AnyFiber): void {
    if (!this.watched) (this.task as FiberTask).watch(fiber)
  }

  // ---- cancellation ----------------------------------------------------------------------------------------------

  /**
   * Passes a cancellation on to whatever the strand waits for. False when it must be kept for the next step. `batch` is
   * shared by the strands of a task that are asked at the same time.
   */
  passOn(error: CancelledError, batch?: Batch): Asked {
    const { task } = this
    // A scope's request is about to replace one from outside, and may be dropped: that one has to be on its way then.
    if (task.mustCancel !== undefined && scopeOf.has(error)) this.#protects(task.mustCancel)
    if (this.hosted !== undefined) return this.#protects(error) || this.hosted.passOn(error)
    const wait = this.wait
    if (wait !== undefined) {
      if (wait.future === undefined) return false
      return this.#protects(error) || wait
    }
    this.deliverSoon(batch)
    return false
  }

  /**
   * Running, or in a foreign effect. Which of the two, and whether it stays so, shows on the next turn. Requests that meet
   * before it are delivered as one, as in CPython: the last.
   */
  deliverSoon(batch?: Batch): void {
    if (this.fiber === undefined) return
    const underWay = deliveries.get(this)
    if (underWay !== undefined) {
      if (batch === undefined) return
      hide(underWay.batch?.error, batch.error)
      underWay.batch = batch
      return
    }
    const delivery = new Delivery(this, batch)
    deliveries.set(this, delivery)
    this.task.loop.enqueue(delivery)
  }

  /** Nobody waits any more for a line around: behind a handler, too, everything it goes on with is cancelled. */
  #deliverRest(): void {
    if (this.pendingCancellation() !== undefined) this.deliverSoon()
  }

  /** The line it hosted is over: what that one has not delivered is for whatever the fiber goes on with. */
  endHosted(): void {
    const line = this.hosted!
    this.hosted = undefined
    takeOver(this, line.takeDue())
    this.#deliverRest()
  }

  takeCancellation(): CancelledError | undefined {
    const { task } = this
    // Each step asks, and hardly ever is there any.
    if (task.mustCancel === undefined && !task.linesKeep) return undefined
    const error = this.#take()
    if (error !== undefined) this.#deliverRest()
    return error !== undefined && this.#protects(error) ? undefined : error
  }

  #take(): CancelledError | undefined {
    const own = this.#mustCancel
    this.#mustCancel = undefined
    return (this.outer ?? this.task).takeCancellation() ?? own
  }

  get kept(): CancelledError | undefined {
    return this.#mustCancel
  }

  get keptFirst(): boolean {
    return false
  }

  pendingCancellation(): CancelledError | undefined {
    return pendingIn(this)
  }

  forget(): void {
    this.#mustCancel = undefined
  }

  forgetAll(): void {
    this.#mustCancel = undefined
    this.hosted?.forgetAll()
  }

  keepCancellation(error: CancelledError): void {
    if (this.outer !== undefined && this.requests === 0) this.outer.keepCancellation(error)
    else {
      hide(this.pendingCancellation(), error)
      if (this.outer === undefined) this.task.mustCancel = error
      else {
        this.#mustCancel = error
        this.task.linesKeep = true
      }
    }
    // What has refused it ends in a step of ours, which takes it.
    if (this.wait === undefined) this.deliverSoon()
  }

  /** The hosted line, whose driver is told of requests. Not in an uninterruptible region: there they are for the end of that. */
  get hostedToTell(): Driven | undefined {
    return this.fiber === undefined || isInterruptible(this.fiber) ? this.hosted : undefined
  }

  cancelRequested(error: CancelledError, passedOn: boolean): void {
    this.hostedToTell?.cancelRequested(error, passedOn)
  }

  /** In an uninterruptible region a cancellation waits for its end: Effect delivers it there. */
  #protects(error: CancelledError): boolean {
    if (this.fiber === undefined || isInterruptible(this.fiber)) return false
    this.#leaveTo(this.fiber, error)
    return true
  }

  /** What the running code is in: the innermost region, or else the fiber that the strand began with. */
  get place(): object {
    return this.#inPlace ?? this.fiber!
  }

  /**
   * Has Effect deliver a cancellation when `fiber` leaves its uninterruptible region. Not one that a scope in this very
   * place asked for: the scope takes it back at its end, and the mark on the fiber would stay.
   */
  #leaveTo(fiber: AnyFiber, error: CancelledError): void {
    if (scopeOf.get(error) !== this.place) this.#interrupt(fiber, error)
  }

  #interrupt(fiber: AnyFiber, error: CancelledError): void {
    this.#interruptions = [...this.#interruptions, error]
    fiber.interruptUnsafe(undefined, annotationsOf(error))
  }

  /** Interrupts the fiber if a foreign effect has it; an await of our own delivers the cancellation itself. */
  deliver(batch: Batch | undefined): void {
    if (this.fiber === undefined || this.wait !== undefined || this.hosted !== undefined) return
    const error = this.#take() ?? (batch?.live === true ? batch.error : undefined)
    if (error !== undefined) this.#interrupt(this.fiber, error)
  }

  /**
   * Makes `inner` the innermost fiber. The returned function ends that, given how `inner` ended: inside an uninterruptible
   * region of `outer` it may end without having delivered the interrupts it got, which are then `outer`'s to deliver.
   */
  enterRegion(outer: AnyFiber, inner: AnyFiber): RegionEnd {
    this.watch(outer)
    const before = this.#interruptions
    const inPlace = this.#inPlace
    this.#interruptions = none
    this.#inPlace = undefined
    this.moveTo(inner)
    return (exit) => {
      const errors = this.#interruptions
      this.#interruptions = before
      this.#inPlace = inPlace
      this.moveTo(outer)
      this.#deliverRest()
      const delivered = exit._tag === "Failure" && Cause.hasInterrupts(exit.cause)
      if (delivered || isInterruptible(outer)) return
      for (const error of errors) this.#leaveTo(outer, error)
    }
  }

  /** Makes `region`, a frame on the fiber, the innermost one. None of our interruptions is on the fiber. */
  enterInPlace(region: RegionInPlace): void {
    region.around = this.#inPlace
    this.#inPlace = region
  }

  /** Ends {@link enterInPlace}. Gives the cancellations that went to `region` as native interrupts, which end with it. */
  leaveInPlace(region: RegionInPlace): ReadonlyArray<CancelledError> {
    const errors = this.#interruptions
    this.#inPlace = region.around
    this.#interruptions = none
    this.#deliverRest()
    return errors
  }

  /** It goes on as a part of `line`: the one that it was a part of is over. */
  moveOut(line: Driven): void {
    this.outer?.strandEnds(this)
    this.outer = line
    line.strandBegins(this)
  }

  /** Makes `fiber` the innermost one; undefined when the strand is over. */
  moveTo(fiber: AnyFiber | undefined): void {
    const { outer } = this
    if (outer !== undefined) {
      if (this.fiber === undefined) outer.strandBegins(this)
      else nested.delete(this.fiber)
      if (fiber === undefined) outer.strandEnds(this)
      else nested.set(fiber, this)
    }
    this.fiber = fiber
  }
}

/** One request that went to several places at once: each delivers it, unless it was withdrawn meanwhile. */
export interface Batch {
  readonly error: CancelledError
  live: boolean
}

class Delivery implements Runnable {
  readonly #strand: Strand
  batch: Batch | undefined

  constructor(strand: Strand, batch: Batch | undefined) {
    this.#strand = strand
    this.batch = batch
  }

  run(): void {
    deliveries.delete(this.#strand)
    this.#strand.deliver(this.batch)
  }
}

// The deliveries on their way: one for a strand. Not a field, which every task would pay for.
const deliveries = new WeakMap<Strand, Delivery>()
