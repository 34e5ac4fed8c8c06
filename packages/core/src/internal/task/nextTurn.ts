import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { loopOf } from "../make/loops.ts"
import { canSuspend, suspend } from "./suspend.ts"
import { beginYield, beginYieldOf, scopeOf } from "./wait.ts"

const turnOfPlainFiber: Effect.Effect<void> = /*#__PURE__*/ Effect.callback<void>((resume) =>
  beginYield(loopOf(Fiber.getCurrent()!), resume)
)

/** Suspends until the loop's next turn. */
export const nextTurn: Effect.Effect<void> = /*#__PURE__*/ Effect.withFiber((fiber): Effect.Effect<void> => {
  const scope = scopeOf(fiber)
  if (scope === undefined || !canSuspend()) return turnOfPlainFiber
  beginYieldOf(scope)
  return suspend(fiber)
})
