/**
 * Boundaries: parts of a task whose cancellation can be taken back.
 *
 * Effect's own interruption is sticky: a fiber that was interrupted stays so. A native interrupt, the way into a foreign
 * effect, must therefore end with the boundary. There are two ways to have that:
 *
 *     a frame        on the task's own fiber, which at its end takes back our interrupts of the fiber
 *     an own fiber   runs the body as the task's innermost one, and only that one is interrupted (ownFiber.ts)
 *
 * A frame is one object and costs no iteration and none of JavaScript's stack. It writes one field of Effect's, so it is
 * tried out (ownFrames.ts); where that fails, and where the code around cannot be interrupted, a fiber serves. What
 * programs see is the same, and a test compares the two.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { AnyFiber } from "../model/AnyFiber.ts"
import type { CancelledError } from "../model/CancelledError.ts"
import { withoutCancellations } from "./cancellation.ts"
import type { Boundary, FiberScope } from "./fiberScope.ts"
import { inOwnFiber } from "./ownFiber.ts"
import { insideOf } from "./fiberInside.ts"
import { canPush, OwnFrame } from "./ownFrames.ts"
import { checkedScopeOf, knowing } from "./current.ts"

/** Runs `body` as a boundary of the current task. In a plain fiber it runs as it is. */
export const boundary = <A, E, R>(body: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiber((outer) => {
    const scope = checkedScopeOf(outer)
    if (scope === undefined) return body
    const inside = knowing(scope, outer, body)
    if (!canBeFrame(outer)) return asFiber(scope, outer, inside)
    new BoundaryFrame(scope).enter(outer)
    return inside
  })

// ---- as a frame ----------------------------------------------------------------------------------------------------

/**
 * Whether a boundary of a task can be a frame on `fiber`. In an uninterruptible region `_interruptedCause` may be set from around the
 * boundary already. In an interruptible one it is not set: Effect would run no code of the fiber.
 */
export const canBeFrame = (fiber: AnyFiber): boolean => canPush() && insideOf(fiber).interruptible

export class BoundaryFrame extends OwnFrame implements Boundary {
  around: Boundary | undefined = undefined
  interruptions: Array<CancelledError> | undefined = undefined
  protected readonly scope: FiberScope
  // The children that the fiber had before: they do not end with the boundary.
  #childrenAround: ReadonlySet<AnyFiber> | undefined = undefined

  constructor(scope: FiberScope) {
    super()
    this.scope = scope
  }

  enter(fiber: AnyFiber): void {
    const children = insideOf(fiber)._children
    if (children !== undefined && children.size > 0) this.#childrenAround = new Set(children)
    this.scope.enterBoundary(this)
    this.push(fiber)
  }

  protected override ended(fiber: AnyFiber, exit: Exit.Exit<unknown, unknown>): Effect.Effect<unknown, unknown> {
    const children = this.#childrenInside(fiber)
    if (children === undefined) return this.over(this.#leave(fiber, exit))
    return Effect.flatMap(Fiber.interruptAll(children), () => this.over(this.#leave(fiber, exit)))
  }

  /** What the fiber does after the boundary, in the same frame; given how the boundary ended. */
  protected over(exit: Exit.Exit<unknown, unknown>): Effect.Effect<unknown, unknown> {
    return exit
  }

  /** The fibers that were forked inside, which end with the boundary as with their fiber. */
  #childrenInside(fiber: AnyFiber): ReadonlyArray<AnyFiber> | undefined {
    const children = insideOf(fiber)._children
    if (children === undefined || children.size === 0) return undefined
    const inside = [...children].filter((child) => this.#childrenAround?.has(child) !== true)
    return inside.length === 0 ? undefined : inside
  }

  /** Takes back our interrupts of the fiber, and says how the boundary ended. */
  #leave(fiber: AnyFiber, exit: Exit.Exit<unknown, unknown>): Exit.Exit<unknown, unknown> {
    this.scope.leaveBoundary(this)
    const interior = insideOf(fiber)
    const interrupted = interior._interruptedCause
    if (interrupted === undefined) return exit
    const others = withoutCancellations(interrupted, this.interruptions ?? [])
    interior._interruptedCause = others
    // The fiber was also interrupted natively: then it does not matter how the body has ended.
    if (others !== undefined) return Exit.failCause(others)
    // Only our interrupts: one that the exit does not tell of arrived while the children were waited for.
    return Exit.isSuccess(exit) || !Cause.hasInterrupts(exit.cause) ? Exit.failCause(interrupted) : exit
  }
}

// ---- on a fiber of its own ----------------------------------------------------------------------------------------

const asFiber = <A, E, R>(scope: FiberScope, outer: AnyFiber, body: Effect.Effect<A, E, R>): Effect.Effect<A, E> =>
  inOwnFiber(scope.task.loop, outer, body, (inner) => scope.enterOwnFiber(outer, inner), scope)
