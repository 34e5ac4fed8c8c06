// `npm run dev -- cluster:chaos`: something goes wrong while tasks run; does what was promised hold?
//
//   npm run dev -- cluster:chaos --runs 200 --tasks 50 --lanes 4
//   npm run dev -- cluster:chaos --strike database --away 60 --longest 10000
//
// `--strike` says what goes wrong: a worker is killed, by default; a kind that there is not lists those that there are.
//
// A lane is a database of its own, with workers of its own. Fails where anything was lost, went on, or was listed wrongly.
import { parseArgs } from "node:util"
import { createDatabase, type Server, startPostgres } from "../../../tools/servers/servers.ts"
import { type Misfortune, misfortunes } from "./misfortunes.ts"
import { returning } from "./returning.ts"
import { chaos } from "./run.ts"
import { noVerdict, sum, type Verdict } from "./verdict.ts"

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "200" },
    tasks: { type: "string", default: "50" },
    lanes: { type: "string", default: "4" },
    workers: { type: "string", default: "2" },
    away: { type: "string", default: "2" },
    longest: { type: "string", default: "400" },
    strike: { type: "string", default: "worker" }
  }
})
const { strike } = values
const numbers = [values.runs, values.tasks, values.lanes, values.workers, values.away, values.longest].map(Number)
const [runs = 0, tasks = 0, asked = 0, workers = 0, away = 0, longest = 0] = numbers
if (!numbers.every((number) => Number.isInteger(number) && number > 0)) {
  console.error(
    "--runs, --tasks, --lanes, --workers, --away (seconds) and --longest (milliseconds) are whole numbers from 1 on"
  )
  process.exit(2)
}

const kinds: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries<Misfortune>(misfortunes).map(([kind, { what }]) => [kind, what])),
  client: "the process that waits for the tasks is killed, comes back, and joins them",
  file: "the process of an embedded cluster is killed, and started again on its file"
}
if (kinds[strike] === undefined) {
  console.error(`There is no --strike ${strike}, but:`)
  for (const [kind, what] of Object.entries(kinds)) console.error(`  ${kind.padEnd(14)} ${what}`)
  process.exit(2)
}
const misfortune: Misfortune | undefined = Object.entries(misfortunes).find(([name]) => name === strike)?.[1]

const started = async (): Promise<Server> => {
  const postgres = await startPostgres({ install: true })
  if (typeof postgres === "string") throw new Error(postgres)
  return postgres
}

let seen = { ...noVerdict, runs: 0 }
const onVerdict = (verdict: Verdict): void => {
  seen = { ...sum(seen, verdict), runs: seen.runs + 1 }
  for (const problem of verdict.problems) console.error(problem)
  if (seen.runs % 10 === 0) console.error(`${seen.runs} of ${runs} runs: ${summary()}`)
}

const summary = (): string =>
  `${seen.tasks} tasks: ${seen.runTwice} ran more than once (${seen.overlapping} in two places at a time), ${seen.cancelled} were cancelled ` +
  `(${seen.untold} of them had ended, and could not say so), the slowest took ${seen.slowest} ms; ${seen.problems.length} problems`

const lanes = Math.min(asked, runs)
// One for each lane where it is restarted, else one for all, and none for a file.
const servers = await Promise.all(
  Array.from({ length: strike === "file" ? 0 : misfortune?.isServerWide === true ? lanes : 1 }, started)
)
const lane = async (index: number): Promise<void> => {
  const share = { runs: Math.floor(runs / lanes) + (index < runs % lanes ? 1 : 0), tasks, longest, onVerdict }
  const postgres = servers[index % servers.length]
  const url = postgres && createDatabase(postgres, `lane_${index}`)
  if (misfortune === undefined) await returning({ ...share, url, kills: 3 })
  else await chaos({ ...share, url: url!, postgres: postgres!, workers, misfortune, away: away * 1000 })
}
try {
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)))
} finally {
  await Promise.all(servers.map((server) => server.stop()))
}

console.log(`${seen.runs} runs, ${summary()}`)
process.exit(seen.problems.length === 0 && seen.runs === runs ? 0 : 1)
