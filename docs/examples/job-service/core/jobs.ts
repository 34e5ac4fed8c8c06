// Runs jobs: a task for each, retries, a timeout per job, a limit on how many run and on how many ask the same host.
import * as asyncio from "@effect-asyncio/core"
import { Effect, Schedule } from "effect"
import type { Config } from "../shared/config.ts"
import { HttpError } from "../shared/http.ts"
import {
  AttemptError,
  fetchText,
  isFinal,
  type JobRequest,
  type JobState,
  JobStore,
  type JobView
} from "../shared/job.ts"

export interface Progress extends JobView {
  state: JobState
  attempts: number
  result?: ReadonlyArray<string> | undefined
  error?: string | undefined
}

export interface Job extends Progress {
  readonly task: asyncio.Task<void>
}

type Outcome = Pick<Progress, "error" | "result" | "state">

export type JobService = Effect.Success<ReturnType<typeof makeJobService>>

/** Makes the service; its jobs are tasks of `group`. */
export const makeJobService = Effect.fnUntraced(function* (config: Config, group: asyncio.TaskGroup<never>) {
  const store = new JobStore<Job>()
  const queue = new Set<Progress>()
  const workers = yield* asyncio.Semaphore.make(config.workers)
  const hosts = new Map<string, asyncio.Semaphore>()
  let waiting = 0
  let stopping = false

  const limiterOf = (host: string) => {
    let limiter = hosts.get(host)
    if (limiter === undefined) hosts.set(host, (limiter = Effect.runSync(asyncio.Semaphore.make(config.perHost))))
    return limiter
  }

  const get = (url: string) =>
    Effect.suspend(() => {
      const text = (signal: AbortSignal) => fetchText(url, signal)
      const request = Effect.tryPromise({ try: text, catch: (error) => error as AttemptError })
      return limiterOf(new URL(url).host).use(request)
    })

  const attempts = (job: Progress, { retries, urls }: JobRequest) =>
    Effect.suspend(() => {
      job.attempts++
      return Effect.forEach(urls, get, { concurrency: "unbounded" })
    }).pipe(
      Effect.tapError(({ message }) => Effect.sync(() => (job.error = message))),
      Effect.retry({
        schedule: Schedule.exponential(config.backoffMs),
        times: retries,
        while: ({ retryable }) => retryable
      })
    )

  const work = (job: Progress, request: JobRequest) =>
    Effect.suspend(() => {
      queue.delete(job)
      job.state = "running"
      return asyncio.timeout(request.timeoutMs, attempts(job, request))
    }).pipe(
      Effect.catchTag("TimeoutError", () =>
        Effect.fail(new AttemptError(`timed out after ${request.timeoutMs} ms`, false))
      )
    )

  const run = Effect.fn("run")(function* (job: Progress, request: JobRequest) {
    const outcome = yield* workers.use(work(job, request)).pipe(
      Effect.match({
        onSuccess: (result): Outcome => ({ state: "done", result, error: undefined }),
        onFailure: ({ message }): Outcome => ({ state: "failed", error: message })
      }),
      asyncio.catchCancelled(({ reason }) => Effect.succeed<Outcome>({ state: "cancelled", error: reason }))
    )
    queue.delete(job)
    Object.assign(job, outcome)
  })

  const submit = Effect.fnUntraced(function* (request: JobRequest) {
    if (stopping) return yield* Effect.fail(new HttpError(503, "shutting down"))
    if (queue.size >= config.queueLimit) {
      return yield* Effect.fail(new HttpError(429, "too many jobs are waiting"))
    }
    const progress: Progress = { id: store.nextId(), state: "queued", attempts: 0 }
    queue.add(progress)
    // Started at once, because a task that is cancelled before its first step never gets to say so.
    const task = yield* group.createTask(run(progress, request), { name: progress.id, eagerStart: true })
    const job = Object.assign(progress, { task })
    store.add(job)
    return job
  })

  const cancel = (job: Job, reason: string) =>
    isFinal(job.state) ? Effect.fail(new HttpError(409, `the job is ${job.state}`)) : job.task.cancel(reason)

  /** Waits until the job is final, or the time is up. */
  const wait = (job: Job, ms: number) =>
    Effect.acquireUseRelease(
      Effect.sync(() => waiting++),
      () => asyncio.wait([job.task], { timeout: ms }),
      () => Effect.sync(() => waiting--)
    )

  const counts = () => ({ ...store.counts(), waiting })

  const tasksIn = (state: JobState) => store.inState(state).map(({ task }) => task)

  /** Cancels what is queued, lets what is running go on for a while, and cancels the rest. */
  const shutdown = Effect.gen(function* () {
    stopping = true
    yield* asyncio.cancelAndWait(tasksIn("queued"), { message: "shutting down" })
    const running = tasksIn("running")
    if (running.length > 0) yield* asyncio.wait(running, { timeout: config.graceMs })
    yield* asyncio.cancelAndWait(running, { message: "shutting down" })
  })

  return { store, submit, cancel, wait, counts, shutdown }
})
