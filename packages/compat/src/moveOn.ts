/**
 * A time limit that is no failure.
 *
 * @since 0.1.0
 */
import type { MovedOn } from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Duration from "effect/Duration"
import * as Exit from "effect/Exit"
import { callWith } from "./internal/callWith.ts"
import type { TimeoutOptions } from "./internal/lateBody.ts"
import { inScope, lacksBody } from "./internal/scopes.ts"
import { after, checkScoped, runWithin } from "./internal/within.ts"
import { Timeout, type TimeoutBody } from "./timeout.ts"

/**
 * Runs `body` for at most `delay` and goes on without it when the time is up: `timedOut` says which of the two it was.
 *
 * **When to use**
 *
 * Where being late is no failure: a cache that may answer, a farewell that need not arrive. Where it is one, use {@link timeout}.
 *
 * **Details**
 *
 * A bare number is milliseconds; `undefined` and `Infinity` mean no limit. A body that catches its cancellation gives what it returns,
 * and has then not timed out. A TimeoutError of the body's own is thrown. The rest is as in {@link timeout}, and they nest in each other:
 * so are the options `grace` and `discard`, for a body that does not end when its time is up.
 *
 * **Cancellation**
 *
 * A cancellation from outside passes through. Cleanup in the body is awaited, so it can take longer than the delay.
 *
 * **asyncio**
 *
 * Python has [`asyncio.timeout`](https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout) in a `try`. This is
 * [`move_on_after`](https://anyio.readthedocs.io/en/stable/cancellation.html#timeouts) of AnyIO and Trio; `timedOut` is their
 * `cancelled_caught`.
 *
 * **Example** (Whatever the cache says in time)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const cache = (millis: number) => asyncio.sleep(millis, "cached")
 *
 * await asyncio.run(async () => {
 *   const quick = await asyncio.moveOn("1 minute", () => cache(1))
 *   const slow = await asyncio.moveOn(1, () => cache(3_600_000))
 *   return [quick.value, slow.timedOut]
 * }) // => ["cached", true]
 * ```
 *
 * @category waiting
 * @stability unstable
 * @since 0.1.0
 */
export const moveOn = <A>(
  delay: Duration.Input | undefined,
  body: TimeoutBody<A>,
  options?: TimeoutOptions<NoInfer<A>>
): Promise<MovedOn<A>> => {
  if (lacksBody(body)) {
    // When: `moveOn` has no body, as in `await using deadline = moveOn(1000)`.
    throw lowlevel.unexpectedValue(
      "a function was expected by moveOn()",
      body,
      "Write `await moveOn(1000, async () => ...)`; the time limit of a block is `await using deadline = timeout(1000)`."
    )
  }
  return inScope("moveOn()", (scope) => {
    checkScoped("moveOn()", body, options)
    const begin = (...[open, inner]: ConstructorParameters<typeof Timeout>) =>
      callWith(body, () => new Timeout(open, inner))
    return runWithin(scope, "moveOn()", after(delay), begin, options, movedOn)
  })
}

const movedOn = <A>(exit: Exit.Exit<A, unknown>, timedOut: boolean): Exit.Exit<MovedOn<A>, unknown> =>
  timedOut ? Exit.succeed({ timedOut, value: undefined }) : Exit.map(exit, (value): MovedOn<A> => ({ timedOut, value }))
