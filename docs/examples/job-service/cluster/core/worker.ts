// What a worker does with a job: retries, a timeout, and a limit on how many of its requests go to the same host.
import * as cluster from "@effect-asyncio/cluster"
import * as asyncio from "@effect-asyncio/core"
import { Effect, Schedule } from "effect"
import type { Config } from "../../shared/config.ts"
import { type AttemptError, fetchText, type JobRequest } from "../../shared/job.ts"
import { JobFailed, schemas } from "../schemas.ts"

export const job = cluster.task("job", { ...schemas, retention: "1 hour" })

export const jobWorker = (config: Config) => {
  const hosts = new Map<string, asyncio.Semaphore>()

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

  const attempts = ({ retries, urls }: JobRequest) => {
    const progress: { attempts: number; error?: string } = { attempts: 0 }
    return Effect.suspend(() => {
      progress.attempts++
      const bodies = Effect.forEach(urls, get, { concurrency: "unbounded" })
      return Effect.andThen(cluster.reportProgress(progress), bodies)
    }).pipe(
      Effect.tapError(({ message }) => cluster.reportProgress(Object.assign(progress, { error: message }))),
      Effect.retry({
        schedule: Schedule.exponential(config.backoffMs),
        times: retries,
        while: ({ retryable }) => retryable
      })
    )
  }

  const run = Effect.fn("run")((request: JobRequest) =>
    asyncio.timeout(request.timeoutMs, attempts(request)).pipe(
      Effect.catchTag("TimeoutError", () => Effect.fail(new Error(`timed out after ${request.timeoutMs} ms`))),
      Effect.mapError(({ message }) => new JobFailed({ message }))
    )
  )

  return job.worker(run, { concurrency: config.workers })
}
