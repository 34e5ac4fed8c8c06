import * as asyncio from "@effect-asyncio/compat"
import pMap from "p-map"
import { jobsOf, onlyFor, type Peer } from "../src/peer.ts"
import { versionOf } from "../src/versions.ts"

const jobDone = async (job: number) => {
  await asyncio.sleep(0)
  return job
}

export const peer: Peer = {
  versions: { "p-map": versionOf("p-map"), "@effect-asyncio/compat": "this tree" },
  programs: onlyFor("a pool is all it is", {
    // In a task of compat, so that a job waits for the same iteration as in the others.
    mapTasks: (n, _, { limit }) =>
      asyncio.run(async () => void (await pMap(jobsOf(n), jobDone, { concurrency: limit })))
  })
}
