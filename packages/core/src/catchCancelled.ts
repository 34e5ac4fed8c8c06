/**
 * Catching a cancellation.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import type { CancelledError } from "./errors.ts"
import { checkEffect, checkFunction } from "./internal/model/arguments.ts"
import { generatorKind } from "./internal/model/repr.ts"
import { cancellationOf } from "./internal/task/cancellation.ts"
import { boundary } from "./internal/task/boundary.ts"

/**
 * Runs `self`; if it ends with a cancellation, the task's own or that of a task it awaited, goes on with `handler`.
 *
 * **When to use**
 *
 * Use it where Python has `except asyncio.CancelledError`. For cleanup that lets the cancellation pass, Effect's own
 * `Effect.onInterrupt` and `Effect.ensuring` are enough.
 *
 * **Details**
 *
 * A handler that succeeds has truly suppressed the cancellation: the task goes on, whatever `self` was waiting for, one
 * of this package's awaits or any other effect. `cancelling` still counts the request; `uncancel` withdraws it. An
 * error that `self` raises while it is cancelled is not caught here.
 *
 * **Cancellation**
 *
 * A second cancellation that arrives while the handler waits interrupts the handler.
 *
 * **asyncio**
 *
 * [`except asyncio.CancelledError`](https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.CancelledError), on purpose
 * the only way to stop a cancellation.
 *
 * **Gotchas**
 *
 * `self` runs in a fiber of its own, so a fiber forked inside it with `Effect.forkChild` ends with it. In a plain fiber inside a
 * task, such as a branch of `Effect.all`, the task's cancellation is a native interrupt, which Effect lets no code catch.
 *
 * **Example** (Refusing to be cancelled)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const stubborn = asyncio.sleep("1 hour").pipe(
 *   Effect.as("slept"),
 *   asyncio.catchCancelled((error) => Effect.succeed(`no: ${error.reason}`))
 * )
 *
 * const main = Effect.gen(function*() {
 *   const task = yield* asyncio.createTask(stubborn)
 *   yield* asyncio.sleep(0)
 *   yield* task.cancel("please stop")
 *   return yield* task
 * })
 *
 * await asyncio.run(main) // => "no: please stop"
 * ```
 *
 * @category cancellation
 * @since 0.1.0
 */
export const catchCancelled: {
  <B, E2, R2>(
    handler: (error: CancelledError) => Effect.Effect<B, E2, R2>
  ): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A | B, Exclude<E, CancelledError> | E2, R | R2>
  <A, E, R, B, E2, R2>(
    self: Effect.Effect<A, E, R>,
    handler: (error: CancelledError) => Effect.Effect<B, E2, R2>
  ): Effect.Effect<A | B, Exclude<E, CancelledError> | E2, R | R2>
} = /*#__PURE__*/ dual(
  2,
  <A, E, R, B, E2, R2>(
    self: Effect.Effect<A, E, R>,
    handler: (error: CancelledError) => Effect.Effect<B, E2, R2>
  ): Effect.Effect<A | B, Exclude<E, CancelledError> | E2, R | R2> => {
    if (typeof handler !== "function" || generatorKind(handler) !== undefined) return refused(handler)
    if (!Effect.isEffect(self)) return Effect.suspend(() => checkEffect(self, "catchCancelled()"))
    return Effect.catchCause(boundary(self), (cause): Effect.Effect<B, Exclude<E, CancelledError> | E2, R2> => {
      const error = cancellationOf(cause)
      // Without a CancelledError in it, the cause is one of the other failures.
      return error === undefined
        ? Effect.failCause(cause as Cause.Cause<Exclude<E, CancelledError>>)
        : checkEffect(handler(error), "catchCancelled()")
    })
  }
)

// A defect of the task that runs it, before anything of the body has run.
const refused = (handler: unknown): Effect.Effect<never> =>
  Effect.suspend(() => {
    checkFunction(handler, "catchCancelled()", "catchCancelled(body, (error) => ...)")
    return Effect.never
  })
