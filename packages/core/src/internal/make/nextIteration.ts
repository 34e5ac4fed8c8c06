import type * as Effect from "effect/Effect"
import { nextIterationOn } from "../task/nextIteration.ts"
import { loopOf } from "./loops.ts"

/** Suspends until the next iteration of the fiber's loop. */
export const nextIteration: Effect.Effect<void> = /*#__PURE__*/ nextIterationOn(loopOf)
