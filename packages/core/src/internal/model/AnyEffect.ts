import type * as Effect from "effect/Effect"

/** An Effect, whatever it gives, fails with and needs. */
export type AnyEffect = Effect.Effect<unknown, unknown, unknown>
