// `npm run bench`: every workload for every peer, in turn (A B C A B C), in one process, so that all of them see the same
// machine at the same time. Prints medians and the ratio of every peer's median to core's.
//
//   npm run bench -- --quick          small sizes, few rounds: does it still work
//   npm run bench -- --only sleep     workloads whose name contains "sleep"
//   npm run bench -- --rounds 15      rounds that count, after one that does not
//   npm run bench -- --json FILE      the figures as JSON too
import { writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { parseArgs } from "node:util"
import { peers } from "./peers/index.mjs"
import { workloads } from "./workloads.mjs"

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    rounds: { type: "string" },
    json: { type: "string" }
  }
})
const rounds = Number(options.rounds ?? (options.quick ? 3 : 7))
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds takes a whole number, got ${options.rounds}`)

const median = (sorted) => {
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

const summary = (nanos) => {
  const sorted = [...nanos].sort((a, b) => a - b)
  return { median: median(sorted), min: sorted[0], max: sorted[sorted.length - 1] }
}

/** Nanoseconds per operation of one run. */
const time = async (program, n) => {
  globalThis.gc?.()
  const start = performance.now()
  await program(n)
  return ((performance.now() - start) * 1e6) / n
}

const measure = async (workload) => {
  const n = options.quick ? workload.quick : workload.n
  const contestants = peers.filter((peer) => peer[workload.key] !== undefined)
  const nanos = new Map(contestants.map((peer) => [peer.name, []]))
  for (let round = -1; round < rounds; round++) {
    process.stderr.write(`\r${workload.name}: ${round < 0 ? "warm-up" : `round ${round + 1} of ${rounds}`}   `)
    for (const peer of contestants) {
      const taken = await time(peer[workload.key], n)
      if (round >= 0) nanos.get(peer.name).push(taken)
    }
  }
  process.stderr.write("\r\x1b[K")
  return { workload: workload.name, n, peers: [...nanos].map(([name, all]) => ({ name, ...summary(all) })) }
}

const count = (number) => Math.round(number).toLocaleString("en-US")

const print = ({ workload, n, peers: figures }) => {
  const core = figures.find(({ name }) => name === "core").median
  console.log(`\n${workload} (${count(n)} operations, ${rounds} rounds)`)
  console.log(
    `${"".padEnd(18)}${["ns median", "min", "max", "ops/s", "against core"].map((h) => h.padStart(13)).join("")}`
  )
  for (const { name, median: middle, min, max } of figures) {
    const columns = [count(middle), count(min), count(max), count(1e9 / middle), `${(middle / core).toFixed(2)} x`]
    console.log(`${name.padEnd(18)}${columns.map((column) => column.padStart(13)).join("")}`)
  }
}

const machine = { node: process.version, cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length }
console.log(`Node.js ${machine.node}, ${machine.cores} x ${machine.cpu}`)
const results = []
for (const workload of workloads.filter(({ name }) => name.includes(options.only))) {
  const result = await measure(workload)
  print(result)
  results.push(result)
}
if (results.length === 0) throw new Error(`no workload's name contains ${JSON.stringify(options.only)}`)
if (options.json !== undefined)
  writeFileSync(options.json, `${JSON.stringify({ machine, rounds, results }, null, 2)}\n`)
