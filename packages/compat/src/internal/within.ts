/**
 * Bodies with a time limit, for `timeout`, `timeoutAt` and `moveOn`.
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Duration from "effect/Duration"
import * as Exit from "effect/Exit"
import type { PromiseScope } from "./promiseScope.ts"
import { checkTimeoutOptions, LateBody, type TimeoutOptions } from "./lateBody.ts"
import { requireCurrent } from "./current.ts"

/** The time at which `delay` from now is over, on the clock of the current loop; undefined for no limit. */
export const after = (delay: Duration.Input | undefined): number | undefined =>
  delay === undefined ? undefined : requireCurrent().loop.time() + lowlevel.toMillis(delay)

export const checkScoped = (operation: string, body: unknown, options: TimeoutOptions<never> | undefined): void => {
  lowlevel.checkFunction(body, operation, `${operation.replace("()", "")}(1000, async () => ...)`)
  checkTimeoutOptions(options, operation)
}

/** Gives how a scope ends, from how its body ended and whether its time was too short. */
type Conclude<A, B> = (exit: Exit.Exit<A, unknown>, isTooLate: boolean) => Exit.Exit<B, unknown>

/** Runs what `begin` begins in a child scope of its own, and cancels that scope at the time `when`. */
export const runWithin = <A, B = A>(
  scope: PromiseScope,
  operation: string,
  when: number | undefined,
  begin: (open: lowlevel.OpenTimeout, inner: PromiseScope) => PromiseLike<A> | A,
  options: TimeoutOptions<A> | undefined,
  conclude: Conclude<A, B> = asItIs
): Promise<B> => {
  const late = new LateBody<A>(scope, operation, options)
  return scope.openScope<B>((inner, end) => {
    const open = lowlevel.openTimeoutUnsafe(inner.core, when, late)
    late.run(
      inner,
      open,
      () => begin(open, inner),
      (exit) => end(conclude(exit, late.isTooLate), Exit.isFailure(exit))
    )
  }, late)
}

const asItIs = <A, B>(exit: Exit.Exit<A, unknown>): Exit.Exit<B, unknown> => exit as unknown as Exit.Exit<B, unknown>
