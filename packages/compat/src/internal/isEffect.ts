import * as Effect from "effect/Effect"

/** `Effect.isEffect`, made faster because each task calls it: V8 caches the lookup of an `in` that always looks for the same name. */
export const isEffect = (value: unknown): value is Effect.Effect<unknown, unknown, unknown> =>
  (typeof value === "function" || (typeof value === "object" && value !== null)) && Effect.TypeId in value
