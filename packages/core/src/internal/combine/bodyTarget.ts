/**
 * The target of a timeout or a task group whose body is an Effect, and how it runs that body.
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { AnyFiber } from "../model/AnyFiber.ts"
import type { CancelledError } from "../model/CancelledError.ts"
import type { TaskLoop } from "../task/taskLoop.ts"
import { loopOf } from "../make/loops.ts"
import { boundary, BoundaryFrame, canBeFrame } from "../task/boundary.ts"
import type { FiberScope } from "../task/fiberScope.ts"
import { askAgain, type CancelTarget, request, withdraw } from "../task/cancelTarget.ts"
import { requestsOn } from "../task/requestCounts.ts"
import { inOwnFiber } from "../task/ownFiber.ts"
import type { TaskImpl } from "../task/task.ts"
import type { Restore } from "../task/untilNotCancelled.ts"
import { checkedScopeOf, knowing } from "../task/current.ts"
import { annotationsOf, requestOf } from "../task/request.ts"

/** What ends with its body: a timeout, a task group. */
export interface BodyEnd {
  /** Ends it, given how the body ended, and says with what. Inside an uninterruptible mask, of which `restore` is. */
  endInside(restore: Restore, exit: Exit.Exit<unknown, unknown>): Effect.Effect<unknown, unknown>
}

/** The target of a timeout or a group whose body is an Effect. */
export interface BodyTarget extends CancelTarget {
  /**
   * Runs the body for the fiber that the target was made for, on that fiber or on an own fiber, so that `cancel` reaches the
   * body and nothing around it. After the body it runs `end`, also when the fiber was interrupted natively from outside.
   */
  run(body: () => Effect.Effect<unknown, unknown>, end: BodyEnd): Effect.Effect<unknown, unknown>
}

/** The target of a timeout or a group that `fiber`, which is running, enters now. */
export const cancelTargetOf = (fiber: AnyFiber): BodyTarget => {
  const scope = checkedScopeOf(fiber)
  return scope === undefined ? new FiberTarget(fiber) : new ScopeTarget(scope, fiber)
}

/** Runs a body, and its end, in words of Effect. */
const masked = (inside: Effect.Effect<unknown, unknown>, end: BodyEnd): Effect.Effect<unknown, unknown> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.exit(restore(inside)), (exit) => end.endInside(restore, exit))
  )

class ScopeTarget extends BoundaryFrame implements BodyTarget {
  readonly #fiber: AnyFiber
  readonly #place: object
  #end: BodyEnd | undefined = undefined

  constructor(scope: FiberScope, fiber: AnyFiber) {
    super(scope)
    this.#fiber = fiber
    this.#place = scope.place
  }

  get task(): TaskImpl {
    return this.scope.task
  }

  get loop(): TaskLoop {
    return this.task.loop
  }

  cancel(error: CancelledError): void {
    requestOf(error).place = this.#place
    request(this.scope, error)
  }

  uncancel(error: CancelledError): number {
    requestOf(error).place = undefined
    return withdraw(this.scope)
  }

  askAgain(error: CancelledError): void {
    askAgain(this.scope, error)
  }

  cancelling(): number {
    return requestsOn(this.scope)
  }

  pendingCancellation(): CancelledError | undefined {
    return this.scope.pendingCancellation()
  }

  run(body: () => Effect.Effect<unknown, unknown>, end: BodyEnd): Effect.Effect<unknown, unknown> {
    const fiber = this.#fiber
    if (!canBeFrame(fiber)) return masked(boundary(Effect.suspend(body)), end)
    this.#end = end
    this.enter(fiber)
    return knowing(this.scope, fiber, body())
  }

  protected override over(exit: Exit.Exit<unknown, unknown>): Effect.Effect<unknown, unknown> {
    return this.#end!.endInside(Effect.interruptible, exit)
  }
}

class FiberTarget implements BodyTarget {
  readonly loop: TaskLoop
  readonly task = undefined
  // The fiber of the body, while it runs.
  #inner: AnyFiber | undefined = undefined
  #requests = 0

  constructor(outer: AnyFiber) {
    this.loop = loopOf(outer)
  }

  // On the next iteration, as a task is interrupted: the code that cancels goes on first.
  cancel(error: CancelledError): void {
    this.#requests++
    this.loop.enqueue({ run: () => this.#inner?.interruptUnsafe(undefined, annotationsOf(error)) })
  }

  uncancel(): number {
    return --this.#requests
  }

  loopClosed(): void {
    this.#inner?.interruptUnsafe()
  }

  // A plain fiber is cancelled from outside by a native interrupt, which nothing hides.
  askAgain(): void {}

  cancelling(): number {
    return this.#requests
  }

  pendingCancellation(): undefined {
    return undefined
  }

  run(body: () => Effect.Effect<unknown, unknown>, end: BodyEnd): Effect.Effect<unknown, unknown> {
    const inside = Effect.withFiber((outer) =>
      inOwnFiber(this.loop, outer, Effect.suspend(body), (inner) => {
        this.#inner = inner
        return () => void (this.#inner = undefined)
      })
    )
    return masked(inside, end)
  }
}
