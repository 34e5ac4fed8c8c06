import * as asyncio from "@effect-asyncio/core"
import { Context, Effect, Layer } from "effect"

/** What is to be done: a name, and how long it takes, in milliseconds. */
export interface Job {
  readonly name: string
  readonly takes: number
}

/** Where the jobs tell what they do: a service, so that a test can listen. */
export class Journal extends Context.Service<Journal, { readonly say: (line: string) => Effect.Effect<void> }>()(
  "app/Journal"
) {
  static readonly console = Layer.succeed(Journal, { say: (line) => Effect.sync(() => console.log(line)) })
}

/** Does one job. A cancellation arrives at the sleep: finalizers run, and whoever cancelled waits for them. */
const work = Effect.fn("work")(function* (job: Job) {
  const journal = yield* Journal
  yield* journal.say(`${job.name}: begins`)
  yield* asyncio.sleep(job.takes).pipe(Effect.ensuring(journal.say(`${job.name}: cleans up`)))
  return job.name
})

/**
 * Does all jobs at once, each in a task with its name, and gives those that were done within the limit. What is under way then is
 * cancelled, and has cleaned up before this returns.
 */
export const doJobs = Effect.fn("doJobs")(function* (jobs: ReadonlyArray<Job>, limit: number) {
  const journal = yield* Journal
  const done: Array<string> = []
  const doOne = (job: Job) => Effect.map(work(job), (name) => void done.push(name))
  const all = asyncio.taskGroup((group: asyncio.TaskGroup<never>) =>
    Effect.forEach(jobs, (job) => group.createTask(doOne(job), { name: job.name }), { discard: true })
  )
  yield* asyncio.timeout(limit, all).pipe(Effect.catchTag("TimeoutError", () => journal.say("time is up")))
  return done as ReadonlyArray<string>
})
