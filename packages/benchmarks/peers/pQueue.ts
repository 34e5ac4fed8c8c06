import PQueue from "p-queue"
import { onlyFor, type Peer, type Program } from "../src/peer.ts"
import { versionOf } from "../src/versions.ts"

// As in pLimit.ts.
const job = async () => {
  await Promise.resolve()
}

const pool: Program = async (n, _, { limit }) => {
  const queue = new PQueue({ concurrency: limit })
  await queue.addAll(Array.from({ length: n }, () => job))
}

export const peer: Peer = {
  versions: { "p-queue": versionOf("p-queue") },
  programs: onlyFor("a pool is all it is", {
    pool,
    poolOfWorkers: pool
  })
}
