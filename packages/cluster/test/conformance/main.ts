// `npm run dev -- cluster:conformance`: programs of the conformance corpus whose tasks run elsewhere print what CPython prints.
//
//   npm run dev -- cluster:conformance                     the corpus: embedded, and over two processes with PostgreSQL
//   npm run dev -- cluster:conformance --where embedded    only one of them
//   npm run dev -- cluster:conformance --seeds 1..2000     fresh scripts, of which some one in twenty can be expressed
//   npm run dev -- cluster:conformance --slice             writes down which of the corpus can be: what the tests run
//   npm run dev -- cluster:conformance hw-tg-child-fails   these
import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { recordTraces, Tally } from "../../../conformance/src/comparison.ts"
import { corpusNames, readCorpus } from "../../../conformance/src/corpus.ts"
import { parseFeatures } from "../../../conformance/src/features.ts"
import { generate } from "../../../conformance/src/generator/generate.ts"
import { OraclePool } from "../../../conformance/src/oracle/pool.ts"
import { renderScript, sideBySide } from "../../../conformance/src/render.ts"
import type { RecordedScript } from "../../../conformance/src/script.ts"
import { createDatabase, type Server, startPostgres } from "../../../tools/servers/servers.ts"
import { divergencesOf, embedded } from "./clusters.ts"
import { comparable } from "./remote.ts"
import { inexpressible } from "./simulated.ts"
import { twoProcesses } from "./twoProcesses.ts"

const { positionals: ids, values } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string" },
    where: { type: "string", default: "embedded,two" },
    slice: { type: "boolean", default: false }
  }
})

/** Fresh scripts, with CPython's traces. */
const fresh = async (seeds: string): Promise<ReadonlyArray<RecordedScript>> => {
  const [, first, last] = /^(\d+)\.\.(\d+)$/.exec(seeds) ?? []
  if (first === undefined) throw new Error(`--seeds is like 1..2000, and not ${seeds}`)
  const features = parseFeatures("core,gather,wait,wait_for,shield,as_completed,timeouts,taskgroups")
  const count = Number(last) - Number(first) + 1
  const scripts = Array.from({ length: count }, (_, n) => generate(Number(first) + n, { size: "small", features }))
  const pool = await OraclePool.start(2)
  const recorded = await recordTraces(scripts, { oracle: async () => pool, strict: true, tally: new Tally() })
  await pool.stop()
  return recorded
}

const all = values.seeds === undefined ? corpusNames.flatMap((name) => readCorpus(name)) : await fresh(values.seeds)
const reasons = new Map<string, number>()
const scripts: Array<RecordedScript> = []
for (const script of all.filter(({ id }) => ids.length === 0 || ids.includes(id))) {
  const reason = await inexpressible(script)
  if (reason === undefined) scripts.push(script)
  else reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
}
const others = Array.from(reasons, ([reason, count]) => `${count} ${reason}`).join(", ")
console.log(`${scripts.length} of ${all.length} scripts can have their tasks elsewhere; the others: ${others}`)

if (values.slice) {
  const file = new URL("slice.json", import.meta.url)
  writeFileSync(
    file,
    `${JSON.stringify(
      scripts.map(({ id }) => id),
      undefined,
      2
    )}\n`
  )
}

const report = (where: string, divergences: Awaited<ReturnType<typeof divergencesOf>>): void => {
  console.log(`${where}: ${scripts.length} compared, ${divergences.length} diverging`)
  for (const { actual, script } of divergences) {
    const titles = ["CPython 3.14", where] as const
    console.log(
      `\n${script.id}\n\n${renderScript(script)}\n\n${sideBySide(comparable(script.expect), actual, { titles })}`
    )
  }
  if (divergences.length > 0) process.exitCode = 1
}

const places: Readonly<Record<string, () => Promise<void>>> = {
  embedded: async () => report("embedded", await embedded((cluster) => divergencesOf(scripts, cluster, 400))),
  two: async () => {
    const postgres: Server | string = await startPostgres({ install: true })
    if (typeof postgres === "string") throw new Error(postgres)
    try {
      const url = createDatabase(postgres, "scripts")
      report("two processes", await twoProcesses(url, (cluster) => divergencesOf(scripts, cluster, 4000)))
    } finally {
      await postgres.stop()
    }
  }
}
for (const where of values.where.split(",")) {
  const place = places[where]
  if (place === undefined) throw new Error(`--where is embedded, two or both, and not ${where}`)
  await place()
}
process.exit()
