// Runs jobs: a bounded queue, workers, retries, a timeout per job and a limit per upstream host.
import { EventEmitter } from "node:events"
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
import { BoundedQueue, Limiter, sleep, withTimeout } from "./tools.ts"

interface Job extends JobView {
  readonly request: JobRequest
  readonly controller: AbortController
  state: JobState
  attempts: number
  result?: ReadonlyArray<string> | undefined
  error?: string | undefined
}

export class JobService {
  readonly store = new JobStore<Job>()
  readonly #config: Config
  readonly #queue: BoundedQueue<Job>
  readonly #hosts = new Map<string, Limiter>()
  readonly #running = new Set<Promise<void>>()
  readonly #events = new EventEmitter()
  #waiting = 0
  #stopping = false

  constructor(config: Config) {
    this.#config = config
    this.#queue = new BoundedQueue(config.queueLimit)
    for (let i = 0; i < config.workers; i++) void this.#work()
  }

  submit(request: JobRequest): Job {
    if (this.#stopping) throw new HttpError(503, "shutting down")
    const id = this.store.nextId()
    const job: Job = { id, state: "queued", attempts: 0, request, controller: new AbortController() }
    if (!this.#queue.offer(job)) throw new HttpError(429, "too many jobs are waiting")
    this.store.add(job)
    return job
  }

  cancel(job: Job, reason: string): void {
    if (isFinal(job.state)) throw new HttpError(409, `the job is ${job.state}`)
    if (job.state === "queued") this.#finish(job, "cancelled", { error: reason })
    else job.controller.abort(new Error(reason))
  }

  /** Waits until the job is final, or the time is up. */
  async wait(job: Job, ms: number): Promise<void> {
    if (isFinal(job.state) || ms === 0) return
    this.#waiting++
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#events.once(job.id, () => {
        clearTimeout(timer)
        resolve()
      })
    })
    this.#waiting--
  }

  counts() {
    return { ...this.store.counts(), waiting: this.#waiting }
  }

  /** Cancels what is queued, lets what is running go on for a while, and cancels the rest. */
  async shutdown(): Promise<void> {
    this.#stopping = true
    for (const job of this.store.inState("queued")) this.cancel(job, "shutting down")
    await Promise.race([Promise.all(this.#running), sleep(this.#config.graceMs)])
    for (const job of this.store.inState("running")) this.cancel(job, "shutting down")
    // Aborting is quick. Should something not notice, the process must end all the same.
    await Promise.race([Promise.all(this.#running), sleep(1000)])
  }

  async #work(): Promise<void> {
    for (;;) {
      const job = await this.#queue.take()
      if (job.state !== "queued") continue
      const running = this.#run(job)
      this.#running.add(running)
      await running
      this.#running.delete(running)
    }
  }

  async #run(job: Job): Promise<void> {
    const { signal } = job.controller
    job.state = "running"
    try {
      const result = await withTimeout(this.#attempts(job, signal), job.request.timeoutMs)
      this.#finish(job, "done", { result })
    } catch (error) {
      const { message } = error as Error
      this.#finish(job, signal.aborted ? "cancelled" : "failed", { error: message })
    }
  }

  #finish(job: Job, state: JobState, { error, result }: Pick<JobView, "error" | "result">): void {
    Object.assign(job, { state, error, result })
    this.#events.emit(job.id)
  }

  async #attempts(job: Job, signal: AbortSignal): Promise<ReadonlyArray<string>> {
    for (;;) {
      job.attempts++
      try {
        return await Promise.all(job.request.urls.map((url) => this.#get(url, signal)))
      } catch (error) {
        if (signal.aborted) throw signal.reason
        const retry = error instanceof AttemptError && error.retryable && job.attempts <= job.request.retries
        if (!retry) throw error
        job.error = error.message
        await sleep(this.#config.backoffMs * 2 ** (job.attempts - 1))
      }
    }
  }

  #get(url: string, signal: AbortSignal): Promise<string> {
    return this.#limiterOf(new URL(url).host).run(() => fetchText(url, signal))
  }

  #limiterOf(host: string): Limiter {
    let limiter = this.#hosts.get(host)
    if (limiter === undefined) this.#hosts.set(host, (limiter = new Limiter(this.#config.perHost)))
    return limiter
  }
}
