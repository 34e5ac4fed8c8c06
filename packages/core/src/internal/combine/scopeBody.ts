/**
 * The body of a timeout.
 */
import type * as Effect from "effect/Effect"
import type { Timeout, TimeoutBody } from "../model/Timeout.ts"
import { checkBody } from "../model/arguments.ts"
import { effectOf } from "../model/bodies.ts"

/** The function that makes the body; throws if `body` is none. */
export const runnerOf = <A, E, R>(
  operation: string,
  body: TimeoutBody<A, E, R>
): ((timeout: Timeout) => Effect.Effect<A, E, R>) => {
  checkBody(body, operation)
  return typeof body === "function" ? (timeout) => effectOf(body(timeout), operation) : () => body
}
