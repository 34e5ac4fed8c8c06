import type * as Fiber from "effect/Fiber"

/** A fiber, whatever it ends with. */
export type AnyFiber = Fiber.Fiber<unknown, unknown>
