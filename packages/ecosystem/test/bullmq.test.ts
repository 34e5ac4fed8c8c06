import * as asyncio from "@effect-asyncio/compat"
import { Queue, QueueEvents, Worker } from "bullmq"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { redisUrl, withoutRedis } from "./support/redis.ts"
import { sevenWays } from "./support/sevenWays.ts"

const { hostname, port } = new URL(redisUrl ?? "redis://127.0.0.1:1")
const connection = { host: hostname, port: Number(port), maxRetriesPerRequest: null }

describe.skipIf(withoutRedis !== undefined)("bullmq", () => {
  let queue: Queue
  let events: QueueEvents
  beforeAll(async () => {
    queue = new Queue("jobs", { connection })
    events = new QueueEvents("jobs", { connection })
    queue.setMaxListeners(0)
    events.setMaxListeners(0)
    await events.waitUntilReady()
  })
  afterAll(async () => {
    await queue.obliterate({ force: true })
    await Promise.all([queue.close(), events.close()])
  })

  sevenWays(
    {
      library: "bullmq",
      operation: "job.waitUntilFinished(events, ttl)",
      means: "abortable",
      recipe: "Its listeners stay until the job ends or the ttl is over: give it one, and remove the job."
    },
    {
      close: async () => {
        await queue.drain()
        await untilNoListeners()
      },
      attempt: () => {
        const begun = Promise.withResolvers<void>()
        const run = async () => {
          const job = await queue.add("never", {})
          try {
            const finished = job.waitUntilFinished(events, 150)
            // It begins to listen some awaits later.
            setTimeout(begun.resolve, 5)
            await asyncio.abortable(finished)
          } finally {
            await job.remove()
          }
        }
        return { run, begun: begun.promise }
      }
    }
  )

  const untilNoListeners = async () => {
    while (queue.listenerCount("closing") > 0) await new Promise((resolve) => setTimeout(resolve, 10))
  }

  sevenWays(
    {
      library: "bullmq",
      operation: "a worker whose jobs are tasks of a group",
      means: "inside",
      recipe:
        "new Worker(name, async (job) => group.createTask(() => handle(job))), and worker.close() behind the group."
    },
    {
      atOnce: 5,
      rounds: 40,
      attempt: () => {
        const begun = Promise.withResolvers<void>()
        const stopped = Promise.withResolvers<void>()
        const name = `worker-${Math.random()}`
        const run = async () => {
          const own = new Queue(name, { connection })
          const workers: Array<Worker> = []
          try {
            await asyncio.taskGroup(async (group) => {
              const handle = async () => {
                begun.resolve()
                await asyncio.sleep("1 hour")
              }
              workers.push(new Worker(name, async () => group.createTask(handle), { connection }))
              await own.add("job", {}, { attempts: 1 })
              await asyncio.sleep("1 hour")
            })
          } finally {
            for (const worker of workers) await worker.close()
            assert.strictEqual(await own.getActiveCount(), 0, "no job is left active")
            await own.obliterate({ force: true })
            await own.close()
            stopped.resolve()
          }
        }
        return { run, begun: begun.promise, stopped: stopped.promise }
      }
    }
  )

  it("worker.cancelJob cancels the task of the job by its signal", async () => {
    const name = "cancelled-job"
    const own = new Queue(name, { connection })
    const seen = await asyncio.run(async () => {
      const begun = new asyncio.Event()
      const ended = new asyncio.Queue<string>()
      const handle = async () => {
        begun.set()
        await asyncio.sleep("1 hour")
      }
      const worker = new Worker(name, async (_job, _token, signal) => asyncio.createTask(handle, { signal }), {
        connection
      })
      worker.on("failed", (_job, error) => ended.putNowait(`${error.name}: ${error.message}`))
      const job = await own.add("job", {})
      await begun.wait()
      worker.cancelJob(job.id ?? "", "no longer needed")
      const failed = await ended.get()
      await worker.close()
      return failed
    })
    assert.strictEqual(seen, "CancelledError: no longer needed")
    await own.obliterate({ force: true })
    await own.close()
  })
})
