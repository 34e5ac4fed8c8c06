import * as asyncio from "@effect-asyncio/compat"
import { doJobs } from "./jobs.ts"

const main = async () => {
  const jobs = [
    { name: "invoices", takes: 300 },
    { name: "reports", takes: 600 },
    { name: "backups", takes: 3_600_000 }
  ]
  const done = await doJobs(jobs, 1000)
  console.log(`done: ${done.join(", ")}`)
}

// Ctrl-C cancels main, and everything that it has begun.
await asyncio.run(main)
