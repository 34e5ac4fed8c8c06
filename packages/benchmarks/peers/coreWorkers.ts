/**
 * What one writes by hand in place of `mapTasks` of core: ten tasks, each of which takes one job after the other.
 */
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { jobsOf, onlyFor, type Peer } from "../src/peer.ts"

const iteration = (job: number) => asyncio.sleep(0, job)

const mapped = <T, A>(jobs: ReadonlyArray<T>, limit: number, f: (job: T) => Effect.Effect<A>) => {
  const results: Array<A> = []
  let next = 0
  const worker = Effect.gen(function* () {
    while (next < jobs.length) {
      const index = next++
      results[index] = yield* f(jobs[index]!)
    }
  })
  const group = asyncio.taskGroup((group) =>
    Effect.gen(function* () {
      for (let i = 0; i < limit; i++) yield* group.createTask(worker)
    })
  )
  return Effect.as(group, results)
}

export const peer: Peer = {
  versions: { "@effect-asyncio/core": "this tree" },
  programs: onlyFor("it is the pool of somebody who needs no more than that", {
    mapTasks: (n, _, { limit }) => asyncio.run(Effect.asVoid(mapped(jobsOf(n), limit, iteration)))
  })
}
