/**
 * Jobs of BullMQ as tasks.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/compat"
import type * as Duration from "effect/Duration"
import { waitForAtShutdown } from "./internal/taskWork.ts"

/** What a task has of a job: its name, its queue and its id. */
interface NamedJob {
  readonly name: string
  readonly id?: string | undefined
  readonly queueName: string
}

/**
 * Options of {@link jobTasks}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface JobTasksOptions {
  /** How long a job may take; then its task is cancelled with the kind `"timeout"`, and the job fails with a TimeoutError. */
  readonly timeout?: Duration.Input | undefined
}

/**
 * A processor for a `Worker` of BullMQ: each job is a task, `emails:welcome`, with the queue, the job's name and its id as labels.
 *
 * **Details**
 *
 * The task belongs to the run that `jobTasks` was called in. What the handler gives and fails with is the job's. A job whose task was
 * cancelled fails with the `CancelledError`, and is tried again where its `attempts` say so.
 *
 * **Cancellation**
 *
 * `worker.cancelJob(id, reason)` cancels the task. A shutdown waits for jobs as it does for requests, and then cancels them with the kind
 * `"shutdown"`; close the worker with `service.onStop(() => worker.close())`, so that it takes no more.
 *
 * **asyncio**
 *
 * No such thing: asyncio has no jobs. A [queue](https://docs.python.org/3/library/asyncio-queue.html#asyncio.Queue) of asyncio
 * ends with its process.
 *
 * **Example** (A processor, called as a worker calls it)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import { jobTasks } from "@effect-asyncio/server/bullmq"
 *
 * const processor = jobTasks(async () => asyncio.currentTask()?.getName(), { timeout: "5 minutes" })
 * // new Worker("emails", processor, { connection })
 * await processor({ queueName: "emails", name: "welcome", id: "7" }) // => "emails:welcome"
 * ```
 *
 * @category requests
 * @stability unstable
 * @since 0.1.0
 */
export const jobTasks = <Job extends NamedJob, A>(
  handler: (job: Job, token?: string) => A | PromiseLike<A>,
  options: JobTasksOptions = {}
): ((job: Job, token?: string, signal?: AbortSignal) => Promise<A>) => {
  const { timeout } = options
  // A worker calls its processor in no task.
  const loop = asyncio.getRunningLoop()
  return async (job, token, signal) => {
    const { id, name, queueName } = job
    const handle = async () => await handler(job, token)
    const body = timeout === undefined ? handle : () => asyncio.timeout(timeout, handle)
    const labels = { queue: queueName, job: name, ...(id === undefined ? {} : { id }) }
    const task = loop.createTask(body, { name: `${queueName}:${name}`, labels, signal })
    waitForAtShutdown(task.core)
    return await task
  }
}
