// `npm run dev -- cluster:chaos`: workers are killed while they run tasks, and the database is restarted; does what was promised hold?
//
//   npm run dev -- cluster:chaos --runs 200 --tasks 50 --lanes 4
//   npm run dev -- cluster:chaos --strike database
//
// A lane is a database of its own, with workers of its own. Fails where anything was lost, went on, or was listed wrongly.
import { parseArgs } from "node:util"
import { createDatabase, startPostgres } from "../../../tools/servers/servers.ts"
import { chaos } from "./run.ts"
import type { Fleet } from "./fleet.ts"
import type { Verdict } from "./verdict.ts"

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "200" },
    tasks: { type: "string", default: "50" },
    lanes: { type: "string", default: "4" },
    workers: { type: "string", default: "2" },
    strike: { type: "string", default: "worker" }
  }
})
const numbers = [values.runs, values.tasks, values.lanes, values.workers].map(Number)
const [runs = 0, tasks = 0, asked = 0, workers = 0] = numbers
if (!numbers.every((number) => Number.isInteger(number) && number > 0)) {
  console.error("--runs, --tasks, --lanes and --workers are whole numbers from 1 on")
  process.exit(2)
}

const postgres = await startPostgres({ install: true })
if (typeof postgres === "string") {
  console.error(postgres)
  process.exit(1)
}

const restart = async (): Promise<void> => {
  await postgres.halt(Math.random() < 0.5 ? "SIGINT" : "SIGQUIT")
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 2000))
  if (!(await postgres.start())) throw new Error("PostgreSQL did not come back")
}

const strikes: Readonly<Record<string, (fleet: Fleet) => Promise<void>>> = {
  worker: (fleet) => fleet.killOne(),
  // All lanes have the same server.
  database: restart
}
const strike = strikes[values.strike]
if (strike === undefined) {
  console.error(`--strike is one of ${Object.keys(strikes).join(", ")}, not ${values.strike}`)
  process.exit(2)
}

const lanes = strike === restart ? 1 : Math.min(asked, runs)
const seen = { runs: 0, tasks: 0, runTwice: 0, cancelled: 0, untold: 0, problems: 0 }
try {
  const lane = async (index: number): Promise<void> => {
    const url = createDatabase(postgres, `lane_${index}`)
    const share = Math.floor(runs / lanes) + (index < runs % lanes ? 1 : 0)
    const onVerdict = ({ cancelled, problems, runTwice, untold }: Verdict) => {
      seen.runs++
      seen.tasks += tasks
      seen.runTwice += runTwice
      seen.cancelled += cancelled
      seen.untold += untold
      seen.problems += problems.length
      for (const problem of problems) console.error(problem)
      if (seen.runs % 10 === 0) console.error(`${seen.runs} of ${runs} runs: ${JSON.stringify(seen)}`)
    }
    await chaos({ url, runs: share, tasks, workers, strike, onVerdict })
  }
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)))
} finally {
  await postgres.stop()
}

console.log(
  `${seen.runs} runs, ${seen.tasks} tasks: ${seen.runTwice} ran more than once, ${seen.cancelled} were cancelled ` +
    `(${seen.untold} of them had ended, and could not say so), ${seen.problems} problems`
)
process.exit(seen.problems === 0 && seen.runs === runs ? 0 : 1)
