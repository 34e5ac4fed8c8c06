/**
 * `node allocationsOf.ts PEER PROGRAM N`, with the flags in allocations.ts: prints the bytes per operation.
 */
import type { Peer, Probe, ProgramName } from "./peer.ts"
import { summarize } from "./statistics.ts"

const [name, program, size] = process.argv.slice(2) as [string, ProgramName, string]
const n = Number(size)
const { peer } = (await import(`../peers/${name}.ts`)) as { peer: Peer }
const run = peer.programs[program]
if (typeof run === "string") throw new Error(`${name} has no ${program}: ${run}`)

const probe: Probe = { start: () => {}, stop: () => {}, hold: () => {} }
const setting = { tasks: 100, limit: 10, depth: 50 }

// Enough for V8 to have compiled everything, which changes how much is allocated.
for (let i = 0; i < 6; i++) await run(n, probe, setting)

// No forced collection between rounds: after one, V8 gives up some of what it has compiled, and allocates 5 % more. The heap has room
// for all of them, and a round in which V8 collects by itself is far from the median.
const rounds: Array<number> = []
for (let i = 0; i < 5; i++) {
  const before = process.memoryUsage().heapUsed
  await run(n, probe, setting)
  rounds.push(process.memoryUsage().heapUsed - before)
}
console.log(summarize(rounds).median / n)
