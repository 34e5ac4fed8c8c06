import { scheduler, setInterval, setTimeout } from "node:timers/promises"
import { localWays } from "./support/clients.ts"

const library = "node:timers/promises"

localWays({ library, operation: "setTimeout(ms, value, { signal })" }, (signal) =>
  setTimeout(600_000, undefined, { signal })
)

localWays({ library, operation: "scheduler.wait(ms, { signal })" }, (signal) => scheduler.wait(600_000, { signal }))

localWays({ library, operation: "for await (… of setInterval(…))" }, async (signal) => {
  for await (const _ of setInterval(1, undefined, { signal })) continue
})
