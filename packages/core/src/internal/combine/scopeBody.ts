/**
 * The body of a scope with a time limit.
 */
import type * as Effect from "effect/Effect"
import type { Timeout, TimeoutBody } from "../model/Timeout.ts"
import { checkBody } from "../model/arguments.ts"
import { effectOf } from "../model/bodies.ts"

/** What makes the body of a scope, if it is one. */
export const runnerOf = <A, E, R>(
  operation: string,
  body: TimeoutBody<A, E, R>
): ((timeout: Timeout) => Effect.Effect<A, E, R>) => {
  checkBody(body, operation)
  return typeof body === "function" ? (timeout) => effectOf(body(timeout), operation) : () => body
}
