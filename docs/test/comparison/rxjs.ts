import { defer, finalize, forkJoin, from, lastValueFrom, map, mergeMap, NEVER, timer } from "rxjs"
import { TestScheduler } from "rxjs/testing"
import { aWhile, counter, type Peer, pause } from "./question.ts"

export const rxjs: Peer = {
  stopWaits: async () => {
    let cleaned = false
    const clean = async () => {
      await pause()
      cleaned = true
    }
    const subscription = NEVER.pipe(finalize(() => void clean())).subscribe()
    await pause()
    subscription.unsubscribe()
    return cleaned
  },

  // Behind `unsubscribe` a subscriber hears nothing any more.
  resultInSpite: async () => {
    let got = ""
    const subscription = NEVER.pipe(
      finalize(() => "half"),
      map(String)
    ).subscribe((value) => (got = value))
    subscription.unsubscribe()
    await aWhile()
    return got === "half"
  },

  siblings: async () => {
    let stopped = false
    const sibling = NEVER.pipe(finalize(() => (stopped = true)))
    const failing = defer(() => pause().then(() => Promise.reject(new Error("one"))))
    await lastValueFrom(forkJoin([sibling, failing])).catch(() => {})
    return stopped
  },

  allFailures: async () => {
    const failing = (text: string) => defer(() => pause().then(() => Promise.reject(new Error(text))))
    const both = lastValueFrom(forkJoin([failing("one"), failing("two")]))
    const caught: unknown = await both.catch((error: unknown) => error)
    return caught instanceof AggregateError
  },

  limit: async () => {
    const { job, most } = counter()
    await lastValueFrom(from([1, 2, 3, 4, 5]).pipe(mergeMap(job, 2)))
    return most() === 2
  },

  virtualTime: async () => {
    let equal = false
    new TestScheduler((actual, expected) => {
      equal = JSON.stringify(actual) === JSON.stringify(expected)
    }).run(({ expectObservable }) => {
      expectObservable(timer(3_600_000).pipe(map(() => "a"))).toBe("3600000ms (a|)")
    })
    return equal
  }
}
