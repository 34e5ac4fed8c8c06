// What a worker does with a job: retries, a timeout, and a limit on how many of its requests go to the same host.
import * as cluster from "@effect-asyncio/cluster/compat"
import * as asyncio from "@effect-asyncio/compat"
import { all } from "../../compat/tools.ts"
import type { Config } from "../../shared/config.ts"
import { AttemptError, fetchText, type JobRequest } from "../../shared/job.ts"
import { JobFailed, schemas } from "../schemas.ts"

export const job = cluster.task("job", { ...schemas, retention: "1 hour" })

export const jobWorker = (config: Config) => {
  const hosts = new Map<string, asyncio.Semaphore>()

  const limiterOf = (host: string): asyncio.Semaphore => {
    let limiter = hosts.get(host)
    if (limiter === undefined) hosts.set(host, (limiter = new asyncio.Semaphore(config.perHost)))
    return limiter
  }

  const get = (url: string, task: asyncio.Task<unknown>): Promise<string> =>
    limiterOf(new URL(url).host).use(() => fetchText(url, task.signal))

  const attempts = async ({ retries, urls }: JobRequest): Promise<ReadonlyArray<string>> => {
    for (let attempts = 1, last = {}; ; attempts++) {
      await cluster.reportProgress({ attempts, ...last })
      try {
        return await all(urls.map((url) => (task) => get(url, task)))
      } catch (error) {
        const retry = error instanceof AttemptError && error.retryable && attempts <= retries
        if (!retry) throw error
        last = { error: error.message }
        await cluster.reportProgress({ attempts, ...last })
        await asyncio.sleep(config.backoffMs * 2 ** (attempts - 1))
      }
    }
  }

  const run = async (request: JobRequest): Promise<ReadonlyArray<string>> => {
    const { timeoutMs } = request
    try {
      return await asyncio.timeout(timeoutMs, () => attempts(request))
    } catch (error) {
      if (error instanceof asyncio.TimeoutError) throw new JobFailed({ message: `timed out after ${timeoutMs} ms` })
      throw error instanceof AttemptError ? new JobFailed({ message: error.message }) : error
    }
  }

  return job.worker(run, { concurrency: config.workers })
}
