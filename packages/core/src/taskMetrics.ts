/**
 * Metrics of tasks.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { getRunningLoop } from "./EventLoop.ts"
import { Measuring } from "./internal/task/measuring.ts"
import { addObserver } from "./internal/task/observers.ts"
import type { TaskLoop } from "./internal/task/taskLoop.ts"

/**
 * Counts what the tasks of the loop do, as metrics of Effect, for as long as it is provided: whatever exports those exports these.
 *
 * **When to use**
 *
 * Around the main task of a program whose metrics go somewhere, such as to OpenTelemetry. Other programs do not pay for it: without the layer
 * nothing is counted.
 *
 * **Details**
 *
 * | metric | kind | what it is |
 * | --- | --- | --- |
 * | `asyncio_tasks_alive` | gauge | tasks that are not done |
 * | `asyncio_tasks_started` | counter | tasks that were made |
 * | `asyncio_tasks_ended` | counter | tasks that have ended, by the attribute `outcome`: `finished`, `failed` or `cancelled` |
 * | `asyncio_cancel_requests` | counter | requests to cancel a task |
 * | `asyncio_steps` | counter | steps of tasks that the loop has run |
 * | `asyncio_loop_lag_ms` | histogram | for how many milliseconds a step was on the queue of the loop before it ran: of one step at a time |
 *
 * A task that was made before counts among those alive, and when it ends. To cancel a task twice is two requests. What it costs is some
 * updates of metrics for each step.
 *
 * **asyncio**
 *
 * Has none: its [tasks](https://docs.python.org/3/library/asyncio-task.html#asyncio.all_tasks) can be listed, and nothing counts them.
 *
 * **Example** (How many tasks there were)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect, Metric } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   yield* asyncio.gather([1, 2, 3].map(() => asyncio.sleep(1)))
 *   const snapshot = yield* Metric.snapshot
 *   return snapshot.find(({ id }) => id === "asyncio_tasks_started")?.state
 * }).pipe(Effect.provide(asyncio.taskMetrics), Effect.provideService(Metric.MetricRegistry, new Map()))
 *
 * await asyncio.run(main) // => { count: 3, incremental: true }
 * ```
 *
 * @see {@link withTaskSpan} for tasks in traces
 * @category metrics
 * @since 0.1.0
 */
export const taskMetrics: Layer.Layer<never> = /*#__PURE__*/ Layer.effectDiscard(
  /*#__PURE__*/ Effect.suspend(() =>
    Effect.flatMap(Effect.context(), (context) =>
      Effect.acquireRelease(
        Effect.map(getRunningLoop, (loop) => {
          const observed = loop as unknown as TaskLoop
          return addObserver(observed, new Measuring(observed, context))
        }),
        (stop) => Effect.sync(stop)
      )
    )
  )
)
