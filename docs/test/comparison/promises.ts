/** Promises, with an `AbortController` to stop them. */
import { aWhile, type Peer, pause, untilAborted } from "./question.ts"

export const promises: Peer = {
  stopWaits: async () => {
    let cleaned = false
    const controller = new AbortController()
    const work = untilAborted(controller.signal).finally(async () => {
      await pause()
      cleaned = true
    })
    work.catch(() => {})
    controller.abort()
    return cleaned
  },

  resultInSpite: async () => {
    const controller = new AbortController()
    const work = untilAborted(controller.signal).catch(() => "half")
    controller.abort()
    return (await work) === "half"
  },

  reason: async () => {
    const controller = new AbortController()
    const work = untilAborted(controller.signal).catch(String)
    controller.abort("why")
    return (await work) === "why"
  },

  siblings: async () => {
    let stopped = false
    const sibling = new Promise(() => {}).finally(() => (stopped = true))
    await Promise.all([sibling, Promise.reject(new Error("one"))]).catch(() => {})
    await aWhile()
    return stopped
  },

  allFailures: async () => {
    const caught: unknown = await Promise.all(["one", "two"].map((text) => Promise.reject(new Error(text)))).catch(
      (error: unknown) => error
    )
    return caught instanceof AggregateError
  }
}
