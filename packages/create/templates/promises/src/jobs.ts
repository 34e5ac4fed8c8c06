import * as asyncio from "@effect-asyncio/compat"

/** What is to be done: a name, and how long it takes, in milliseconds. */
export interface Job {
  readonly name: string
  readonly takes: number
}

/** Does one job. A cancellation arrives at the `await`: `finally` runs, and whoever cancelled waits for it. */
const work = async (job: Job, say: (line: string) => void): Promise<string> => {
  say(`${job.name}: begins`)
  try {
    await asyncio.sleep(job.takes)
    return job.name
  } finally {
    say(`${job.name}: cleans up`)
  }
}

/**
 * Does all jobs at once, each in a task with its name, and gives those that were done within the limit. What is under way then is
 * cancelled, and has cleaned up before this returns.
 */
export const doJobs = async (
  jobs: ReadonlyArray<Job>,
  limit: number,
  say: (line: string) => void = console.log
): Promise<ReadonlyArray<string>> => {
  const done: Array<string> = []
  try {
    await asyncio.timeout(limit, () =>
      asyncio.taskGroup(async (group) => {
        for (const job of jobs) {
          group.createTask(async () => void done.push(await work(job, say)), { name: job.name })
        }
      })
    )
  } catch (error) {
    if (!(error instanceof asyncio.TimeoutError)) throw error
    say("time is up")
  }
  return done
}
