import type * as Effect from "effect/Effect"
import { nextTurnOn } from "../task/nextTurn.ts"
import { loopOf } from "./loops.ts"

/** Suspends until the next iteration of the fiber's loop. */
export const nextTurn: Effect.Effect<void> = /*#__PURE__*/ nextTurnOn(loopOf)
