/**
 * Beginning anew after a failure.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import { restarting } from "./internal/combine/restart.ts"
import { checkEffect, checkFunction, checkOptions, toMillis } from "./internal/model/arguments.ts"

/**
 * Options of {@link restart}.
 *
 * @category models
 * @since 0.1.0
 */
export interface RestartOptions<in E = never, out E2 = never, out R = never> {
  /** The schedule begins anew when a run has lasted so long; a bare number is milliseconds. By default it never does. */
  readonly resetAfter?: Duration.Input | undefined
  /**
   * Is called with each failure behind which another run comes, and after how many milliseconds. Without it the loop's exception handler is
   * told.
   */
  readonly onRestart?: ((error: E, delay: number) => Effect.Effect<unknown, E2, R>) | undefined
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
 * Defects count as failures. Each failure is told to the loop's exception handler, `Task-2 has failed and is begun again in 100 ms`. When
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
 * @since 0.1.0
 */
export const restart = <A, E, R, Output, E2, R2, E3 = never, R3 = never>(
  coroutine: Effect.Effect<A, E, R>,
  schedule: Schedule.Schedule<Output, NoInfer<E>, E2, R2>,
  options?: RestartOptions<NoInfer<E>, E3, R3>
): Effect.Effect<A, E | E2 | E3, R | R2 | R3> =>
  Effect.suspend(() => {
    checkEffect(coroutine, "restart()")
    checkOptions(options, "restart()", '{ resetAfter: "1 minute" }')
    const { onRestart, resetAfter } = options ?? {}
    if (onRestart !== undefined) checkFunction(onRestart, "restart()", "{ onRestart: (error, delay) => ... }")
    const lasting = resetAfter === undefined ? Infinity : toMillis(resetAfter)
    return restarting(coroutine, schedule as never, lasting, onRestart as never)
  })
