import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { doJobs, Journal } from "./jobs.ts"

const main = Effect.fn("main")(function* () {
  const jobs = [
    { name: "invoices", takes: 300 },
    { name: "reports", takes: 600 },
    { name: "backups", takes: 3_600_000 }
  ]
  const done = yield* doJobs(jobs, 1000)
  console.log(`done: ${done.join(", ")}`)
})

// Ctrl-C cancels main, and everything that it has begun.
await asyncio.run(Effect.provide(main(), Journal.console))
