import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { scopeOf } from "./current.ts"
import { beginWait } from "./fiberWait.ts"
import { canSuspend, suspend } from "./suspend.ts"
import type { TaskLoop } from "./taskLoop.ts"
import { beginYieldOf } from "./wait.ts"

/** Suspends until the next iteration of the loop that `loopOf` finds. */
export const nextIterationOn = (loopOf: (fiber: Fiber.Fiber<unknown, unknown>) => TaskLoop): Effect.Effect<void> => {
  const ofPlainFiber = Effect.callback<void>((resume) => beginWait(loopOf(Fiber.getCurrent()!), undefined, resume))
  return Effect.withFiber((fiber): Effect.Effect<void> => {
    const scope = scopeOf(fiber)
    if (scope === undefined || !canSuspend()) return ofPlainFiber
    beginYieldOf(scope)
    return suspend(fiber)
  })
}
