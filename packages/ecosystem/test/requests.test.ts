// Requests and jobs as tasks, with a PostgreSQL that says whether their queries have ended, and with BullMQ.
import { once } from "node:events"
import { createServer, type Server } from "node:http"
import { connect, type AddressInfo } from "node:net"
import { serve } from "@hono/node-server"
import * as asyncio from "@effect-asyncio/compat"
import type { RequestTasksOptions } from "@effect-asyncio/server"
import { jobTasks } from "@effect-asyncio/server/bullmq"
import * as ofExpress from "@effect-asyncio/server/express"
import * as ofFastify from "@effect-asyncio/server/fastify"
import * as ofHono from "@effect-asyncio/server/hono"
import * as ofKoa from "@effect-asyncio/server/koa"
import { requestListener } from "@effect-asyncio/server/node"
import { Queue, Worker } from "bullmq"
import express from "express"
import fastify from "fastify"
import { Hono } from "hono"
import Koa from "koa"
import { Pool } from "pg"
import { assert, describe, it } from "vitest"
import { PostgresActivity, postgresUrl, withoutPostgres } from "./support/postgres.ts"
import { redisUrl, withoutRedis } from "./support/redis.ts"
import { stoppedBy } from "./support/stopping.ts"

const host = "127.0.0.1"

type Handle = () => Promise<string>

const listening = async (server: Server): Promise<Server> => {
  if (!server.listening) await once(server, "listening")
  return server
}

const frameworks: Readonly<Record<string, (handle: Handle, options: RequestTasksOptions) => Promise<Server>>> = {
  "node:http": (handle, options) => {
    const listener = requestListener(async (_, response) => void response.end(await handle()), options)
    return listening(createServer(listener).listen(0, host))
  },
  express: (handle, options) => {
    const app = express()
    const task = ofExpress.requestTasks(options)
    app.get(
      "/",
      task(async (_, response) => void response.send(await handle()))
    )
    return listening(app.listen(0, host))
  },
  fastify: async (handle, options) => {
    const app = fastify()
    await app.register(ofFastify.requestTasks, { ...options })
    app.get("/", handle)
    await app.listen({ port: 0, host })
    return app.server
  },
  hono: (handle, options) => {
    const app = new Hono()
    const task = ofHono.requestTasks(options)
    app.get(
      "/",
      task(async (context) => context.text(await handle()))
    )
    return listening(serve({ fetch: app.fetch, port: 0, hostname: host }) as Server)
  },
  koa: (handle, options) => {
    const app = new Koa()
    app.use(ofKoa.requestTasks(options))
    app.use(async (context) => {
      context.body = await handle()
    })
    return listening(app.listen(0, host))
  }
}

const rounds = Number(process.env.ECOSYSTEM_ROUNDS ?? "200")
// As many as there are connections to the database.
const atOnce = 20

describe.skipIf(withoutPostgres !== undefined)("a query of a request whose client hangs up", () => {
  for (const [name, start] of Object.entries(frameworks)) {
    it(`ends in the database: ${name}`, async () => {
      const application = `requests ${name}`
      const activity = new PostgresActivity(application)
      const pool = new Pool({ connectionString: postgresUrl ?? "", application_name: application, max: atOnce })
      const kinds = new Map<string, number>()
      const query: Handle = async () => {
        const client = await asyncio.abortable(pool.connect(), { discard: (late) => late.release() })
        try {
          await stoppedBy(
            () => client.query("select pg_sleep(3600)"),
            () => activity.cancel((client as unknown as { readonly processID: number }).processID)
          )
          return "never"
        } catch (error) {
          // PostgreSQL's own word for it, 57014, is known.
          assert.isTrue(asyncio.isCancelled(error))
          throw error
        } finally {
          client.release()
        }
      }
      const busy = async (wanted: number) => {
        while ((await activity.summary()).busy !== wanted) await new Promise((resolve) => setTimeout(resolve, 2))
      }
      await asyncio.run(async () => {
        const server = await start(query, {
          onCancelled: ({ error: { kind }, status }) => {
            assert.strictEqual(status, 499)
            kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
          }
        })
        for (let round = 0; round < rounds / 2; round += atOnce) {
          const { port } = server.address() as AddressInfo
          const clients = Array.from({ length: atOnce }, () => connect(port, host))
          for (const client of clients) client.on("error", () => {}).write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
          await busy(atOnce)
          for (const client of clients) client.destroy()
          await busy(0)
        }
        while (asyncio.findTasks({ method: "GET" }).length > 0) await asyncio.sleep(1)
        server.close()
      })
      assert.strictEqual(pool.idleCount, pool.totalCount, "every connection is back")
      assert.strictEqual(kinds.get("disconnect"), Math.ceil(rounds / 2 / atOnce) * atOnce)
      assert.deepInclude(await activity.summary(), { busy: 0, locks: 0 })
      await pool.end()
      await activity.close()
    })
  }
})

describe.skipIf(withoutRedis !== undefined)("a job of BullMQ", () => {
  const { hostname, port } = new URL(redisUrl ?? "redis://127.0.0.1:1")
  const connection = { host: hostname, port: Number(port), maxRetriesPerRequest: null }

  it("is a task with its names, which the worker can cancel, and which has a limit of time", async () => {
    const name = "job-tasks"
    const queue = new Queue(name, { connection })
    const seen = await asyncio.run(async () => {
      const tasks: Array<unknown> = []
      const ended = new asyncio.Queue<string>()
      const handle = async (job: { readonly name: string }) => {
        const task = asyncio.currentTask()!
        tasks.push([task.getName(), task.labels.queue, task.labels.job])
        return job.name === "quick" ? "done" : asyncio.sleep("1 hour", "never")
      }
      const worker = new Worker(name, jobTasks(handle, { timeout: "1 second" }), { connection, concurrency: 3 })
      worker.on("completed", (job) => ended.putNowait(`${job.name}: ${String(job.returnvalue)}`))
      worker.on("failed", (job, error) => ended.putNowait(`${job?.name}: ${error.name} ${error.message}`))
      await queue.add("quick", {})
      const first = await ended.get()
      const job = await queue.add("slow", {})
      while (asyncio.findTasks({ job: "slow" }).length === 0) await asyncio.sleep(1)
      worker.cancelJob(job.id ?? "", "no longer needed")
      const second = await ended.get()
      await queue.add("late", {})
      const third = await ended.get()
      await worker.close()
      return [tasks, first, second, third.split(" ").slice(0, 2)]
    })
    assert.deepStrictEqual(seen, [
      [
        [`${name}:quick`, name, "quick"],
        [`${name}:slow`, name, "slow"],
        [`${name}:late`, name, "late"]
      ],
      "quick: done",
      "slow: CancelledError no longer needed",
      ["late:", "TimeoutError"]
    ])
    await queue.obliterate({ force: true })
    await queue.close()
  })
})
