/**
 * Bodies with a time limit, as the scopes have them that set one.
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Duration from "effect/Duration"
import type * as Exit from "effect/Exit"
import type { PromiseScope } from "./promiseScope.ts"
import { checkTimeoutOptions, LateBody, type TimeoutOptions } from "./lateBody.ts"
import { requireCurrent } from "./current.ts"

/** When the time is up that begins now. */
export const after = (delay: Duration.Input | undefined): number | undefined =>
  delay === undefined ? undefined : requireCurrent().loop.time() + lowlevel.toMillis(delay)

export const checkScoped = (operation: string, body: unknown, options: TimeoutOptions<never> | undefined): void => {
  lowlevel.checkFunction(body, operation, `${operation.replace("()", "")}(1000, async () => ...)`)
  checkTimeoutOptions(options, operation)
}

/** How a scope ends, given how its body did, and whether its time was not enough. */
type Conclude<A, B> = (exit: Exit.Exit<A, unknown>, isTooLate: boolean) => Exit.Exit<B, unknown>

/** Runs what `begin` begins in a line of its own, until `when`. */
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
      (exit) => end(conclude(exit, late.isTooLate))
    )
  }, late)
}

const asItIs = <A, B>(exit: Exit.Exit<A, unknown>): Exit.Exit<B, unknown> => exit as unknown as Exit.Exit<B, unknown>
