// A process that runs BullMQ's jobs: `bullmqRunner.ts URL`.
import { makeWorker } from "./bullmqWorker.ts"
import { ready, tellBegun } from "./workers.ts"

await makeWorker(process.argv[2] ?? "", tellBegun).waitUntilReady()
ready()
