/**
 * What a kind of Effect of ours says of itself, so that a task can do it without a fiber: a lock that is free is taken, and
 * one that is not is waited for as a future is.
 */
import type * as Effect from "effect/Effect"
import type { AnyFiber } from "../model/AnyFiber.ts"
import type { Scope } from "./scope.ts"
import type { Resume } from "./wait.ts"

/** The method of such an Effect. A symbol of this copy of the package, which knows the scopes of no other. */
export const beginOn: unique symbol = /*#__PURE__*/ Symbol("@effect-asyncio/core/beginOn")

interface ScopedEffect {
  /** Does it as an await of `scope`, and tells `resume` how it ended: at once where there is nothing to wait for. */
  [beginOn](scope: Scope, resume: Resume): void
}

/** Whether an Effect can be an await of its own. */
export const isScoped = (effect: Effect.Effect<unknown, unknown>): effect is Effect.Effect<never> & ScopedEffect =>
  (effect as Partial<ScopedEffect>)[beginOn] !== undefined

/** What goes on in the very step in which the wait of a fiber for such an Effect ends, so that nothing comes between. */
export interface Hold {
  /** The fiber holds the lock from here on. Gives what the fiber does next. */
  begin(fiber: AnyFiber): Effect.Effect<unknown, unknown>
}
