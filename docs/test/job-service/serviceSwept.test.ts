// The job service of docs/coming-from-promises.md, in its two versions with tasks, wherever it is cancelled and whatever its upstreams do.
// Its server is left out: sockets take real time. What a request does is what these programs do.
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { explore, fakeFetch, sweep } from "@effect-asyncio/testing"
import * as effects from "@effect-asyncio/testing/core"
import { Effect } from "effect"
import { afterAll, assert, beforeAll, describe, it, vi } from "vitest"
import { JobService } from "../../examples/job-service/compat/jobs.ts"
import { makeJobService } from "../../examples/job-service/core/jobs.ts"
import type { Config } from "../../examples/job-service/shared/config.ts"
import { isFinal, type JobRequest, type JobView } from "../../examples/job-service/shared/job.ts"

const config: Config = {
  port: 0,
  workers: 2,
  queueLimit: 10,
  perHost: 1,
  backoffMs: 10,
  graceMs: 50,
  statsMs: 1000,
  maxBody: 100
}

const requests: ReadonlyArray<JobRequest> = [
  { urls: ["http://one/a", "http://two/a"], timeoutMs: 200, retries: 1 },
  { urls: ["http://one/broken"], timeoutMs: 200, retries: 1 },
  { urls: ["http://two/b"], timeoutMs: 200, retries: 0 },
  { urls: ["http://one/c"], timeoutMs: 200, retries: 0 }
]

/** What is left of a run: what clients would see of the jobs, and how many of them wait. */
interface Seen {
  jobs: () => ReadonlyArray<JobView>
  waiting: () => number
}

const setup = (): Seen => ({ jobs: () => [], waiting: () => 0 })

const check = ({ jobs, waiting }: Seen): void => {
  assert.deepStrictEqual(
    jobs().filter(({ state }) => !isFinal(state)),
    [],
    "jobs that are not final"
  )
  assert.strictEqual(waiting(), 0, "clients that are counted as waiting")
}

// A job that is cancelled says so in its state, and its task returns.
const options = { picture: false, setup, check, ignore: ["swallowed"] } as const

const service = (seen: Seen): Promise<void> =>
  asyncio.taskGroup(async (group) => {
    const service = new JobService(config, group)
    seen.jobs = () => service.store.all()
    seen.waiting = () => service.counts().waiting
    const [first, , , last] = requests.map((request) => service.submit(request))
    group.createTask(() => service.wait(first!, 100), { name: "client" })
    await asyncio.sleep(5)
    if (!isFinal(last!.state)) service.cancel(last!, "deleted by client")
    await asyncio.sleep(20)
    await service.shutdown()
  })

const serviceOfEffects = (seen: Seen) =>
  core.taskGroup((group: core.TaskGroup<never>) =>
    Effect.gen(function* () {
      const service = yield* makeJobService(config, group)
      seen.jobs = () => service.store.all()
      seen.waiting = () => service.counts().waiting
      const [first, , , last] = yield* Effect.forEach(requests, (request) => service.submit(request))
      yield* group.createTask(service.wait(first!, 100), { name: "client" })
      yield* core.sleep(5)
      if (!isFinal(last!.state)) yield* service.cancel(last!, "deleted by client")
      yield* core.sleep(20)
      yield* service.shutdown
    })
  )

beforeAll(() => {
  const routes = { "/broken": () => new Response("broken", { status: 500 }) }
  const upstream = fakeFetch(
    { "/a": () => "a", "/b": () => "b", "/c": () => "c", ...routes },
    { latency: [10, 1, 300] }
  )
  vi.stubGlobal("fetch", upstream)
})
afterAll(() => void vi.unstubAllGlobals())

describe("the job service", () => {
  it("holds wherever it is cancelled: compat", async () => {
    const { places, runs } = await sweep(service, options)

    assert.isAbove(runs, places.length)
  })

  it("holds wherever it is cancelled: core", async () => {
    const { places, runs } = await effects.sweep(serviceOfEffects, options)

    assert.isAbove(runs, places.length)
  })

  it("holds whatever its upstreams do: compat", async () => {
    const { decisions } = await explore(service, { ...options, schedules: 300 })

    assert.isAbove(decisions, 5)
  })

  it("holds whatever its upstreams do: core", async () => {
    const { decisions } = await effects.explore(serviceOfEffects, { ...options, schedules: 300 })

    assert.isAbove(decisions, 5)
  })
})
