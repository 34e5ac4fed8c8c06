// A worker of BullMQ whose job does not end by itself, and heeds its signal: `bullmqWorker.ts URL QUEUE LOG`.
import { Worker } from "bullmq"
import { openLog } from "../chaos/log.ts"

const [, , url = "", queue = "", file = ""] = process.argv
const { hostname, port } = new URL(url)
const log = openLog(file)

const worker = new Worker(
  queue,
  async ({ id: name = "" }, _token, signal) => {
    log({ name, attempt: 1, what: "begins" })
    await new Promise((_resolve, reject) => {
      const ticking = setInterval(() => log({ name, attempt: 1, what: "ticks" }), 20)
      signal?.addEventListener("abort", () => {
        clearInterval(ticking)
        log({ name, attempt: 1, what: "stops" })
        reject(new Error("cancelled"))
      })
    })
  },
  { connection: { host: hostname, port: Number(port), maxRetriesPerRequest: null } }
)
await worker.waitUntilReady()
console.log("ready")
