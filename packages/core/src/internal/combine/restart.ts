/**
 * Runs of a coroutine one after the other, as a schedule says.
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Schedule from "effect/Schedule"
import type { AnyFiber } from "../model/AnyFiber.ts"
import { plain } from "../data/text.ts"
import { effectOf } from "../model/bodies.ts"
import { asKeyboardInterrupt } from "../model/errors.ts"
import type { EventLoop } from "../model/EventLoop.ts"
import { unexpectedValue } from "../model/hints.ts"
import type { Task } from "../model/Task.ts"
import { cancellationOf } from "../task/cancellation.ts"
import { scopeOf } from "../task/current.ts"
import { requestsOn } from "../task/requestCounts.ts"
import type { FutureImpl } from "../task/future.ts"
import { awaitOwn } from "../sync/waitQueue.ts"
import { callerOf } from "./awaitables.ts"

type OnRestart = (error: unknown, delay: number) => Effect.Effect<unknown, unknown>

/** Gives after how many milliseconds another run comes; undefined where none does. */
type NextDelay = (now: number, error: unknown) => Effect.Effect<number | undefined, unknown>

/** `lasting` is how many milliseconds a run has to last for the schedule to begin anew. */
export const restarting = <A, E, R>(
  coroutine: Effect.Effect<A, E, R>,
  schedule: Schedule.Schedule<unknown, unknown, unknown>,
  lasting: number,
  onRestart: OnRestart | undefined
): Effect.Effect<A, E, R> => {
  checkSchedule(schedule)
  const begin = Effect.map(Schedule.toStep(schedule), toDelays)
  const rest = onRestart ?? told
  const run = (next: NextDelay): Effect.Effect<A, unknown, R> =>
    Effect.withFiber((fiber) => {
      const { loop } = callerOf(fiber)
      const begun = loop.time()
      const asked = requestsFor(fiber)
      return Effect.catchCause(coroutine, (cause) => {
        // A coroutine that was cancelled and fails in its cleanup has replaced the cancellation: another run would never hear of that.
        if (!isFailure(cause) || requestsFor(fiber) > asked) return Effect.failCause(cause)
        const error = Cause.squash(cause)
        const now = loop.time()
        const following = now - begun >= lasting ? begin : Effect.succeed(next)
        return Effect.flatMap(following, (next) =>
          Effect.flatMap(next(now, error), (delay) =>
            delay === undefined
              ? Effect.failCause(cause)
              : Effect.andThen(
                  Effect.suspend(() => effectOf(rest(error, delay), "onRestart of restart()")),
                  Effect.andThen(awaitOwn(loop.sleepUnsafe(delay) as FutureImpl<void, never>), run(next))
                )
          )
        )
      })
    })
  return Effect.flatMap(begin, run) as Effect.Effect<A, E, R>
}

/** How many requests there are for the code that runs in `fiber`. */
const requestsFor = (fiber: AnyFiber): number => {
  const scope = scopeOf(fiber)
  return scope === undefined ? 0 : requestsOn(scope)
}

type Step = Effect.Success<ReturnType<typeof Schedule.toStep<unknown, unknown, unknown, never>>>

const toDelays =
  (step: Step): NextDelay =>
  (now, error) =>
    Effect.catchCause(
      Effect.map(step(now, error), ([, delay]): number | undefined => Duration.toMillis(delay)),
      (cause) => (Pull.isDoneCause(cause) ? Effect.succeed(undefined) : Effect.failCause(cause))
    )

/** Neither a cancellation nor a Ctrl-C. */
const isFailure = (cause: Cause.Cause<unknown>): boolean =>
  cancellationOf(cause) === undefined &&
  !Cause.hasInterrupts(cause) &&
  asKeyboardInterrupt(Cause.squash(cause)) === undefined

const told: OnRestart = (error, delay) =>
  Effect.withFiberSucceed((fiber) => {
    const { loop, task } = callerOf(fiber)
    reportRestart(loop, task, error, delay)
  })

/** Tells the exception handler that a coroutine of `task` has failed, and is run again after so many milliseconds. */
export const reportRestart = (
  loop: EventLoop,
  task: Task<unknown, unknown> | undefined,
  error: unknown,
  delay: number
): void =>
  loop.callExceptionHandlerUnsafe({
    // When: a coroutine that `restart` runs has failed, and is run again.
    message: `${plain(task?.getName() ?? "a coroutine")} has failed and is begun again in ${delay} ms`,
    hint: "Look at what it has failed with; `onRestart` is told in place of this handler.",
    exception: error,
    ...(task !== undefined && { task: String(task) })
  })

const checkSchedule = (schedule: unknown): void => {
  if (Schedule.isSchedule(schedule)) return
  // When: `restart` got no Schedule, but a number of runs, say.
  throw unexpectedValue(
    "a Schedule was expected by restart()",
    schedule,
    'Give it one of Effect, such as `Schedule.exponential("100 millis")`.'
  )
}
