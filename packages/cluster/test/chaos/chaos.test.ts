import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { findPostgres } from "../../../tools/servers/debian.ts"
import { createDatabase, type Server, startPostgres } from "../../../tools/servers/servers.ts"
import { chaos } from "./run.ts"

// `npm run dev -- cluster:chaos` has 200 runs, and says how many ran twice.
describe.skipIf(findPostgres() === undefined)("tasks of a cluster", () => {
  let postgres: Server
  beforeAll(async () => {
    const started = await startPostgres()
    if (typeof started === "string") throw new Error(started)
    postgres = started
  }, 120_000)
  afterAll(() => postgres.stop(), 120_000)

  // Against a test that hangs: after a kill tasks are begun again some seconds later, however fast the machine is.
  const timeout = 240_000

  const problems = async (options: Pick<Parameters<typeof chaos>[0], "url" | "runs" | "strike">) => {
    const verdicts = await chaos({ ...options, tasks: 20, workers: 2 })
    return verdicts.flatMap(({ problems }) => problems)
  }

  it(
    "are neither lost nor listed wrongly, and do not go on after a cancel, when workers are killed",
    { timeout },
    async () => {
      const url = createDatabase(postgres, "killed")

      assert.deepStrictEqual(await problems({ url, runs: 2, strike: (fleet) => fleet.killOne() }), [])
    }
  )

  it("likewise when the database is restarted", { timeout }, async () => {
    const url = createDatabase(postgres, "restarted")
    const strike = async () => {
      await postgres.halt("SIGQUIT")
      await new Promise((resolve) => setTimeout(resolve, 500))
      assert.isTrue(await postgres.start())
    }

    assert.deepStrictEqual(await problems({ url, runs: 1, strike }), [])
  })
})
