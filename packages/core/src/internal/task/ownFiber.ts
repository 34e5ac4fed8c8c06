/**
 * A body on a fiber of its own, which is interrupted in place of the fiber around it; that one is suspended until the body ends.
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { AnyFiber } from "../model/AnyFiber.ts"
import type { TaskLoop } from "./taskLoop.ts"
import { type FiberScope, isInterruptible } from "./fiberScope.ts"
import { beginPart, interruptNested, unlessDeep, unwind, type Unwinding } from "./nestedParts.ts"
import { adoptStores } from "./suspend.ts"

/** Takes note of how a boundary ended. */
export type Leave = (exit: Exit.Exit<unknown, unknown>) => void

/** Runs `body` in a fiber of its own, which ends with the outer one. `enter` gets that fiber; what it returns gets how it ended. */
export const inOwnFiber = <A, E, R>(
  loop: TaskLoop,
  outer: AnyFiber,
  body: Effect.Effect<A, E, R>,
  enter: (inner: AnyFiber) => Leave,
  scope?: FiberScope
): Effect.Effect<A, E> => {
  let leave!: Leave
  const entered = Effect.withFiber((inner) => {
    leave = enter(inner)
    return unlessDeep(loop, body)
  }) as Effect.Effect<A, E>
  // The inner fiber begins where the outer one has suspended for it: an outer fiber that is interrupted during the body's first
  // synchronous part interrupts the inner one at once.
  return Effect.callback<A, E>((resume) => {
    const inner = beginPart(loop, outer.context, entered, { uninterruptible: !isInterruptible(outer) })
    const exit = inner.pollUnsafe()
    if (exit !== undefined) {
      leave(exit)
      return resume(exit)
    }
    let unwinding: Unwinding | undefined
    inner.addObserver((late) => {
      // What the body entered with `enterWith` is the task's, as what it set is in Python.
      adoptStores(outer)
      leave(late)
      unwinding = unwind(loop, scope, late, resume)
    })
    return Effect.suspend(() => {
      unwinding?.giveUp()
      return interruptNested(loop, inner)
    })
  })
}
