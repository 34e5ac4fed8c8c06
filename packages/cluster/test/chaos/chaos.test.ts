import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { findPostgres } from "../../../tools/servers/debian.ts"
import { createDatabase, type Server, startPostgres } from "../../../tools/servers/servers.ts"
import { type Misfortune, misfortunes } from "./misfortunes.ts"
import { returning } from "./returning.ts"
import { chaos } from "./run.ts"

// Against a test that hangs: after a kill tasks are begun again some seconds later, however fast the machine is.
const timeout = 240_000

// `npm run dev -- cluster:chaos` has 200 runs of each, and says how many ran twice.
describe.skipIf(findPostgres() === undefined)("tasks of a cluster", () => {
  let postgres: Server
  beforeAll(async () => {
    const started = await startPostgres()
    if (typeof started === "string") throw new Error(started)
    postgres = started
  }, 120_000)
  afterAll(() => postgres.stop(), 120_000)

  const problems = async (database: string, misfortune: Misfortune, runs = 1) => {
    const url = createDatabase(postgres, database)
    const verdicts = await chaos({ url, postgres, misfortune, runs, tasks: 20, longest: 400, workers: 2, away: 1000 })
    return verdicts.flatMap(({ problems }) => problems)
  }

  it(
    "are neither lost nor listed wrongly, and do not go on after a cancel, when workers are killed",
    { timeout },
    async () => {
      assert.deepStrictEqual(await problems("killed", misfortunes.worker, 2), [])
    }
  )

  it("likewise when the database is restarted", { timeout }, async () => {
    assert.deepStrictEqual(await problems("restarted", misfortunes.database), [])
  })
})

describe("tasks of an embedded cluster", () => {
  it("are neither lost nor listed wrongly when their process is killed and comes back", { timeout }, async () => {
    const verdicts = await returning({ runs: 1, tasks: 20, longest: 400, kills: 2 })

    assert.deepStrictEqual(
      verdicts.flatMap(({ problems }) => problems),
      []
    )
  })
})
