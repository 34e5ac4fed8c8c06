/** p-queue for what is stopped, p-map for what runs together. */
import pMap from "p-map"
import PQueue from "p-queue"
import { aWhile, counter, type Peer, pause, untilAborted } from "./question.ts"

export const p: Peer = {
  stopWaits: async () => {
    let cleaned = false
    const controller = new AbortController()
    const work = ({ signal }: { readonly signal?: AbortSignal | undefined }) =>
      untilAborted(signal!).finally(async () => {
        await pause()
        cleaned = true
      })
    const job = new PQueue().add(work, { signal: controller.signal })
    await pause()
    controller.abort()
    await job.catch(() => {})
    return cleaned
  },

  resultInSpite: async () => {
    const controller = new AbortController()
    const work = ({ signal }: { readonly signal?: AbortSignal | undefined }) =>
      untilAborted(signal!).catch(() => "half")
    const job = new PQueue().add(work, { signal: controller.signal })
    await pause()
    controller.abort()
    return (await job.catch(() => "none")) === "half"
  },

  reason: async () => {
    const controller = new AbortController()
    const job = new PQueue().add(({ signal }) => untilAborted(signal!), { signal: controller.signal })
    await pause()
    controller.abort("why")
    return (await job.catch(String)) === "why"
  },

  siblings: async () => {
    let stopped = false
    const mapper = (which: string) =>
      which === "failing"
        ? pause().then(() => Promise.reject(new Error("one")))
        : new Promise(() => {}).finally(() => (stopped = true))
    await pMap(["sibling", "failing"], mapper).catch(() => {})
    await aWhile()
    return stopped
  },

  allFailures: async () => {
    const failing = (text: string) => pause().then(() => Promise.reject(new Error(text)))
    const caught: unknown = await pMap(["one", "two"], failing, { stopOnError: false }).catch((error: unknown) => error)
    return caught instanceof AggregateError && caught.errors.length === 2
  },

  limit: async () => {
    const { job, most } = counter()
    await pMap([1, 2, 3, 4, 5], job, { concurrency: 2 })
    return most() === 2
  }
}
