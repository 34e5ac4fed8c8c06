import pLimit from "p-limit"
import { onlyFor, type Peer, type Program } from "../src/peer.ts"
import { versionOf } from "../src/versions.ts"

// A job that waits once, for a microtask: a macrotask would cost more than the pool that is measured.
const job = async () => {
  await Promise.resolve()
}

// It has no workers: who wants ten at a time gives it all jobs at once.
const pool: Program = async (n, _, { limit }) => {
  const limited = pLimit(limit)
  await Promise.all(Array.from({ length: n }, () => limited(job)))
}

export const peer: Peer = {
  versions: { "p-limit": versionOf("p-limit") },
  programs: onlyFor("a pool is all it is", {
    pool,
    poolOfWorkers: pool
  })
}
