/**
 * Deadlines for a part of an async function.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Duration from "effect/Duration"
import * as Exit from "effect/Exit"
import type { PromiseScope } from "./internal/promiseScope.ts"
import { callWith } from "./internal/callWith.ts"
import type { TimeoutOptions } from "./internal/lateBody.ts"
import { after, checkScoped, runWithin } from "./internal/within.ts"
import { inScope, requireScope } from "./internal/scopes.ts"
import { valueOf } from "./internal/current.ts"

/**
 * A deadline: given to the body of {@link timeout}, or entered with `await using`.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Timeout`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Timeout).
 *
 * **Example** (More time)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(() =>
 *   asyncio.timeout(1, async (deadline) => {
 *     deadline.reschedule(undefined)
 *     await asyncio.sleep(5)
 *     return [deadline.when(), deadline.expired()]
 *   })
 * ) // => [undefined, false]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Timeout implements AsyncDisposable {
  readonly #core: lowlevel.OpenTimeout
  readonly #scope: PromiseScope

  /** @internal */
  constructor(core: lowlevel.OpenTimeout, scope: PromiseScope) {
    this.#core = core
    this.#scope = scope
  }

  /** When the time is up, in milliseconds on the loop's clock; `undefined` for never. */
  when(): number | undefined {
    return this.#core.when()
  }

  /**
   * Moves the deadline; `undefined` removes it. Throws `RuntimeError: Cannot change state of finished Timeout` (or
   * `expired`, `expiring`) when the time is up or the body is over.
   */
  reschedule(when: number | undefined): void {
    this.#core.rescheduleUnsafe(when)
  }

  /** Whether the time was up before the body was over. */
  expired(): boolean {
    return this.#core.expired()
  }

  /**
   * Ends a timeout that was entered with `await using`; throws {@link TimeoutError} when the time was up. JavaScript does
   * not say how the block ended: one that was cut short by the deadline throws a `SuppressedError` whose `error` is the
   * TimeoutError. The timeouts and groups around it, and the task, take it for that error; a `catch` of yours has to look
   * inside, or use the form with a function.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      valueOf(this.#core.leaveUnsafe(this.expired() ? Exit.fail(new asyncio.CancelledError()) : Exit.void))
    } catch (error) {
      // A cancellation from outside goes on by itself: it is what unwinds the block, or is still due.
      if (lowlevel.isCancelledError(error)) return
      // No other request was made: the cancellation that is due is the timeout's own, and the block has not seen it.
      this.#scope.core.takeCancellation()
      this.#scope.signals?.settle()
      throw lowlevel.withHint(error as asyncio.TimeoutError, suppressedHint)
    }
  }

  toString(): string {
    return this.#core.toString()
  }

  /** @internal */
  [lowlevel.inspect](): string {
    return this.toString()
  }
}

// The cancellation that cut the block short is an error already, so JavaScript wraps the two into one.
const suppressedHint =
  "A `catch` around `await using` gets a SuppressedError with this as its `error`; `timeout(1000, async () => ...)` throws it itself."

/**
 * What runs within a deadline.
 *
 * @category models
 * @since 0.1.0
 */
export type TimeoutBody<A> = (timeout: Timeout) => PromiseLike<A> | A

/**
 * Runs `body` and cancels it when `delay` has passed; it then rejects with {@link TimeoutError}. Without a body it is
 * entered at once, for `await using`.
 *
 * **Details**
 *
 * A bare number is milliseconds; `undefined` and `Infinity` mean no limit. Timeouts nest: the one whose time is up turns
 * the cancellation into its TimeoutError, and only if the task was not cancelled from outside meanwhile. A body that fails with
 * an error of its own while it is cancelled keeps that error. Only the awaits of the body are cancelled, and its
 * `currentTask().signal` aborts: timeouts beside each other in a `Promise.all` do not disturb each other. One that is
 * entered with `await using` cancels the whole function around it.
 *
 * A body that ends after its time was up, and has not come to see the cancellation, has no result: it is a TimeoutError all the
 * same, and what it gave is offered to the option `discard`. One that hangs on a plain promise is waited for another 5 seconds, or for as
 * long as the option `grace` says. Then the scope gives up on it, tells the exception handler with the name of the task, and ends; the
 * next await of ours that the body comes to is cancelled. With `await using` nothing can be given up.
 *
 * The signal that the body has taken stays tied to the code around it when the body is over: what it has handed out, such as a
 * response whose text is yet to come, stops when that is cancelled.
 *
 * **Cancellation**
 *
 * A cancellation from outside passes through. Cleanup in the body is awaited, so the scope can take longer than the delay.
 *
 * **asyncio**
 *
 * Same as [`async with asyncio.timeout(delay)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout).
 *
 * **Example** (Too slow)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   try {
 *     await asyncio.timeout(5, () => asyncio.sleep("1 hour"))
 *   } catch (error) {
 *     if (error instanceof asyncio.TimeoutError) return "too slow"
 *     throw error
 *   }
 *   return "in time"
 * }) // => "too slow"
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const timeout: {
  <A>(delay: Duration.Input | undefined, body: TimeoutBody<A>, options?: TimeoutOptions<NoInfer<A>>): Promise<A>
  (delay: Duration.Input | undefined): Timeout
} = <A>(delay: Duration.Input | undefined, body?: TimeoutBody<A>, options?: TimeoutOptions<A>): never =>
  within("timeout()", () => after(delay), body, options)

/**
 * {@link timeout} with the deadline on the loop's clock, in milliseconds: `loop.time() + 1000` is a second from now.
 *
 * **asyncio**
 *
 * Same as [`async with asyncio.timeout_at(when)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout_at).
 *
 * **Example** (One deadline for two steps)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const deadline = asyncio.getRunningLoop().time() + 60_000
 *   const first = await asyncio.timeoutAt(deadline, () => asyncio.sleep(1, "first"))
 *   const second = await asyncio.timeoutAt(deadline, () => asyncio.sleep(1, "second"))
 *   return [first, second]
 * }) // => ["first", "second"]
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const timeoutAt: {
  <A>(when: number | undefined, body: TimeoutBody<A>, options?: TimeoutOptions<NoInfer<A>>): Promise<A>
  (when: number | undefined): Timeout
} = <A>(when: number | undefined, body?: TimeoutBody<A>, options?: TimeoutOptions<A>): never =>
  within("timeoutAt()", () => when, body, options)

const within = <A>(
  operation: string,
  when: () => number | undefined,
  body: TimeoutBody<A> | undefined,
  options: TimeoutOptions<A> | undefined
): never => {
  if (body === undefined)
    return enter(requireScope(operation, `${operation.slice(0, -2)}(1000, async () => ...)`), when()) as never
  return inScope(operation, (scope) => {
    checkScoped(operation, body, options)
    return runWithin(scope, operation, when(), (open, inner) => callWith(body, () => new Timeout(open, inner)), options)
  }) as never
}

const enter = (scope: PromiseScope, when: number | undefined): Timeout =>
  new Timeout(lowlevel.openTimeoutUnsafe(scope.core, when), scope)
