// BullMQ, measured: `bullmq.ts one URL`, or `bullmq.ts two URL`, whose jobs run in two other processes.
import { fileURLToPath } from "node:url"
import { Queue, QueueEvents } from "bullmq"
import { connectionOf, makeWorker, queueName } from "./bullmqWorker.ts"
import { atOnce, obey } from "./side.ts"
import { Begun, Workers } from "./workers.ts"

const [, , kind = "one", url = ""] = process.argv
const connection = connectionOf(url)
const begun = new Begun()

const queue = new Queue(queueName, { connection })
const events = new QueueEvents(queueName, { connection })
// One listener for each job that is waited for.
queue.setMaxListeners(0)
events.setMaxListeners(0)
await events.waitUntilReady()

const file = fileURLToPath(new URL("bullmqRunner.ts", import.meta.url))
const workers = kind === "two" ? await Workers.start(file, [[url], [url]], begun) : undefined
const worker = workers === undefined ? makeWorker(url, begun.add) : undefined

const submit = (isEndless: boolean) => queue.add("job", { isEndless }, { attempts: 1 })

const submitAndJoin = async (): Promise<void> => {
  const job = await submit(false)
  await job.waitUntilFinished(events)
}

obey({
  submitAndJoin: async (count) => {
    let left = count
    const client = async () => {
      while (left-- > 0) await submitAndJoin()
    }
    await Promise.all(Array.from({ length: Math.min(atOnce, count) }, client))
  },
  cancel: async () => {
    // Only the worker that runs a job can cancel it.
    if (worker === undefined) return Number.NaN
    const runs = begun.more(1)
    const job = await submit(true)
    const ended = job.waitUntilFinished(events).then(
      () => "done",
      () => "failed"
    )
    await runs
    const asked = performance.now()
    if (!worker.cancelJob(job.id ?? "")) throw new Error("there was no such job")
    if ((await ended) !== "failed") throw new Error("it was not cancelled")
    return performance.now() - asked
  },
  leaveWaiting: async (count) => {
    const all = begun.more(count)
    for (let n = 0; n < count; n++) void submit(true).then((job) => job.waitUntilFinished(events))
    await all
  },
  ...(workers === undefined ? {} : { others: (what) => workers.used(what) })
})
