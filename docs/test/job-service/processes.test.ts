// Programs of the docs in several processes: those of docs/cluster.md, and what the job service gets from workers in processes of their own, beside
// what docs/test/job-service/job-service.test.ts says of all its versions.
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Program, startProgram } from "../../../packages/tools/servers/programs.ts"
import { createDatabase, Server, type Started, startPostgres } from "../../../packages/tools/servers/servers.ts"
import { Service, startWorker, type Settings, type Version } from "./service.ts"
import { Upstream } from "./upstream.ts"

/** How long something that has to happen may take, in milliseconds: others find out that a process is gone first. */
const guard = 60_000

let postgres: Started
beforeAll(async () => void (postgres = await startPostgres()), 120_000)
afterAll(async () => {
  if (postgres instanceof Server) await postgres.stop()
}, 120_000)

/** Processes on one database, which end with the test. */
class Site implements AsyncDisposable {
  readonly #version: Version
  readonly #settings: Settings
  readonly #database: string
  readonly #ends = new AsyncDisposableStack()

  constructor(version: Version, settings: Settings, database: string) {
    this.#version = version
    this.#settings = settings
    this.#database = database
  }

  async service(): Promise<Service> {
    const service = await Service.start(this.#version, this.#settings, guard, this.#database)
    this.#ends.defer(() => service.destroy())
    return service
  }

  async worker(): Promise<Program> {
    const worker = await startWorker(this.#version, this.#settings, this.#database)
    this.#ends.defer(() => worker.kill("SIGKILL"))
    return worker
  }

  async upstream(): Promise<Upstream> {
    const upstream = await Upstream.start(guard)
    this.#ends.defer(() => upstream.stop())
    return upstream
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#ends.disposeAsync()
  }
}

describe.concurrent("the job service in processes", { timeout: 3 * guard }, () => {
  it("runs a job again when its worker is killed, and another service knows of it", async ({ skip }) => {
    if (typeof postgres === "string") skip(postgres)
    await using site = new Site("cluster/compat", {}, createDatabase(postgres as Server, "killed"))
    const [service, worker, up] = await Promise.all([site.service(), site.worker(), site.upstream()])
    const id = await service.submit({ urls: [up.url("/a")] })
    await up.next("/a")

    worker.kill("SIGKILL")
    await service.destroy()

    const [another] = await Promise.all([site.service(), site.worker()])
    const request = await up.next("/a")
    const job: unknown = await another.get(id)
    request.answer(200, "hello")
    const final: unknown = await another.final(id)
    assert.deepStrictEqual(
      [job, final],
      [
        { id, state: "running", attempts: 1, runs: 2 },
        { id, state: "done", attempts: 1, runs: 2, result: ["hello"] }
      ]
    )
  })

  it("hands a job over when its worker is told to stop", async ({ skip }) => {
    if (typeof postgres === "string") skip(postgres)
    await using site = new Site("cluster/core", { GRACE_MS: 0 }, createDatabase(postgres as Server, "stopped"))
    const [service, worker, up] = await Promise.all([site.service(), site.worker(), site.upstream()])
    const id = await service.submit({ urls: [up.url("/a")] })
    const first = await up.next("/a")
    await site.worker()

    worker.kill("SIGTERM")

    await first.hungUp
    const request = await up.next("/a")
    request.answer(200, "hello")
    const final: unknown = await service.final(id)
    assert.deepStrictEqual(final, { id, state: "done", attempts: 1, runs: 2, result: ["hello"] })
    assert.notInclude(worker.output(), "Error")
    assert.strictEqual(await worker.ended, 143)
  })
})

it.concurrent(
  "the job service in one process keeps its jobs in a file, also when it is killed",
  { timeout: 3 * guard },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "jobs-"))
    await using ends = new AsyncDisposableStack()
    ends.defer(() => rmSync(folder, { recursive: true }))
    const up = await Upstream.start(guard)
    ends.defer(() => up.stop())
    const start = async () => {
      const service = await Service.start("cluster/core", { JOBS_FILE: join(folder, "jobs.sqlite") }, guard)
      ends.defer(() => service.destroy())
      return service
    }
    const service = await start()
    const id = await service.submit({ urls: [up.url("/a")] })
    await up.next("/a")

    await service.destroy()

    const another = await start()
    const request = await up.next("/a")
    request.answer(200, "hello")
    const final: unknown = await another.final(id)
    assert.deepStrictEqual(final, { id, state: "done", attempts: 1, runs: 2, result: ["hello"] })
  }
)

describe.concurrent("the programs of docs/cluster.md", { timeout: 3 * guard }, () => {
  for (const side of ["compat", "core"]) {
    it(`run as they stand there: ${side}`, async ({ skip }) => {
      if (typeof postgres === "string") skip(postgres)
      const env = { NODE_OPTIONS: undefined, DATABASE_URL: createDatabase(postgres as Server, side) }
      const start = (name: string) => {
        const file = fileURLToPath(new URL(`../../examples/cluster/${side}/${name}.ts`, import.meta.url))
        return startProgram(file, { packages: "built", env })
      }
      const client = start("client")
      const worker = start("worker")

      await worker.line(/^working$/)
      assert.strictEqual(await client.ended, 0, client.output())
      worker.kill("SIGTERM")

      assert.strictEqual(client.output(), "small a.png\n")
      assert.strictEqual(await worker.ended, 143)
    })
  }
})
