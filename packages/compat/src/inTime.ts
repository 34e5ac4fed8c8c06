/**
 * Waits with a time limit, which give false when the time is up.
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import { moveOn } from "./moveOn.ts"
import { inScope } from "./internal/scopes.ts"
import { withoutUnhandledRejection } from "./internal/unhandled.ts"

/**
 * How long to wait.
 *
 * @category models
 * @since 0.1.0
 */
export interface InTimeOptions {
  /** After how long the waiting is given up; a bare number is milliseconds. Without it there is no limit. */
  readonly timeout?: Duration.Input | undefined
}

/** Waits for `effect` of core. With options, it gives whether that has ended before the time was up. */
export const inTime = (
  operation: string,
  options: InTimeOptions | undefined,
  effect: Effect.Effect<true>
): Promise<boolean> => {
  const wait = () => inScope(operation, (scope) => scope.run(effect))
  return options === undefined ? wait() : withoutUnhandledRejection(limited(operation, options, wait))
}

const limited = async (operation: string, options: InTimeOptions, wait: () => Promise<true>): Promise<boolean> => {
  lowlevel.checkOptions(options, operation, "{ timeout: 1000 }")
  return (await moveOn(options.timeout, wait)).value ?? false
}
