/**
 * The border between promise code and Effect.
 *
 * @since 0.1.0
 */
import type * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { inScope } from "./internal/scopes.ts"
import { type AsyncFunction, toCoroutine } from "./Task.ts"
import { checkBody } from "./internal/checkBody.ts"

/**
 * Awaits an Effect inside the current task.
 *
 * **Details**
 *
 * It runs as a part of the task: `currentTask` in it is the same task, and its services are those that `run` was given
 * (`runtime`), and those provided around {@link toEffect}. Rejects with what the Effect fails with; what a function of
 * {@link toEffect} or {@link toThread} has thrown comes out as it is. Asking for a service that was not provided is
 * Effect's own error, `Service not found`. What is no Effect is a TypeError.
 *
 * **Cancellation**
 *
 * The Effect is interrupted with the task: its finalizers run and are awaited, then the promise rejects with
 * {@link CancelledError}, which keeps the message and who asked.
 *
 * **Example** (A service in an async function)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import { Context, Effect, Layer } from "effect"
 *
 * class Config extends Context.Service<Config, { readonly name: string }>()("Config") {}
 *
 * const main = async () => {
 *   const { name } = await asyncio.runEffect(Config)
 *   return name
 * }
 *
 * await asyncio.run(main, { runtime: Layer.succeed(Config, { name: "production" }) }) // => "production"
 * ```
 *
 * @category bridges
 * @since 0.1.0
 */
export const runEffect = <A, E, R>(effect: Effect.Effect<A, E, R>): Promise<A> =>
  inScope("runEffect()", (scope) => {
    if (!Effect.isEffect(effect)) {
      // When: `runEffect` got no Effect, but an async function or a promise.
      throw lowlevel.unexpectedValue(
        "an Effect was expected by runEffect()",
        effect,
        "Await async code as it is, without `runEffect`."
      )
    }
    return scope.run(effect as Effect.Effect<A, E>)
  })

/**
 * An Effect that runs an async function inside the current task of core.
 *
 * **Details**
 *
 * `currentTask()` in the function is the task that runs the Effect, and {@link runEffect} in it sees the services that
 * were provided around it. In an effect of a concurrent `Effect.all`, and outside of any task, the function gets a task of
 * its own, which that effect awaits. Fails with Effect's `UnknownError`, whose `cause` is what the function has rejected with,
 * or with what `catch` makes of that: `toEffect({ try: legacy, catch: (cause) => new LegacyError({ cause }) })`. Without `catch`
 * an {@link ExceptionGroup} has a tag already, and stays as it is.
 *
 * **Cancellation**
 *
 * The function is cancelled with the task: its awaits in flight reject with {@link CancelledError}, its signal aborts. A
 * fiber that is interrupted waits for the function's cleanup.
 *
 * **Example** (Promise code in a task of core)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import * as core from "@effect-asyncio/core"
 *
 * const legacy = async () => {
 *   await asyncio.sleep(1)
 *   return asyncio.currentTask()?.getName()
 * }
 *
 * await core.run(asyncio.toEffect(legacy), { name: "main" }) // => "main"
 * ```
 *
 * **Example** (How it fails)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import * as core from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const legacy = () => Promise.reject(new RangeError("too big"))
 *
 * const main = asyncio.toEffect(legacy).pipe(Effect.catchTag("UnknownError", ({ cause }) => Effect.succeed(String(cause))))
 *
 * await core.run(main) // => "RangeError: too big"
 * ```
 *
 * @category bridges
 * @since 0.1.0
 */
export const toEffect: {
  <A, E>(body: {
    readonly try: AsyncFunction<A>
    /** What the Effect fails with, given what the function has rejected with. A cancellation is not asked about. */
    readonly catch: (error: unknown) => E
  }): Effect.Effect<A, E | asyncio.CancelledError>
  <A>(body: AsyncFunction<A>): Effect.Effect<A, Cause.UnknownError | asyncio.CancelledError | asyncio.ExceptionGroup>
} = (body: unknown): Effect.Effect<never> => {
  const { catch: handler, try: run = body } = (typeof body === "function" ? {} : (body ?? {})) as Partial<Caught>
  // A promise has a `catch` as well: what is no function is refused below.
  if (handler === undefined) return embedded(body, (error) => lowlevel.toTagged(error, "toEffect()"))
  lowlevel.checkFunction(handler, "catch of toEffect()", "toEffect({ try: async () => ..., catch: (error) => ... })")
  return embedded(run, (error) => (lowlevel.isCancelledError(error) ? error : handler(error)))
}

interface Caught {
  readonly try: unknown
  readonly catch: (error: unknown) => unknown
}

const embedded = (body: unknown, failure: (error: unknown) => unknown): Effect.Effect<never> => {
  checkBody(body)
  const embeds = Effect.suspend(() => lowlevel.embedCoroutine(toCoroutine(body as AsyncFunction<unknown>)))
  return Effect.mapError(embeds, failure) as Effect.Effect<never>
}
