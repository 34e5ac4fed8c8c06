/**
 * The worker of BullMQ that is measured.
 */
import { Worker } from "bullmq"

export const queueName = "tasks"

export const connectionOf = (url: string) => {
  const { hostname, pathname, port } = new URL(url)
  return { host: hostname, port: Number(port), db: Number(pathname.slice(1)), maxRetriesPerRequest: null }
}

/** Runs jobs as many at a time as there are, and tells when an endless one begins. */
export const makeWorker = (url: string, onBegin: () => void): Worker => {
  const process = async (
    { data }: { readonly data: { readonly isEndless: boolean } },
    _?: string,
    signal?: AbortSignal
  ) => {
    if (!data.isEndless) return "done"
    onBegin()
    return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("cancelled"))))
  }
  return new Worker(queueName, process, { connection: connectionOf(url), concurrency: 100_000 })
}
