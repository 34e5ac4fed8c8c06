import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as cluster from "@effect-asyncio/cluster"
import { postgres } from "@effect-asyncio/cluster/postgres"
import * as asyncio from "@effect-asyncio/core"
import { Queue, Worker } from "bullmq"
import * as Effect from "effect/Effect"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { findPostgres, findRedis } from "../../../tools/servers/debian.ts"
import { startProgram } from "../../../tools/servers/programs.ts"
import { type Server, type Started, startPostgres, startRedis } from "../../../tools/servers/servers.ts"
import { work } from "../chaos/definitions.ts"
import { Fleet } from "../chaos/fleet.ts"
import { now, readLog } from "../chaos/log.ts"

const running = (started: Started): Server => {
  if (typeof started === "string") throw new Error(started)
  return started
}

let folder: string
let log: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cluster-cancel-"))
  log = join(folder, "log.jsonl")
  writeFileSync(log, "")
})
afterEach(() => rmSync(folder, { recursive: true }))

const said = (what: string) => readLog(log).filter((line) => line.what === what)

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10))
}

/** Ticks three times where `work` runs, in the process that has run the others: one that went on would have said so by then. */
const another = Effect.flatten(cluster.createTask(work, { millis: 60 }, { name: "another" }))

/** What all tasks but {@link another} have said last. */
const lastSaid = () => readLog(log).findLast(({ name }) => name !== "another")?.what

// https://github.com/taskforcesh/bullmq/issues/3768 and https://github.com/dask/distributed/issues/2617
describe("a task that runs in one process, cancelled from another", () => {
  describe.skipIf(findPostgres() === undefined)("here", () => {
    let server: Server
    let fleet: Fleet
    beforeEach(async () => {
      server = running(await startPostgres())
      fleet = await Fleet.start({ url: server.url, log, count: 1 })
    }, 120_000)
    afterEach(async () => {
      await fleet.end()
      await server.stop()
    }, 120_000)

    const run = <A, E>(main: Effect.Effect<A, E, cluster.Cluster | asyncio.Loop>): Promise<A> =>
      asyncio.run(Effect.provide(main, postgres({ url: server.url, definitions: [work] })))

    it("stops, and who has created it is told when it has", async () => {
      const told = await run(
        Effect.gen(function* () {
          const task = yield* cluster.createTask(work, { millis: 3_600_000 })
          yield* Effect.promise(() => until(() => said("ticks").length > 2))
          yield* task.cancel("no longer needed")
          const error = yield* Effect.flip(task)
          const at = now()
          yield* another
          return { error, at }
        })
      )

      assert.instanceOf(told.error, asyncio.CancelledError)
      assert.strictEqual(told.error.reason, "no longer needed")
      assert.isAtMost(said("stops")[0]?.at ?? Infinity, told.at, "it says itself that it stops, before that is told")
      assert.strictEqual(lastSaid(), "stops")
    })

    it("stops for somebody who knows its name alone", async () => {
      const state = await run(
        Effect.gen(function* () {
          const name = yield* cluster.submit(work, { millis: 3_600_000 }, { name: "resize 7" })
          yield* Effect.promise(() => until(() => said("ticks").length > 2))
          const state = yield* cluster.cancelAndWait(name, "no longer needed")
          yield* another
          return state
        })
      )

      assert.deepStrictEqual([state, said("stops").length], ["cancelled", 1])
      assert.strictEqual(lastSaid(), "stops")
    })
  })

  // Whoever is elsewhere can send a message of their own to all workers, by its Relay for one, and have them call cancelJob.
  it.skipIf(findRedis() === undefined)("goes on with BullMQ: only the worker that runs it can cancel it", async () => {
    const server = running(await startRedis())
    const { hostname, port } = new URL(server.url)
    const connection = { host: hostname, port: Number(port), maxRetriesPerRequest: null }
    const file = fileURLToPath(new URL("bullmqWorker.ts", import.meta.url))
    const program = startProgram(file, { args: [server.url, "images", log] })
    const queue = new Queue("images", { connection })
    const here = new Worker("images", async () => {}, { connection, autorun: false })
    try {
      await program.line(/^ready$/)
      const job = await queue.add("resize", {})
      await until(() => said("ticks").length > 2)

      const cancelled = here.cancelJob(job.id ?? "", "no longer needed")
      const removed = await job.remove().then(
        () => true,
        () => false
      )

      assert.deepStrictEqual(
        { cancelled, removed, state: await job.getState() },
        { cancelled: false, removed: false, state: "active" }
      )
      const before = said("ticks").length
      await until(() => said("ticks").length > before)
      assert.isEmpty(said("stops"))
    } finally {
      program.kill("SIGKILL")
      await program.ended
      await Promise.all([here.close(true), queue.close()])
      await server.stop()
    }
  })
})
