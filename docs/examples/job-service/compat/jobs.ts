// Runs jobs: a task for each, retries, a timeout per job, a limit on how many run and on how many ask the same host.
import * as asyncio from "@effect-asyncio/compat"
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
import { all } from "./tools.ts"

interface Progress extends JobView {
  readonly request: JobRequest
  state: JobState
  attempts: number
  result?: ReadonlyArray<string> | undefined
  error?: string | undefined
}

interface Job extends Progress {
  readonly task: asyncio.Task<void>
}

export class JobService {
  readonly store = new JobStore<Job>()
  readonly #config: Config
  readonly #group: asyncio.TaskGroup
  readonly #queue = new Set<Progress>()
  readonly #workers: asyncio.Semaphore
  readonly #hosts = new Map<string, asyncio.Semaphore>()
  #waiting = 0
  #stopping = false

  /** The jobs are tasks of `group`. */
  constructor(config: Config, group: asyncio.TaskGroup) {
    this.#config = config
    this.#group = group
    this.#workers = new asyncio.Semaphore(config.workers)
  }

  submit(request: JobRequest): Job {
    if (this.#stopping) throw new HttpError(503, "shutting down")
    if (this.#queue.size >= this.#config.queueLimit) throw new HttpError(429, "too many jobs are waiting")
    const id = this.store.nextId()
    const progress: Progress = { id, state: "queued", attempts: 0, request }
    this.#queue.add(progress)
    // Started at once, because a task that is cancelled before its first step never gets to say so.
    const task = this.#group.createTask(() => this.#run(progress), { name: id, eagerStart: true })
    const job = Object.assign(progress, { task })
    this.store.add(job)
    return job
  }

  cancel(job: Job, reason: string): void {
    if (isFinal(job.state)) throw new HttpError(409, `the job is ${job.state}`)
    job.task.cancel(reason)
  }

  /** Waits until the job is final, or the time is up. */
  async wait(job: Job, ms: number): Promise<void> {
    this.#waiting++
    try {
      await asyncio.wait([job.task], { timeout: ms })
    } finally {
      this.#waiting--
    }
  }

  counts() {
    return { ...this.store.counts(), waiting: this.#waiting }
  }

  /** Cancels what is queued, lets what is running go on for a while, and cancels the rest. */
  async shutdown(): Promise<void> {
    this.#stopping = true
    await asyncio.cancelAndWait(this.#tasksIn("queued"), { message: "shutting down" })
    const running = this.#tasksIn("running")
    if (running.length > 0) await asyncio.wait(running, { timeout: this.#config.graceMs })
    await asyncio.cancelAndWait(running, { message: "shutting down" })
  }

  #tasksIn(state: JobState): ReadonlyArray<asyncio.Task<void>> {
    return this.store.inState(state).map(({ task }) => task)
  }

  async #run(job: Progress): Promise<void> {
    const { timeoutMs } = job.request
    try {
      const result = await this.#workers.use(() => {
        this.#queue.delete(job)
        job.state = "running"
        return asyncio.timeout(timeoutMs, () => this.#attempts(job))
      })
      this.#finish(job, "done", { result })
    } catch (error) {
      if (error instanceof asyncio.CancelledError) this.#finish(job, "cancelled", { error: error.reason })
      else if (error instanceof asyncio.TimeoutError) {
        this.#finish(job, "failed", { error: `timed out after ${timeoutMs} ms` })
      } else this.#finish(job, "failed", { error: (error as Error).message })
    }
  }

  #finish(job: Progress, state: JobState, { error, result }: Pick<JobView, "error" | "result">): void {
    this.#queue.delete(job)
    Object.assign(job, { state, error, result })
  }

  async #attempts(job: Progress): Promise<ReadonlyArray<string>> {
    for (;;) {
      job.attempts++
      try {
        return await all(job.request.urls.map((url) => (task) => this.#get(url, task)))
      } catch (error) {
        const retry = error instanceof AttemptError && error.retryable && job.attempts <= job.request.retries
        if (!retry) throw error
        job.error = error.message
        await asyncio.sleep(this.#config.backoffMs * 2 ** (job.attempts - 1))
      }
    }
  }

  #get(url: string, task: asyncio.Task<unknown>): Promise<string> {
    return this.#limiterOf(new URL(url).host).use(() => fetchText(url, task.signal))
  }

  #limiterOf(host: string): asyncio.Semaphore {
    let limiter = this.#hosts.get(host)
    if (limiter === undefined) this.#hosts.set(host, (limiter = new asyncio.Semaphore(this.#config.perHost)))
    return limiter
  }
}
