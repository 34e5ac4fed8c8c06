// `npm run dev -- cluster:bench`: tasks that run elsewhere, on Effect Cluster as it is, BullMQ and this package, in one run, interleaved.
//
//   npm run dev -- cluster:bench --rounds 7 --count 1000 --waiting 10000
//   npm run dev -- cluster:bench raw.memory ours.memory     only these
//   npm run dev -- cluster:bench --write                    puts the table into BENCHMARKS.md
//
// Says whether the goals are met, and fails where something does not run; how fast is for somebody to read.
import { readFileSync, writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { createDatabase, startPostgres, startRedis } from "../../tools/servers/servers.ts"
import { goalsOf, type Measured, tableOf } from "./report.ts"
import { type Running, sidesOf, start } from "./sides.ts"

const { positionals: chosen, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    count: { type: "string", default: "1000" },
    waiting: { type: "string", default: "10000" },
    write: { type: "boolean", default: false }
  }
})
const [rounds = 5, count = 1000, waiting = 10_000] = [values.rounds, values.count, values.waiting].map(Number)

const [postgres, redis] = await Promise.all([startPostgres({ install: true }), startRedis({ install: true })])
for (const missing of [postgres, redis]) if (typeof missing === "string") console.error(`!! ${missing}`)

const sides = sidesOf({
  postgres: typeof postgres === "string" ? undefined : (name) => createDatabase(postgres, name),
  redis: typeof redis === "string" ? undefined : redis.url
}).filter(({ name }) => chosen.length === 0 || chosen.includes(name))

const each = async (running: ReadonlyArray<Running>, work: (one: Running, measured: Measured) => Promise<void>) => {
  for (const one of running) await work(one, measured.get(one.side.name)!)
}

const measured = new Map<string, Measured>(
  sides.map((side) => [side.name, { side, perSecond: [], micros: [], cancels: [], bytes: [] }])
)
try {
  const running: Array<Running> = []
  for (const side of sides) running.push(await start(side))
  // The first round warms up, and a cluster learns who has which shard.
  for (let round = 0; round <= rounds; round++) {
    await each(round % 2 === 0 ? running : running.toReversed(), async ({ ask }, { cancels, micros, perSecond }) => {
      const [before = Number.NaN] = await ask({ kind: "cpu" })
      const [millis = Number.NaN] = await ask({ kind: "submitAndJoin", count })
      const [after = Number.NaN] = await ask({ kind: "cpu" })
      const latencies = await ask({ kind: "cancel", count: 10 })
      if (round === 0) return
      perSecond.push((1000 * count) / millis)
      micros.push((after - before) / count)
      cancels.push(...latencies)
    })
    process.stderr.write(round === 0 ? "warm\n" : `round ${round} of ${rounds}\n`)
  }
  await each(running, async ({ ask, end }, { bytes }) => {
    const [before = Number.NaN] = await ask({ kind: "heap" })
    await ask({ kind: "leaveWaiting", count: waiting })
    const [after = Number.NaN] = await ask({ kind: "heap" })
    bytes.push(((after - before) / waiting) * 10_000)
    await end()
  })
} finally {
  for (const server of [postgres, redis]) if (typeof server !== "string") await server.stop()
}

const all = [...measured.values()]
const machine = `Node.js ${process.versions.node}, ${cpus().length} cores, ${rounds} rounds of ${count} tasks, interleaved`
console.log(`\n${tableOf(all)}\n\n${machine}\n\n${goalsOf(all)}`)

if (values.write) {
  const page = fileURLToPath(new URL("../BENCHMARKS.md", import.meta.url))
  const text = readFileSync(page, "utf8")
  const block = `${tableOf(all)}\n\n${machine}.\n\n${goalsOf(all)}`
  writeFileSync(
    page,
    text.replace(/(<!-- measured -->\n)[^]*(\n<!-- \/measured -->)/, (_, from, to) => `${from}\n${block}\n${to}`)
  )
}
