/**
 * Lines of execution inside a task.
 *
 * A task's coroutine waits in one place at a time if it is an Effect, and in any number of places if it is an async function.
 * Each such place belongs to a line: a *strand*, which is a fiber and the fibers of its regions, or a *driven* line
 * (driven.ts), whose awaits are begun from outside. Lines nest: a driven line runs Effects in strands of its own, and a strand
 * can suspend while a driven line does its work.
 *
 *     Effect task ── strand ── (toEffect) driven ── (runEffect) strand ── …
 *     async task ─── driven ──┬─ strand
 *                             └─ branch, of a timeout or a task group
 */
import * as Cause from "effect/Cause"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { CancelledError } from "../errors.ts"
import { annotationsOf, isInterruptible } from "./cancellation.ts"
import type { Driven } from "./driven.ts"
import { resumeFiber } from "./suspend.ts"
import type { Runnable } from "./readyQueue.ts"
import type { TaskImpl } from "./task.ts"
import type { Wait } from "./wait.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** Where the awaits of a task belong. */
export interface Line {
  readonly task: TaskImpl
  addWait(wait: Wait): void
  removeWait(wait: Wait): void
  /** Takes the cancellation that the step which begins has to deliver, if one is due here. */
  takeCancellation(): CancelledError | undefined
  /** Takes note of how an await ended, and says how whoever waited is to see it. */
  arrived(exit: Exit.Exit<never>): Exit.Exit<never>
  /** Keeps a cancellation that what the line waits for has refused, for its next step. */
  keepCancellation(error: CancelledError): void
}

/** The cancellations that timeouts and task groups have asked for and not taken back, with the fiber each is in. */
export const scopeOf = new WeakMap<CancelledError, AnyFiber>()

/** How a strand passes a cancellation on to what it awaits: done or refused, or a task that the caller has to ask. */
export type PassOn = (wait: Wait, error: CancelledError) => boolean | TaskImpl

const none: ReadonlyArray<CancelledError> = []

type RegionEnd = (exit: Exit.Exit<unknown, unknown>) => void

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
  // The cancellations that went to the innermost fiber as native interrupts.
  #interruptions = none
  // The line it is a part of, which finds it by its fiber; undefined for a task's own strand.
  readonly #parent: Driven | undefined

  constructor(task: TaskImpl, parent: Driven | undefined) {
    this.task = task
    this.#parent = parent
  }

  addWait(wait: Wait): void {
    this.wait = wait
  }

  removeWait(): void {
    this.wait = undefined
  }

  arrived(exit: Exit.Exit<never>): Exit.Exit<never> {
    return exit
  }

  /** Goes on with the fiber, which was suspended for a wait without a receiver. */
  resume(exit: Exit.Exit<never>): void {
    resumeFiber(this.fiber!, exit)
  }

  /** The strand whose innermost fiber this is: itself, or one further in. */
  strandOf(fiber: AnyFiber): Strand | undefined {
    return this.fiber === fiber ? this : this.hosted?.strandOf(fiber)
  }

  // ---- cancellation ----------------------------------------------------------------------------------------------

  /**
   * Passes a cancellation on to whatever the strand waits for. False when it must be kept for the next step. `batch` is
   * shared by the strands of a task that are asked at the same time.
   */
  passOn(error: CancelledError, passOnWait: PassOn, batch?: Batch): boolean | TaskImpl {
    const { task } = this
    // A scope's request is about to replace one from outside, and may be dropped: that one has to be on its way then.
    if (task.mustCancel !== undefined && scopeOf.has(error)) this.#protects(task.mustCancel)
    if (this.hosted !== undefined) return this.#protects(error) || this.hosted.passOn(error)
    const wait = this.wait
    if (wait !== undefined) {
      if (wait.future === undefined) return false
      return this.#protects(error) || passOnWait(wait, error)
    }
    if (task.mustCancel === undefined) this.deliverSoon(batch)
    return false
  }

  /** Running, or in a foreign effect. Which of the two, and whether it stays so, shows on the next turn. */
  deliverSoon(batch: Batch = { delivered: undefined }): void {
    if (this.fiber !== undefined) this.task.loop.enqueue(new Delivery(this, batch))
  }

  takeCancellation(): CancelledError | undefined {
    const error = (this.#parent ?? this.task).takeCancellation()
    return error !== undefined && this.#protects(error) ? undefined : error
  }

  keepCancellation(error: CancelledError): void {
    if (this.#parent === undefined) this.task.mustCancel = error
    else this.#parent.keepCancellation(error)
  }

  /** In an uninterruptible region a cancellation waits for its end: Effect delivers it there. */
  #protects(error: CancelledError): boolean {
    if (this.fiber === undefined || isInterruptible(this.fiber)) return false
    this.#leaveTo(this.fiber, error)
    return true
  }

  /**
   * Has Effect deliver a cancellation when `fiber` leaves its uninterruptible region. Not one that a scope of that very
   * fiber asked for: the scope takes it back at its end, and the mark on the fiber would stay.
   */
  #leaveTo(fiber: AnyFiber, error: CancelledError): void {
    if (scopeOf.get(error) !== fiber) this.#interrupt(fiber, error)
  }

  #interrupt(fiber: AnyFiber, error: CancelledError): void {
    this.#interruptions = [...this.#interruptions, error]
    fiber.interruptUnsafe(undefined, annotationsOf(error))
  }

  /** Interrupts the fiber if a foreign effect has it; an await of our own delivers the cancellation itself. */
  deliver(batch: Batch): void {
    if (this.fiber === undefined || this.wait !== undefined || this.hosted !== undefined) return
    const error = (this.#parent ?? this.task).takeCancellation() ?? batch.delivered
    if (error === undefined) return
    batch.delivered = error
    this.#interrupt(this.fiber, error)
  }

  /**
   * Makes `inner` the innermost fiber. The returned function ends that, given how `inner` ended: inside an uninterruptible
   * region of `outer` it may end without having delivered the interrupts it got, which are then `outer`'s to deliver.
   */
  enterRegion(outer: AnyFiber, inner: AnyFiber): RegionEnd {
    const before = this.#interruptions
    this.#interruptions = none
    this.moveTo(inner)
    return (exit) => {
      const errors = this.#interruptions
      this.#interruptions = before
      this.moveTo(outer)
      const delivered = exit._tag === "Failure" && Cause.hasInterrupts(exit.cause)
      if (delivered || isInterruptible(outer)) return
      for (const error of errors) this.#leaveTo(outer, error)
    }
  }

  /** Makes `fiber` the innermost one; undefined when the strand is over. */
  moveTo(fiber: AnyFiber | undefined): void {
    this.#parent?.strandMoved(this, this.fiber, fiber)
    this.fiber = fiber
  }
}

/** One request, and whether a strand has taken it for all that were asked with it. */
export interface Batch {
  delivered: CancelledError | undefined
}

class Delivery implements Runnable {
  readonly #strand: Strand
  readonly #batch: Batch

  constructor(strand: Strand, batch: Batch) {
    this.#strand = strand
    this.#batch = batch
  }

  run(): void {
    this.#strand.deliver(this.#batch)
  }
}
