/**
 * How a fiber of a task suspends for an await of ours.
 *
 * `Effect.callback` is made for any callback: it guards against a second call, and makes five closures for each
 * suspension. An await of ours is a {@link Wait}, which has all of that by itself, and is what a task holds most of. So a
 * fiber scope suspends with the fiber's own methods, the ones that `Effect.callback` uses. Effect's types do not promise them:
 * they are tried out once, and where they are missing or do otherwise, every await goes through `Effect.callback`.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { AnyFiber } from "../model/AnyFiber.ts"
import { fastPaths } from "../host/fastPaths.ts"
import { type FiberInside, insideOf, makeFiber, runFiber } from "./fiberInside.ts"
import type { FiberScope } from "./fiberScope.ts"
import { abandonOwnWait } from "./fiberWait.ts"

/** A fiber of a task, which finds out by itself that it is interrupted in an await, and may keep its stores itself. */
interface TaskFiber {
  readonly scope?: FiberScope
  adoptStores?(): void
}

/** What a fiber in an await of ours calls when it goes on. Nothing: a Wait knows by itself whether it is over. */
export const parked = (): void => {}

/** The primitive that has an interrupted fiber cancel what it awaits; the same for every await of ours. */
let finalizer: unknown
let usable: boolean | undefined

/** Whether the fibers of this version of Effect can be suspended directly. */
export const canSuspend = (): boolean => (usable ??= fastPaths && tryOut())

const tryOut = (): boolean => {
  try {
    const model = Effect.runFork(Effect.callback<void>(() => abandonOwnWait))
    const { _stack: stack } = insideOf(model)
    finalizer = stack[stack.length - 1]
    model.interruptUnsafe()
    const sample = Effect.withFiber<unknown>(suspend)
    const resumed = Effect.runFork(sample)
    const suspended = resumed.pollUnsafe() === undefined
    runFiber(resumed, Exit.succeed(1))
    const interrupted = makeFiber(model.context)
    runFiber(interrupted, sample)
    interrupted.interruptUnsafe()
    const [first, second] = [resumed.pollUnsafe(), interrupted.pollUnsafe()]
    return suspended && first?._tag === "Success" && first.value === 1 && second?._tag === "Failure"
  } catch {
    return false
  }
}

/**
 * Suspends the fiber, which runs a fiber scope whose wait has begun, until the wait resumes the fiber scope. If it is interrupted
 * before, it abandons the wait. Only if {@link canSuspend}.
 */
export const suspend = (fiber: AnyFiber): Effect.Effect<never> => {
  const suspending = fiber as unknown as FiberInside & TaskFiber
  if (suspending.scope === undefined || suspending._deferredInterrupt) interruptedInWait(suspending)
  return suspending.yieldWith(parked)
}

/** Has a fiber abandon its wait that is about to be interrupted in it, or may be without our notice. */
export const interruptedInWait = (fiber: FiberInside): void => void fiber._stack.push(finalizer)

/** The wait is over for which {@link suspend} suspended the fiber: there is nothing left to abandon. */
export const endSuspension = (fiber: AnyFiber): void => {
  const stack = insideOf(fiber)._stack
  if (stack.length > 0 && stack[stack.length - 1] === finalizer) stack.pop()
}

/** Goes on with a fiber that was suspended by {@link suspend}, whose wait is over. */
export const resumeFiber = (fiber: AnyFiber, next: Effect.Effect<unknown, unknown>): void => {
  endSuspension(fiber)
  insideOf(fiber).evaluate(next)
}

/**
 * Has a suspended fiber go on with the AsyncLocalStorage stores of the code that resumes it, which did a part of its work, and
 * not with those it suspended with.
 */
export const adoptStores = (fiber: AnyFiber): void => {
  const suspended = fiber as unknown as FiberInside & TaskFiber
  suspended._asyncContext?.emitDestroy?.()
  suspended._asyncContext = undefined
  suspended.adoptStores?.()
}
