/**
 * How a fiber waits: an await that it begins, and what an interrupt makes of it.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { fiberInterrupted } from "./cancellation.ts"
import { cannotAwaitIn } from "./cannotAwait.ts"
import { currentTaskOf, scopeOf, taskOf } from "./current.ts"
import type { FutureImpl } from "./future.ts"
import { PlainWait } from "./plainWait.ts"
import type { TaskImpl } from "./task.ts"
import type { TaskLoop } from "./taskLoop.ts"
import { beginWaitOf, beginYieldOf, forgetCancellation, type Outcome, type Wait } from "./wait.ts"

/**
 * Suspends the running fiber until `future` is done; where none is given, until the next iteration of `loop`. Registered with
 * `Effect.callback`; the returned finalizer runs when the fiber is interrupted natively, and then does what a cancelled await does:
 * cancel what is awaited, and wait for it.
 */
export const beginWait = (
  loop: TaskLoop,
  future: FutureImpl | undefined,
  resume: (exit: Outcome) => void
): Effect.Effect<void> => {
  const fiber = Fiber.getCurrent()!
  const scope = scopeOf(fiber)
  if (scope !== undefined) {
    if (future === undefined) beginYieldOf(scope, resume)
    else beginWaitOf(scope, future, resume)
    return abandonOwnWait
  }
  const error = future && cannotAwaitIn(fiber, future)
  if (error !== undefined) {
    resume(Exit.die(error))
    return Effect.void
  }
  const wait = new PlainWait(loop, future, resume)
  if (future === undefined) loop.enqueue(wait)
  else future.addEntry(wait)
  return Effect.withFiber((fiber) => abandon(wait, fiber))
}

/** Ends a wait of `fiber`, which was interrupted: cancels what the fiber waited for, and waits for its end. */
const abandon = (wait: Wait, fiber: Fiber.Fiber<unknown, unknown>): Effect.Effect<void> => {
  wait.scope?.removeWait(wait)
  const { future } = wait
  if (future === undefined) {
    wait.dead = true
    wait.abandoned()
    return Effect.void
  }
  future.removeEntry(wait)
  future.cancelWith(fiberInterrupted(currentTaskOf(future.loop)))
  wait.abandoned()
  if (future.done()) return Effect.void
  const task = wait.task ?? taskOf(fiber)
  if (task === undefined) return untilDone(future)
  // The future waits for the task that waits for it: then the task ends first.
  if (waitsFor(future, task)) return Effect.sync(() => forgetCancellation(future))
  let abandoned = abandonedBy.get(task)
  if (abandoned === undefined) abandonedBy.set(task, (abandoned = new Set()))
  abandoned.add(future)
  return Effect.map(untilDone(future), () => void abandoned.delete(future))
}

// What interrupted fibers of a task, its own or branches of Effect.all in it, have cancelled and wait for.
const abandonedBy = new WeakMap<FutureImpl, Set<FutureImpl>>()

/** Whether `future` cannot end before `task` does, as far as can be known. */
const waitsFor = (future: FutureImpl, task: TaskImpl): boolean => {
  const seen = new Set([future])
  for (const at of seen) {
    if (at === task) return true
    for (const next of at.awaiting()) seen.add(next)
    for (const next of abandonedBy.get(at) ?? []) seen.add(next)
  }
  return false
}

// One effect for all tasks: an await that ends normally, by far the most common case, then allocates nothing for it.
export const abandonOwnWait: Effect.Effect<void> = Effect.withFiber((fiber) => {
  const scope = scopeOf(fiber)
  if (scope?.wait === undefined) return Effect.void
  scope.watch(fiber)
  return abandon(scope.wait, fiber)
})

/** Waits until `future` is done, whatever its outcome. No error is retrieved. Only for uninterruptible places. */
export const untilDone = (future: FutureImpl): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    forgetCancellation(future, () => resume(Effect.void))
  })
