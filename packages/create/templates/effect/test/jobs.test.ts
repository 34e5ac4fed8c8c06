import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { expect, test } from "vitest"
import { doJobs, Journal } from "../src/jobs.ts"

/** On a loop whose time jumps to whatever is due next: an hour takes no time. Gives the result, and what was said. */
const run = async <A, E>(main: Effect.Effect<A, E, Journal>) => {
  const lines: Array<string> = []
  const journal = Journal.of({ say: (line) => Effect.sync(() => void lines.push(line)) })
  const result = await asyncio.run(Effect.provideService(main, Journal, journal), { loopFactory: makeVirtualTimeLoop })
  return { result, lines }
}

test("gives the jobs in the order in which they are done", async () => {
  const jobs = [
    { name: "long", takes: 3_600_000 },
    { name: "short", takes: 60_000 }
  ]

  const { result } = await run(doJobs(jobs, 7_200_000))

  expect(result).toEqual(["short", "long"])
})

test("cancels what is under way when the time is up, and lets it clean up", async () => {
  const jobs = [
    { name: "quick", takes: 100 },
    { name: "slow", takes: 10_000 }
  ]

  const { lines, result } = await run(doJobs(jobs, 1000))

  expect(result).toEqual(["quick"])
  expect(lines).toEqual(["quick: begins", "slow: begins", "quick: cleans up", "slow: cleans up", "time is up"])
})
