// The jobs of the service, as tasks of a cluster: nothing is kept here.
import * as cluster from "@effect-asyncio/cluster"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import type { Config } from "../../shared/config.ts"
import { HttpError } from "../../shared/http.ts"
import { isFinal, type JobRequest } from "../../shared/job.ts"
import { type ClusterJobView, countsOf, stateOf, viewOf } from "../view.ts"
import { job } from "./worker.ts"

export type JobService = Effect.Success<ReturnType<typeof makeJobService>>

/** The job with its result, or why there is none. */
const view = (info: cluster.TaskInfo) => {
  const known: ClusterJobView = viewOf(info)
  if (known.state !== "done" && known.state !== "failed") return Effect.succeed(known)
  return Effect.match(Effect.flatten(cluster.joinTask(job, info.name)), {
    onSuccess: (result): ClusterJobView => ({ ...known, result }),
    onFailure: ({ message }): ClusterJobView => ({ ...known, error: message })
  })
}

export const makeJobService = Effect.fnUntraced(function* (config: Config) {
  // Those that this process has accepted are called so, with a number that keeps their order.
  const prefix = `job-${randomUUID().slice(0, 8)}`
  const door = yield* asyncio.Lock.make()
  let accepted = 0
  let waiting = 0
  let stopping = false

  const counts = Effect.map(cluster.counts, (all) => ({ ...countsOf(all, job), waiting }))

  /** Gives the id of the job when it is written down. */
  const submit = (request: JobRequest) =>
    // One after the other, so that two do not take the same last place.
    door.use(
      Effect.gen(function* () {
        if (stopping) return yield* Effect.fail(new HttpError(503, "shutting down"))
        const { queued } = yield* counts
        if (queued >= config.queueLimit) return yield* Effect.fail(new HttpError(429, "too many jobs are waiting"))
        return yield* cluster.submit(job, request, { name: `${prefix}-${String(++accepted).padStart(8, "0")}` })
      })
    )

  const find = Effect.fnUntraced(function* (id: string) {
    const info = yield* cluster.findTask(id)
    return info ?? (yield* Effect.fail(new HttpError(404, `no such job: ${id}`)))
  })

  const get = (id: string) => Effect.flatMap(find(id), view)

  const cancel = Effect.fnUntraced(function* (id: string, reason: string) {
    const info = yield* find(id)
    if (isFinal(stateOf(info))) return yield* Effect.fail(new HttpError(409, `the job is ${stateOf(info)}`))
    yield* cluster.cancel(id, reason)
    return yield* get(id)
  })

  /** Waits until the job is final, or the time is up. */
  const wait = (id: string, ms: number) =>
    ms === 0
      ? Effect.void
      : Effect.acquireUseRelease(
          Effect.tap(cluster.joinTask(job, id), () => Effect.sync(() => waiting++)),
          (end) => asyncio.wait([end], { timeout: ms }),
          (end) => Effect.andThen(end.cancel(), () => Effect.sync(() => waiting--))
        )

  const all = Effect.fnUntraced(function* (query: cluster.TaskQuery) {
    const found: Array<cluster.TaskInfo> = []
    let page: cluster.TaskPage | undefined
    do {
      page = yield* cluster.allTasks({ ...query, limit: 1000, after: page?.next })
      found.push(...page.tasks)
    } while (page.next !== undefined)
    return found
  })

  const views = (query: cluster.TaskQuery) =>
    Effect.flatMap(all(query), (found) => Effect.forEach(found, view, { concurrency: "unbounded" }))

  const mine = `${prefix}-*`

  const cancelAll = (state: cluster.TaskState) =>
    Effect.flatMap(all({ name: mine, state }), (found) =>
      Effect.forEach(found, ({ name }) => cluster.cancelAndWait(name, "shutting down"), { concurrency: "unbounded" })
    )

  /** Of what this process has accepted: cancels what is queued, lets what is running go on for a while, and cancels the rest. */
  const shutdown = Effect.gen(function* () {
    stopping = true
    // Who is in the door has a job that counts.
    yield* door.use(Effect.void)
    yield* cancelAll("waiting")
    const found = yield* all({ name: mine, state: "running" })
    const running = yield* Effect.forEach(found, ({ name }) => cluster.joinTask(job, name))
    if (running.length > 0) yield* asyncio.wait(running, { timeout: config.graceMs })
    yield* cancelAll("running")
  })

  const list = views({ definition: job.name })
  /** The jobs that this process has accepted, in the order they came. */
  const ownJobs = views({ name: mine })

  return { submit, get, cancel, wait, counts, list, ownJobs, shutdown }
})
