/**
 * How a fiber of a task begins, and how it suspends for an await of ours.
 *
 * `Effect.callback` is made for any callback: it guards against a second call, and makes five closures for each
 * suspension. An await of ours is a {@link Wait}, which has all of that by itself, and is what a task holds most of. So a
 * strand suspends with the fiber's own methods, the ones that `Effect.callback` uses. Effect's types do not promise them:
 * they are tried out once, and where they are missing or do otherwise, every await goes through `Effect.callback`.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { fastPaths } from "./fastPaths.ts"
import { abandonOwnWait } from "./wait.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** What `Effect.callback` does with a fiber. */
interface Suspendable {
  readonly _stack: Array<unknown>
  /** The stores of the host that it suspended with, which it goes on with. */
  _asyncContext?: { emitDestroy?(): void } | undefined
  yieldWith(onResumed: () => void): Effect.Effect<never>
  evaluate(effect: Effect.Effect<unknown, unknown>): void
}

// A Wait knows by itself whether it is over.
const nothing = (): void => {}

/** The constructor of fibers. */
let FiberImpl: (new (context: Context.Context<never>, interruptible: boolean) => AnyFiber) | undefined
/** The primitive that has an interrupted fiber cancel what it awaits; the same for every await of ours. */
let finalizer: unknown
let triedOut = false
let usable = false

/** Whether the fibers of this version of Effect can be suspended directly. */
export const canSuspend = (): boolean => {
  if (!triedOut) {
    triedOut = true
    usable = fastPaths && tryOut()
  }
  return usable
}

const tryOut = (): boolean => {
  try {
    const model = Effect.runFork(Effect.callback<void>(() => abandonOwnWait))
    const { _stack: stack } = model as unknown as Suspendable
    finalizer = stack[stack.length - 1]
    model.interruptUnsafe()
    const sample = Effect.withFiber<unknown>(suspend)
    const resumed = Effect.runFork(sample)
    const suspended = resumed.pollUnsafe() === undefined
    ;(resumed as unknown as Suspendable).evaluate(Exit.succeed(1))
    FiberImpl = model.constructor as NonNullable<typeof FiberImpl>
    const interrupted = makeFiber(model.context)
    runFiber(interrupted, sample)
    interrupted.interruptUnsafe()
    const [first, second] = [resumed.pollUnsafe(), interrupted.pollUnsafe()]
    return suspended && first?._tag === "Success" && first.value === 1 && second?._tag === "Failure"
  } catch {
    return false
  }
}

/** Makes a fiber that has not begun. Only if {@link canSuspend}. */
export const makeFiber = (context: Context.Context<never>): AnyFiber => new FiberImpl!(context, true)

/** Runs a fiber of {@link makeFiber} until it first suspends. */
export const runFiber = (fiber: AnyFiber, effect: Effect.Effect<unknown, unknown>): void =>
  (fiber as unknown as Suspendable).evaluate(effect)

/**
 * Suspends the fiber, which runs a strand whose wait has begun, until the wait resumes the strand. If it is interrupted
 * before, it abandons the wait. Only if {@link canSuspend}.
 */
export const suspend = (fiber: AnyFiber): Effect.Effect<never> => {
  const suspendable = fiber as unknown as Suspendable
  suspendable._stack.push(finalizer)
  return suspendable.yieldWith(nothing)
}

/** Goes on with a fiber that was suspended by {@link suspend}, whose wait is over: nothing is left to abandon. */
export const resumeFiber = (fiber: AnyFiber, exit: Exit.Exit<never>): void => {
  const suspended = fiber as unknown as Suspendable
  const stack = suspended._stack
  if (stack[stack.length - 1] === finalizer) stack.pop()
  suspended.evaluate(exit)
}

/**
 * Has a suspended fiber go on with the AsyncLocalStorage stores of the code that resumes it, which did a part of its work, and
 * not with those it suspended with.
 */
export const adoptStores = (fiber: AnyFiber): void => {
  const suspended = fiber as unknown as Suspendable
  suspended._asyncContext?.emitDestroy?.()
  suspended._asyncContext = undefined
}
