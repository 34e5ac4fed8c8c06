/**
 * Parts of a task that no cancellation enters.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { checkBody, checkOptions, toMillis } from "./internal/model/arguments.ts"
import { areOptions, effectOf, type Yielded, type YieldedError, type YieldedServices } from "./internal/model/bodies.ts"
import { withShield } from "./internal/combine/shielded.ts"

/**
 * Options of {@link shielded}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface ShieldedOptions {
  /**
   * How long a cancellation is held back at most, from when it is asked for; a bare number is milliseconds. Then it enters after all.
   * No limit by default.
   */
  readonly limit?: Duration.Input | undefined
}

/**
 * Runs `body` as a part of the task that no cancellation enters: what is asked for meanwhile is delivered behind it.
 *
 * **When to use**
 *
 * For a few steps that belong together: a commit, a message and its receipt, a cleanup that waits. With `limit` a stop takes no longer
 * than that. `shield` protects other work, a task, from the cancellation of the tasks that wait for it, and lets those go.
 *
 * **Details**
 *
 * Held back is what is asked of the task, and what timeouts and groups around the body ask. What is inside is cancelled as ever, by
 * timeouts and groups inside. The request is due at the next await behind the body, so its result is not lost. A
 * `timeout` around a body that has a result in the end gives that, however late; to limit the body itself put a `timeout` or a
 * `moveOn` inside. A second `shielded` inside holds back what comes in when the limit of the first is over.
 *
 * In a plain fiber, such as a branch of `Effect.all`, the body runs as a task of its own. An interrupt of that fiber
 * waits for it.
 *
 * **Cancellation**
 *
 * Waits for the end of the body, or until the `limit` is over. A cancellation that enters then is the task's own.
 *
 * **asyncio**
 *
 * Python has [`asyncio.shield`](https://docs.python.org/3/library/asyncio-task.html#asyncio.shield) in a loop. This is
 * [`CancelScope(shield=True)`](https://anyio.readthedocs.io/en/stable/cancellation.html#shielding) of AnyIO and Trio, and
 * `withContext(NonCancellable)` of Kotlin.
 *
 * **Example** (Both or none)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const lines: Array<string> = []
 * const step = (line: string) => Effect.andThen(asyncio.sleep(1), Effect.sync(() => lines.push(line)))
 * const transfer = asyncio.shielded(Effect.andThen(step("taken here"), step("given there")), { limit: "5 seconds" })
 *
 * const main = Effect.gen(function*() {
 *   const task = yield* asyncio.createTask(Effect.andThen(transfer, step("never")))
 *   yield* asyncio.sleep(0)
 *   yield* task.cancel()
 *   yield* asyncio.wait([task])
 *   return task.cancelled()
 * })
 *
 * await asyncio.run(main) // => true
 * lines // => ["taken here", "given there"]
 * ```
 *
 * @category cancellation
 * @stability unstable
 * @since 0.1.0
 */
export const shielded: {
  (options: ShieldedOptions): <A, E, R>(body: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <Eff extends Yielded, A>(
    body: () => Generator<Eff, A, never>,
    options?: ShieldedOptions
  ): Effect.Effect<A, YieldedError<Eff>, YieldedServices<Eff>>
  <A, E, R>(
    body: Effect.Effect<A, E, R> | (() => Effect.Effect<A, E, R>),
    options?: ShieldedOptions
  ): Effect.Effect<A, E, R>
} = ((body: unknown, options?: ShieldedOptions) =>
  options === undefined && areOptions(body)
    ? (last: unknown) => withOptions(last, body as ShieldedOptions)
    : withOptions(body, options)) as never

const withOptions = (body: unknown, options: ShieldedOptions | undefined): Effect.Effect<unknown, unknown> =>
  Effect.withFiber((fiber) => {
    checkBody(body, "shielded()")
    const limit = limitIn(options)
    const make = typeof body === "function" ? (body as () => Effect.Effect<unknown, unknown>) : undefined
    const run =
      make === undefined ? () => body as Effect.Effect<unknown, unknown> : () => effectOf(make(), "shielded()")
    // A cancellation that enters is the task's own, and no failure.
    return withShield(fiber, limit, run)
  })

const limitIn = (options: ShieldedOptions | undefined): number | undefined => {
  checkOptions(options, "shielded()", '{ limit: "5 seconds" }')
  return options?.limit === undefined ? undefined : toMillis(options.limit)
}
