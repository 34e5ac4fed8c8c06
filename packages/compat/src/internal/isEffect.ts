import * as Effect from "effect/Effect"

/** `Effect.isEffect`, for every task: V8 remembers what it has found only at a place where one kind of name is looked for. */
export const isEffect = (value: unknown): value is Effect.Effect<unknown, unknown, unknown> =>
  (typeof value === "function" || (typeof value === "object" && value !== null)) && Effect.TypeId in value
