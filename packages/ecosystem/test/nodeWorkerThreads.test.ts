import * as asyncio from "@effect-asyncio/compat"
import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { progressWays } from "./support/clients.ts"

const library = "node:worker_threads"
const busy = `const { parentPort } = require("node:worker_threads"); parentPort.postMessage("up"); for (;;);`
const few = { atOnce: 2, rounds: 40 }

progressWays(
  {
    library,
    operation: "once(worker, name, { signal })",
    recipe: "The signal ends the waiting: `await worker.terminate()` in `finally`."
  },
  async (signal, { begun, stopped }) => {
    const worker = new Worker(busy, { eval: true })
    worker.on("exit", stopped)
    try {
      await once(worker, "message", { signal })
      begun()
      return await once(worker, "message", { signal })
    } finally {
      await worker.terminate()
    }
  },
  few
)

progressWays(
  {
    library,
    operation: "abortable(once(worker, name))",
    means: "abortable",
    recipe: "`worker.terminate()` stops it, in `finally`."
  },
  async (_signal, { begun, stopped }) => {
    const worker = new Worker(busy, { eval: true })
    worker.on("exit", stopped)
    try {
      await asyncio.abortable(once(worker, "message"))
      begun()
      return await asyncio.abortable(once(worker, "message"))
    } finally {
      await asyncio.abortable(worker.terminate())
    }
  },
  few
)
