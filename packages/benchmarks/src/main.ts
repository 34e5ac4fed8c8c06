/**
 * `npm run bench`.
 */
import { writeFileSync } from "node:fs"
import { measureAllAllocations } from "./allocations.ts"
import { type AvailablePeer, findPeers, peerNames } from "./driver.ts"
import { goalWorkloads, growthSizes, growthWorkloads, libraries, roomy } from "./goals.ts"
import { measureImports } from "./imports.ts"
import { measure, Processes, type Result } from "./measure.ts"
import { type Mode, type Options, parseOptions, usage, UsageError } from "./options.ts"
import { Progress } from "./progress.ts"
import { type Comparison, type Goals, type Header, type Records, saveRecord, type Scaling, toJson } from "./records.ts"
import { type Growth, growsTooFast, measureGrowth } from "./scaling.ts"
import { printAllocations, printGoals, printGrowth, printHeader, printResult } from "./table.ts"
import { machine } from "./versions.ts"
import { type Workload, workloads } from "./workloads.ts"

const progress = new Progress()

const headerOf = (peers: ReadonlyArray<AvailablePeer>): Header => ({
  machine: machine(),
  measured: new Date().toISOString().slice(0, 10),
  versions: Object.fromEntries(peers.map(({ name, versions }) => [name, versions]))
})

const measureAll = async (
  wanted: ReadonlyArray<Workload>,
  peersOf: (workload: Workload) => ReadonlyArray<AvailablePeer>,
  { quick, rounds }: Options,
  warmUp = 300
): Promise<ReadonlyArray<Result>> => {
  await using processes = new Processes()
  const plan = { rounds, warmUp: quick ? 0 : warmUp, fresh: !quick }
  const results: Array<Result> = []
  for (const workload of wanted) {
    const n = quick ? workload.quick : workload.n
    const result = await measure(workload, n, peersOf(workload), processes, plan, progress)
    printResult(result)
    results.push(result)
  }
  return results
}

/** How the cost of these workloads grows. */
const growAll = async (
  wanted: ReadonlyArray<Workload>,
  peersOf: (workload: Workload) => ReadonlyArray<AvailablePeer>,
  sizesOf: (workload: Workload) => ReadonlyArray<number>,
  { largest, rounds }: Options
): Promise<ReadonlyArray<Growth>> => {
  await using processes = new Processes()
  const all: Array<Growth> = []
  for (const workload of wanted) {
    const sizes = sizesOf(workload).filter((size) => size <= largest)
    const growth = await measureGrowth(workload, sizes, peersOf(workload), processes, rounds, progress)
    printGrowth(growth)
    all.push(...growth)
  }
  return all
}

const named = (names: ReadonlyArray<string>): ReadonlyArray<Workload> =>
  names.map((name) => workloads.find((workload) => workload.name === name)!)

const compare = async (options: Options): Promise<Comparison> => {
  const peers = await findPeers(options.peers ?? peerNames)
  const header = headerOf(peers)
  printHeader(header)
  return { ...header, results: await measureAll(options.workloads, () => peers, options) }
}

const scale = async (options: Options): Promise<Scaling> => {
  const peers = await findPeers(options.peers ?? ["core", "compat", "raw Effect"])
  const own = peers.filter(({ name }) => name !== "raw Effect")
  // Raw Effect searches its lists for whom to remove: among a hundred thousand that takes minutes.
  const peersOf = ({ law }: Workload) => (options.peers === undefined && law === "logarithmic" ? own : peers)
  const header = headerOf(peers)
  printHeader(header)
  return { ...header, growth: await growAll(options.workloads, peersOf, ({ sizes }) => sizes, options) }
}

const reach = async (options: Options): Promise<Goals> => {
  const peers = await findPeers([...new Set([...goalWorkloads.values()].flat())])
  const own = peers.filter(({ name }) => libraries.some((library) => library === name))
  const young = await findPeers(libraries.map(roomy))
  const header = headerOf(peers)
  printHeader(header)
  const peersOf = ({ name }: Workload) => peers.filter((peer) => goalWorkloads.get(name)!.includes(peer.name))
  const results = await measureAll(named([...goalWorkloads.keys()]), peersOf, options)
  const few = { ...options, rounds: Math.min(options.rounds, 4) }
  const grow = (names: ReadonlyArray<string>, peersOf: (workload: Workload) => ReadonlyArray<AvailablePeer>) =>
    growAll(named(names), peersOf, () => growthSizes, few)
  const growth = await grow(growthWorkloads, () => own)
  const tooFast = growth.filter(growsTooFast)
  const again = await grow([...new Set(tooFast.map(({ workload }) => workload))], ({ name }) =>
    young.filter((peer) =>
      tooFast.some(({ peer: library, workload }) => workload === name && peer.name === `${library}, all young`)
    )
  )
  const record = { ...header, results, growth: [...growth, ...again], imports: measureImports(options.quick ? 1 : 9) }
  printGoals(record)
  return record
}

const countAllocations = async () => {
  const record = await measureAllAllocations()
  printAllocations(record)
  return record
}

const modes: { readonly [M in Mode]: (options: Options) => Promise<Records[M]> } = {
  comparison: compare,
  goals: reach,
  scaling: scale,
  allocations: countAllocations
}

/** What went wrong, as opposed to what is slow. */
const failuresIn = (record: Records[Mode]): ReadonlyArray<string> => [
  ...("results" in record ? record.results : []).flatMap(({ peers, workload }) =>
    peers.flatMap(({ failed, peer }) => (failed === undefined ? [] : [`${workload}, ${peer}: ${failed}`]))
  ),
  ...("growth" in record ? record.growth : []).flatMap(({ failed, peer, workload }) =>
    failed === undefined ? [] : [`growth of ${workload}, ${peer}: ${failed}`]
  )
]

try {
  const options = parseOptions(process.argv.slice(2))
  if (options === undefined) {
    console.log(usage)
  } else {
    const record = await modes[options.mode](options)
    if (options.json !== undefined) writeFileSync(options.json, toJson(record))
    if (options.save) saveRecord(options.mode, record)
    const failures = failuresIn(record)
    for (const failure of failures) console.error(`failed: ${failure}`)
    process.exitCode = failures.length === 0 ? 0 : 1
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(error.message)
  process.exitCode = 2
}
