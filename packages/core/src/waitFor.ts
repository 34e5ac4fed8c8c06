/**
 * Waiting for one thing, for a time.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { TimeoutError } from "./errors.ts"
import { isInstance } from "./internal/data/text.ts"
import { toMillis } from "./internal/model/arguments.ts"
import { type Awaitable, type Caller, callerOf, toFuture } from "./internal/combine/awaitables.ts"
import { timedOut } from "./internal/combine/ownRequest.ts"
import { cancellationIn } from "./internal/task/cancellation.ts"
import { type FutureImpl, newSilentRequest } from "./internal/task/future.ts"
import { awaitOwn, Waiter } from "./internal/sync/waitQueue.ts"
import { withLimit } from "./internal/combine/timeout.ts"

/**
 * Waits for an awaitable, and when `timeout` has passed cancels it and fails with {@link TimeoutError}.
 *
 * **Details**
 *
 * A bare number is milliseconds; `undefined` waits without limit. An Effect runs in the current task. An awaitable that
 * does not let itself be cancelled gives its result, however late. With a timeout of zero or less, a coroutine does not
 * start and a future must be done already.
 *
 * **Cancellation**
 *
 * Cancels the awaitable and waits for it.
 *
 * **asyncio**
 *
 * Same as [`asyncio.wait_for(aw, timeout)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.wait_for).
 *
 * **Example** (A task that is too slow is cancelled)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const slow = yield* asyncio.createTask(asyncio.sleep("1 hour"))
 *   const outcome = yield* asyncio.waitFor(slow, 5).pipe(
 *     Effect.catchTag("TimeoutError", () => Effect.succeed("too slow"))
 *   )
 *   return [outcome, slow.cancelled()]
 * })
 *
 * await asyncio.run(main) // => ["too slow", true]
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const waitFor: {
  (
    timeout: Duration.Input | undefined
  ): <A, E, R>(awaitable: Awaitable<A, E, R>) => Effect.Effect<A, E | TimeoutError, R>
  <A, E, R>(awaitable: Awaitable<A, E, R>, timeout: Duration.Input | undefined): Effect.Effect<A, E | TimeoutError, R>
} = ((awaitable: Awaitable<unknown, unknown, unknown>, timeout?: Duration.Input) =>
  timeout === undefined && !isAwaitable(awaitable)
    ? withinLater(awaitable as unknown as Duration.Input | undefined)
    : within(awaitable, timeout)) as never

// Apart: a closure in the function itself would have each of its calls allocate what the closure sees.
const withinLater =
  (timeout: Duration.Input | undefined) =>
  (awaitable: Awaitable<unknown, unknown, unknown>): Effect.Effect<unknown, unknown, unknown> =>
    within(awaitable, timeout)

const within = <A, E, R>(
  awaitable: Awaitable<A, E, R>,
  timeout: Duration.Input | undefined
): Effect.Effect<A, E | TimeoutError, R> =>
  Effect.withFiber((fiber): Effect.Effect<A, E | TimeoutError, R> => {
    const millis = timeout === undefined ? undefined : toMillis(timeout)
    const body = Effect.isEffect(awaitable) ? awaitable : toFuture(callerOf(fiber), awaitable)
    if (millis === undefined || millis > 0) return withLimit(fiber, millis, () => body as Effect.Effect<A, E, R>)
    const caller = callerOf(fiber)
    return now(toFuture(caller, body) as unknown as FutureImpl<A, E>, caller)
  })

const isAwaitable = (value: unknown): boolean => Effect.isEffect(value) || isInstance(value, Promise)

/** What there is now: the result of a future that is done, and otherwise a cancellation that is waited for. */
const now = <A, E>(future: FutureImpl<A, E>, caller: Caller): Effect.Effect<A, E | TimeoutError> => {
  // A future's own CancelledError is part of E, where it was awaited by its type.
  const exitNow = () => future.exitUnsafe() as Exit.Exit<A, E>
  if (future.done()) return exitNow()
  return Effect.flatMap(cancelAndWait(future, caller), (): Exit.Exit<A, E | TimeoutError> => {
    const exit = exitNow()
    const cancellation = cancellationIn(exit)
    return cancellation === undefined ? exit : timedOut(cancellation)
  })
}

/** Cancels a future and waits until it is done, by way of a waiter, so that the wait can be cancelled itself. */
const cancelAndWait = <A, E>(future: FutureImpl<A, E>, { task }: Caller): Effect.Effect<void> => {
  const waiter = new Waiter(future.loop)
  const release = () => void waiter.wake()
  future.addCallback(release, "_release_waiter", task)
  future.cancelWith(newSilentRequest(future.loop, "timeout", "the time was up"))
  return Effect.ensuring(
    awaitOwn(waiter),
    Effect.sync(() => future.removeDoneCallbackUnsafe(release))
  )
}
