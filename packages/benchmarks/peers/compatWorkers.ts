/**
 * What one writes by hand in place of `mapTasks` of compat: ten tasks, each of which takes one job after the other.
 */
import * as asyncio from "@effect-asyncio/compat"
import { jobsOf, onlyFor, type Peer } from "../src/peer.ts"

const iteration = async (job: number) => {
  await asyncio.sleep(0)
  return job
}

const mapped = async <T, A>(jobs: ReadonlyArray<T>, limit: number, f: (job: T) => Promise<A>) => {
  const results: Array<A> = []
  let next = 0
  const worker = async () => {
    while (next < jobs.length) {
      const index = next++
      results[index] = await f(jobs[index]!)
    }
  }
  await asyncio.taskGroup((group) => {
    for (let i = 0; i < limit; i++) group.createTask(worker)
  })
  return results
}

export const peer: Peer = {
  versions: { "@effect-asyncio/compat": "this tree" },
  programs: onlyFor("it is the pool of somebody who needs no more than that", {
    mapTasks: (n, _, { limit }) => asyncio.run(async () => void (await mapped(jobsOf(n), limit, iteration)))
  })
}
