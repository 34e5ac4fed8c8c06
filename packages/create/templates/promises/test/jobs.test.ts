import * as asyncio from "@effect-asyncio/compat"
import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"
import { expect, test } from "vitest"
import { doJobs } from "../src/jobs.ts"

/** On a loop whose time jumps to whatever is due next: an hour takes no time. */
const run = <A>(main: () => Promise<A>): Promise<A> => asyncio.run(main, { loopFactory: makeVirtualTimeLoop })

test("gives the jobs in the order in which they are done", async () => {
  const jobs = [
    { name: "long", takes: 3_600_000 },
    { name: "short", takes: 60_000 }
  ]

  const done = await run(() => doJobs(jobs, 7_200_000, () => {}))

  expect(done).toEqual(["short", "long"])
})

test("cancels what is under way when the time is up, and lets it clean up", async () => {
  const lines: Array<string> = []
  const jobs = [
    { name: "quick", takes: 100 },
    { name: "slow", takes: 10_000 }
  ]

  const done = await run(() => doJobs(jobs, 1000, (line) => lines.push(line)))

  expect(done).toEqual(["quick"])
  expect(lines).toEqual(["quick: begins", "slow: begins", "quick: cleans up", "slow: cleans up", "time is up"])
})
