/**
 * What an observer counts for metrics.
 */
import type * as Context from "effect/Context"
import * as Metric from "effect/Metric"
import type { Runnable } from "../data/readyQueue.ts"
import type { TaskImpl } from "./task.ts"
import type { Observer, TaskLoop } from "./taskLoop.ts"

const counted = (id: string, description: string, attributes?: Record<string, string>) =>
  Metric.counter(id, { description, incremental: true, attributes })

/** Made when a program measures: one that does not has none of them. */
const makeMetrics = () => {
  const ended = (outcome: string) =>
    counted("asyncio_tasks_ended", "tasks that have ended, by their outcome", { outcome })
  return {
    alive: Metric.gauge("asyncio_tasks_alive", { description: "tasks that are not done" }),
    started: counted("asyncio_tasks_started", "tasks that were made"),
    finished: ended("finished"),
    failed: ended("failed"),
    cancelled: ended("cancelled"),
    requests: counted("asyncio_cancel_requests", "requests to cancel a task"),
    steps: counted("asyncio_steps", "steps of tasks that the loop has run"),
    lag: Metric.histogram("asyncio_loop_lag_ms", {
      description: "milliseconds that a step was on the queue of the loop before it ran",
      boundaries: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]
    })
  }
}

export class Measuring implements Observer {
  readonly #loop: TaskLoop
  readonly #context: Context.Context<never>
  readonly #metrics = makeMetrics()
  #alive: number
  // The task whose step was put on the queue, and when: one at a time, because to read the clock for each would be dear.
  #timed: object | undefined = undefined
  #queuedAt = 0

  constructor(loop: TaskLoop, context: Context.Context<never>) {
    this.#loop = loop
    this.#context = context
    this.#alive = loop.allTasksUnsafe().length
    this.#metrics.alive.updateUnsafe(this.#alive, context)
  }

  registered(task: TaskImpl): void {
    // A task that has begun eagerly takes its place among the tasks once more, after its first step.
    if (task.root !== undefined) return
    this.#metrics.started.updateUnsafe(1, this.#context)
    this.#metrics.alive.updateUnsafe(++this.#alive, this.#context)
  }

  ending(): void {}

  queued({ task }: Runnable): void {
    if (task === undefined || this.#timed !== undefined) return
    this.#timed = task
    this.#queuedAt = this.#loop.time()
  }

  stepBegins(task: TaskImpl): void {
    this.#metrics.steps.updateUnsafe(1, this.#context)
    if (task !== this.#timed) return
    this.#timed = undefined
    this.#metrics.lag.updateUnsafe(this.#loop.time() - this.#queuedAt, this.#context)
  }

  stepEnds(): void {}
  waits(): void {}
  waiterMade(): void {}

  cancelRequested(): void {
    this.#metrics.requests.updateUnsafe(1, this.#context)
  }

  ended(task: TaskImpl): void {
    const { cancelled, failed, finished } = this.#metrics
    const outcome = task.exit?._tag === "Success" ? finished : task.cancelled() ? cancelled : failed
    outcome.updateUnsafe(1, this.#context)
    this.#metrics.alive.updateUnsafe(--this.#alive, this.#context)
    // The task may have been put on the queue for a step that does not come.
    if (task === this.#timed) this.#timed = undefined
  }
}
