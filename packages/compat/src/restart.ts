/**
 * Beginning anew after a failure.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Duration from "effect/Duration"
import { isCancelled } from "./cancellation.ts"
import { requireCurrent } from "./internal/current.ts"
import { sleep } from "./sleep.ts"

/**
 * When {@link restart} begins anew. Bare numbers are milliseconds.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface RestartOptions {
  /** How long to wait after the first failure; 100 milliseconds by default. */
  readonly delay?: Duration.Input | undefined
  /** By how much the time grows from one failure to the next; 2 by default, 1 for the same time always. */
  readonly factor?: number | undefined
  /** The longest time; 30 seconds by default. */
  readonly max?: Duration.Input | undefined
  /** How often it is begun anew at most; no limit by default. */
  readonly times?: number | undefined
  /** The time and the count begin anew when a run has lasted so long. By default they never do. */
  readonly resetAfter?: Duration.Input | undefined
  /**
   * Is called with each failure behind which another run comes, and after how many milliseconds; what it gives is waited for. Without it the
   * loop's exception handler is told.
   */
  readonly onRestart?: ((error: unknown, delay: number) => unknown) | undefined
}

/**
 * An async function that runs `body`, and again when it fails: after which time, and how often, `options` say. Gives the first result.
 *
 * **When to use**
 *
 * For a member of a task group that is to be there as long as the group is: a consumer of a queue, a connection.
 *
 * **Details**
 *
 * Each failure is told to the loop's exception handler, `Task-2 has failed and is begun again in 100 ms`. When it has been begun anew
 * `times` times it fails as the last run did. A time or a number that is negative or NaN is a ValueError at the call.
 *
 * **Cancellation**
 *
 * Is no failure: it passes, from a run and from the time between two. So does Ctrl-C. A run that was to end, and fails in its cleanup,
 * is the last one.
 *
 * **asyncio**
 *
 * Beyond asyncio, where it is a loop around `try`, in a task of
 * [`asyncio.TaskGroup`](https://docs.python.org/3/library/asyncio-task.html#asyncio.TaskGroup). Supervisors of Erlang do so, and `supervisorScope` of Kotlin with `retry`. In core the
 * time comes from a `Schedule` of Effect.
 *
 * **Example** (A worker that comes back)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const lines: Array<string> = []
 * let runs = 0
 * const worker = async () => {
 *   if (++runs < 3) throw new Error(`crash ${runs}`)
 *   lines.push("works")
 * }
 * const onRestart = (error: unknown, delay: number) => lines.push(`${error}, again in ${delay} ms`)
 *
 * await asyncio.run(() =>
 *   asyncio.taskGroup((group) => {
 *     group.createTask(asyncio.restart(worker, { delay: 1, times: 5, onRestart }))
 *   })
 * )
 * lines // => ["Error: crash 1, again in 1 ms", "Error: crash 2, again in 2 ms", "works"]
 * ```
 *
 * @category structure
 * @stability unstable
 * @since 0.1.0
 */
export const restart = <A>(body: () => PromiseLike<A> | A, options?: RestartOptions): (() => Promise<A>) => {
  lowlevel.checkFunction(body, "restart()", "restart(async () => ..., { times: 5 })")
  const plan = toPlan(options)
  const restarting = async (): Promise<A> => {
    let delay = plan.delay
    for (let left = plan.times; ; left--) {
      const begun = timeHere()
      const asked = requestsHere()
      try {
        return await body()
      } catch (error) {
        if (isCancelled(error) || error instanceof asyncio.KeyboardInterrupt) throw error
        // What fails because it is to end, in its cleanup, has taken the place of the request: another run would never hear of that.
        if (requestsHere() > asked) throw error
        if (timeHere() - begun >= plan.resetAfter) {
          delay = plan.delay
          left = plan.times
        }
        if (left <= 0) throw error
        const waited = Math.min(delay, plan.max)
        await plan.onRestart(error, waited)
        await sleep(waited)
        // Nothing stays nothing, however fast it grows.
        delay = waited * plan.factor || 0
      }
    }
  }
  // A task of it prints as what it runs.
  return Object.defineProperty(restarting, "name", { value: lowlevel.nameOf(body) })
}

const timeHere = (): number => requireCurrent().loop.time()

/** How many requests there are for the code that is running. */
const requestsHere = (): number => {
  const { scope, task } = requireCurrent()
  return scope?.current.core.cancelling() ?? task?.cancelling() ?? 0
}

interface Plan {
  readonly delay: number
  readonly factor: number
  readonly max: number
  readonly times: number
  readonly resetAfter: number
  readonly onRestart: (error: unknown, delay: number) => unknown
}

const toPlan = (options: RestartOptions | undefined): Plan => {
  const example = '{ delay: "1 second", times: 5 }'
  lowlevel.checkOptions(options, "restart()", example)
  const {
    delay = 100,
    factor = 2,
    max = 30_000,
    onRestart = told,
    resetAfter = Infinity,
    times = Infinity
  } = options ?? {}
  lowlevel.checkFunction(onRestart, "restart()", "{ onRestart: (error, delay) => ... }")
  return {
    delay: notNegative("delay", lowlevel.toMillis(delay)),
    factor: notNegative("factor", factor),
    max: notNegative("max", lowlevel.toMillis(max)),
    times: notNegative("times", times),
    resetAfter: notNegative("resetAfter", lowlevel.toMillis(resetAfter)),
    onRestart
  }
}

const notNegative = (name: string, value: number): number => {
  if (typeof value !== "number") {
    // When: the option `factor` or `times` of `restart` is no number.
    throw lowlevel.unexpectedValue(
      `a number was expected for ${name} of restart()`,
      value,
      "Give it a number, or leave it out."
    )
  }
  if (value >= 0) return value
  // When: a time or a number among the options of `restart` is negative, or NaN.
  throw lowlevel.withHint(
    new asyncio.ValueError(`${name} must be >= 0`),
    "Leave it out for the default; `times: Infinity` has no limit."
  )
}

const told = (error: unknown, delay: number): void => {
  const { loop, task } = requireCurrent()
  lowlevel.reportRestartUnsafe(loop, task, error, delay)
}
