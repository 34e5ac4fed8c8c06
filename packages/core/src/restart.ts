/**
 * Beginning anew after a failure.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import { restarting } from "./internal/combine/restart.ts"
import { checkEffect, checkOptions, toMillis } from "./internal/model/arguments.ts"
import {
  checkMaker,
  coroutineOf,
  type Made,
  type MadeError,
  type MadeServices,
  type Yielded,
  type YieldedError,
  type YieldedServices
} from "./internal/model/bodies.ts"

/**
 * Options of {@link restart}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface RestartOptions<in E = never, out M extends Made = Effect.Effect<unknown>> {
  /** The schedule begins anew when a run has lasted so long; a bare number is milliseconds. By default it never does. */
  readonly resetAfter?: Duration.Input | undefined
  /**
   * Is called with each failure behind which another run comes, and after how many milliseconds. Without it the loop's exception handler is
   * told.
   */
  readonly onRestart?: ((error: E, delay: number) => M) | undefined
}

/**
 * Runs `coroutine`, and again when it fails, as `schedule` says: after which time, and how often. Gives the first result.
 *
 * **When to use**
 *
 * For a member of a task group that is to be there as long as the group is: a consumer of a queue, a connection. `Effect.retry`
 * is for one operation whose failures are expected.
 *
 * **Details**
 *
 * Both functions may be generator functions: `coroutine` and `onRestart`. Defects count as failures. Each failure is told to the loop's exception handler, `Task-2 has failed and is begun again in 100 ms`. When
 * the schedule is over it fails as the last run did. The input of the schedule is the failure. The delays are times on the
 * loop's clock.
 *
 * **Cancellation**
 *
 * Is no failure: it passes, from a run and from the time between two. So do Ctrl-C and the CancelledError of a task that is awaited. A
 * run that was to end, and fails in its cleanup, is the last one.
 *
 * **asyncio**
 *
 * Beyond asyncio, where it is a loop around `try`, in a task of
 * [`asyncio.TaskGroup`](https://docs.python.org/3/library/asyncio-task.html#asyncio.TaskGroup). Supervisors of Erlang do so, and `supervisorScope` of Kotlin with `retry`.
 *
 * **Example** (A worker that comes back)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect, Schedule } from "effect"
 *
 * const lines: Array<string> = []
 * const note = (line: string) => Effect.sync(() => void lines.push(line))
 *
 * let runs = 0
 * const worker = Effect.suspend(() => ++runs < 3 ? Effect.fail(`crash ${runs}`) : note("works"))
 * const schedule = Schedule.exponential("1 milli")
 * const onRestart = (error: string, delay: number) => note(`${error}, again in ${delay} ms`)
 *
 * const main = asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
 *   group.createTask(asyncio.restart(worker, schedule, { onRestart }))
 * )
 *
 * await asyncio.run(main)
 * lines // => ["crash 1, again in 1 ms", "crash 2, again in 2 ms", "works"]
 * ```
 *
 * @category structure
 * @stability unstable
 * @since 0.1.0
 */
export const restart: {
  <Eff extends Yielded, A, Output, E2, R2, M extends Made = Effect.Effect<unknown>>(
    coroutine: () => Generator<Eff, A, never>,
    schedule: Schedule.Schedule<Output, NoInfer<YieldedError<Eff>>, E2, R2>,
    options?: RestartOptions<NoInfer<YieldedError<Eff>>, M>
  ): Effect.Effect<A, YieldedError<Eff> | E2 | MadeError<M>, YieldedServices<Eff> | R2 | MadeServices<M>>
  <A, E, R, Output, E2, R2, M extends Made = Effect.Effect<unknown>>(
    coroutine: Effect.Effect<A, E, R>,
    schedule: Schedule.Schedule<Output, NoInfer<E>, E2, R2>,
    options?: RestartOptions<NoInfer<E>, M>
  ): Effect.Effect<A, E | E2 | MadeError<M>, R | R2 | MadeServices<M>>
} = (coroutine: unknown, schedule: unknown, options?: RestartOptions): Effect.Effect<never> =>
  Effect.suspend(() => {
    const body = checkEffect(coroutineOf(coroutine) as Effect.Effect<never>, "restart()")
    checkOptions(options, "restart()", '{ resetAfter: "1 minute" }')
    const { onRestart, resetAfter } = options ?? {}
    if (onRestart !== undefined) checkMaker(onRestart, "restart()", "{ onRestart: (error, delay) => ... }")
    const lasting = resetAfter === undefined ? Infinity : toMillis(resetAfter)
    return restarting(body, schedule as never, lasting, onRestart as never)
  })
