/**
 * Catching a cancellation.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import type { CancellationKind, CancelledErrorOf } from "./cancellationKinds.ts"
import type { CancelledError } from "./errors.ts"
import type { AnyEffect } from "./internal/model/AnyEffect.ts"
import { checkEffect } from "./internal/model/arguments.ts"
import {
  checkMaker,
  effectOf,
  type Made,
  type MadeError,
  type MadeServices,
  type MadeSuccess
} from "./internal/model/bodies.ts"
import { areCancelHandlers, cancelHandlerFor, checkKinds, handlersIn } from "./internal/model/cancelHandlers.ts"
import { cancellationOf } from "./internal/task/cancellation.ts"
import { boundary } from "./internal/task/boundary.ts"

/**
 * What to do about each kind of cancellation, see {@link catchCancelled}. A kind without a handler passes.
 *
 * @category cancellation
 * @since 0.1.0
 */
export type CancelHandlers = {
  readonly [K in CancellationKind]?: ((error: CancelledErrorOf<K>) => Made) | undefined
}

/** Refuses what is no kind: handlers of their own type are not checked for names too many. */
type OnlyKinds<H> = { readonly [K in Exclude<keyof H, CancellationKind>]: never }

type Handled<H> = Exclude<H[keyof H], undefined> extends (error: never) => infer Made ? Made : never

/**
 * Runs `self`; if it ends with a cancellation, the task's own or that of a task it awaited, goes on with `handler`. With an object of
 * handlers, goes on with the one for the cancellation's `kind`, and lets the others pass.
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
 * error that `self` raises while it is cancelled is not caught here. A handler may be a generator function.
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
 * **Example** (Each kind by itself)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const request = asyncio.sleep("1 hour").pipe(
 *   Effect.as(200),
 *   asyncio.catchCancelled({
 *     disconnect: () => Effect.succeed(499),
 *     timeout: (error) => Effect.succeed(error.deadline > 0 ? 504 : 503)
 *   })
 * )
 *
 * const main = Effect.gen(function*() {
 *   const task = yield* asyncio.createTask(request)
 *   yield* asyncio.sleep(0)
 *   yield* task.cancel("the client is gone", { kind: "disconnect" })
 *   return yield* task
 * })
 *
 * await asyncio.run(main) // => 499
 * ```
 *
 * @category cancellation
 * @since 0.1.0
 */
export const catchCancelled: {
  <H extends CancelHandlers>(
    handlers: H & OnlyKinds<H>
  ): <A, E, R>(
    self: Effect.Effect<A, E, R>
  ) => Effect.Effect<A | MadeSuccess<Handled<H>>, E | MadeError<Handled<H>>, R | MadeServices<Handled<H>>>
  <M extends Made>(
    handler: (error: CancelledError) => M
  ): <A, E, R>(
    self: Effect.Effect<A, E, R>
  ) => Effect.Effect<A | MadeSuccess<M>, Exclude<E, CancelledError> | MadeError<M>, R | MadeServices<M>>
  <A, E, R, H extends CancelHandlers>(
    self: Effect.Effect<A, E, R>,
    handlers: H & OnlyKinds<H>
  ): Effect.Effect<A | MadeSuccess<Handled<H>>, E | MadeError<Handled<H>>, R | MadeServices<Handled<H>>>
  <A, E, R, M extends Made>(
    self: Effect.Effect<A, E, R>,
    handler: (error: CancelledError) => M
  ): Effect.Effect<A | MadeSuccess<M>, Exclude<E, CancelledError> | MadeError<M>, R | MadeServices<M>>
} = /*#__PURE__*/ dual(2, (self: AnyEffect, given: Handler | CancelHandlers): AnyEffect => {
  if (!areCancelHandlers(given)) return refused(given)
  if (!Effect.isEffect(self)) return Effect.suspend(() => checkEffect(self, "catchCancelled()"))
  return Effect.catchCause(boundary(self), (cause) => {
    const error = cancellationOf(cause)
    const handler = error && cancelHandlerFor<AnyEffect>(given, error)
    // Without a CancelledError in it, the cause is one of the other failures.
    return error === undefined || handler === undefined
      ? Effect.failCause(cause)
      : effectOf(handler(error), "catchCancelled()")
  })
})

type Handler = (error: CancelledError) => Made

// A defect of the task that runs it, before anything of the body has run.
const refused = (given: unknown): Effect.Effect<never> =>
  Effect.suspend(() => {
    const example = "catchCancelled(body, (error) => ...)` or `catchCancelled(body, { timeout: (error) => ... })"
    for (const handler of handlersIn(given)) checkMaker(handler, "catchCancelled()", example)
    checkKinds(given, "catchCancelled()")
    return Effect.never
  })
