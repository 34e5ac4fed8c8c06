// The jobs of the service, as tasks of a cluster: nothing is kept here.
import * as cluster from "@effect-asyncio/cluster/compat"
import * as asyncio from "@effect-asyncio/compat"
import { randomUUID } from "node:crypto"
import type { Config } from "../../shared/config.ts"
import { HttpError } from "../../shared/http.ts"
import { isFinal, type JobRequest } from "../../shared/job.ts"
import { type ClusterJobView, countsOf, stateOf, viewOf } from "../view.ts"
import { job } from "./worker.ts"

export class JobService {
  readonly #config: Config
  /** Those that this process has accepted are called so, with a number that keeps their order. */
  readonly #prefix = `job-${randomUUID().slice(0, 8)}`
  readonly #door = new asyncio.Lock()
  #accepted = 0
  #waiting = 0
  #stopping = false

  constructor(config: Config) {
    this.#config = config
  }

  /** Gives the id of the job when it is written down. */
  submit(request: JobRequest): Promise<string> {
    // One after the other, so that two do not take the same last place.
    return this.#door.use(async () => {
      if (this.#stopping) throw new HttpError(503, "shutting down")
      const { queued } = await this.counts()
      if (queued >= this.#config.queueLimit) throw new HttpError(429, "too many jobs are waiting")
      return await cluster.submit(job, request, {
        name: `${this.#prefix}-${String(++this.#accepted).padStart(8, "0")}`
      })
    })
  }

  async cancel(id: string, reason: string): Promise<ClusterJobView> {
    const info = await this.#find(id)
    if (isFinal(stateOf(info))) throw new HttpError(409, `the job is ${stateOf(info)}`)
    await cluster.cancel(id, reason)
    return await this.get(id)
  }

  async get(id: string): Promise<ClusterJobView> {
    return await this.#view(await this.#find(id))
  }

  /** Waits until the job is final, or the time is up. */
  async wait(id: string, ms: number): Promise<void> {
    if (ms === 0) return
    this.#waiting++
    const end = cluster.joinTask(job, id)
    try {
      await asyncio.wait([end], { timeout: ms })
    } finally {
      end.cancel()
      this.#waiting--
    }
  }

  async counts() {
    return { ...countsOf(await cluster.counts(), job), waiting: this.#waiting }
  }

  async list(): Promise<ReadonlyArray<ClusterJobView>> {
    const found = await this.#all({ definition: job.name })
    return await Promise.all(found.map((info) => this.#view(info)))
  }

  /** The jobs that this process has accepted, in the order they came. */
  async accepted(): Promise<ReadonlyArray<ClusterJobView>> {
    const found = await this.#all({ name: `${this.#prefix}-*` })
    return await Promise.all(found.map((info) => this.#view(info)))
  }

  /** Of what this process has accepted: cancels what is queued, lets what is running go on for a while, and cancels the rest. */
  async shutdown(): Promise<void> {
    this.#stopping = true
    // Who is in the door has a job that counts.
    await this.#door.use(() => {})
    await this.#cancelAll("waiting")
    const running = (await this.#mine("running")).map(({ name }) => cluster.joinTask(job, name))
    if (running.length > 0) await asyncio.wait(running, { timeout: this.#config.graceMs })
    await this.#cancelAll("running")
  }

  #mine(state: cluster.TaskState): Promise<ReadonlyArray<cluster.TaskInfo>> {
    return this.#all({ name: `${this.#prefix}-*`, state })
  }

  async #cancelAll(state: cluster.TaskState): Promise<void> {
    const found = await this.#mine(state)
    await Promise.all(found.map(({ name }) => cluster.cancelAndWait(name, "shutting down")))
  }

  async #find(id: string): Promise<cluster.TaskInfo> {
    const info = await cluster.findTask(id)
    if (info === undefined) throw new HttpError(404, `no such job: ${id}`)
    return info
  }

  async #all(query: cluster.TaskQuery): Promise<ReadonlyArray<cluster.TaskInfo>> {
    const found: Array<cluster.TaskInfo> = []
    let page: cluster.TaskPage | undefined
    do {
      page = await cluster.allTasks({ ...query, limit: 1000, after: page?.next })
      found.push(...page.tasks)
    } while (page.next !== undefined)
    return found
  }

  async #view(info: cluster.TaskInfo): Promise<ClusterJobView> {
    const view = viewOf(info)
    if (view.state !== "done" && view.state !== "failed") return view
    try {
      return { ...view, result: await cluster.joinTask(job, info.name) }
    } catch (error) {
      return { ...view, error: (error as Error).message }
    }
  }
}
