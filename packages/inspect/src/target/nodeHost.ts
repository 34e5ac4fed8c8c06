/**
 * What an agent can do on Node.js, and in part on Bun and Deno: write files, and have a thread count.
 */
import { ticking } from "../recorder/ticking.ts"
import type { AgentHost } from "./agent.ts"
import { HeapFiles } from "./heapFiles.ts"

const heapFiles = new HeapFiles()

export const nodeHost: AgentHost = {
  pid: process.pid,
  ticking,
  writeHeap: (most) => heapFiles.write(most),
  removeHeap: (file) => heapFiles.remove(file),
  // V8 counts as the host's clock does, from which `performance.now` only differs in where it begins.
  profilerNow: () => Number(process.hrtime.bigint()) / 1000
}
