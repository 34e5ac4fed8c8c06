/**
 * `npm run bench`.
 */
import { writeFileSync } from "node:fs"
import { measureAllAllocations } from "./allocations.ts"
import { type AvailablePeer, findPeers, peerNames } from "./driver.ts"
import { measure, Processes, type Result } from "./measure.ts"
import { type Mode, type Options, parseOptions, usage, UsageError } from "./options.ts"
import { Progress } from "./progress.ts"
import {
  type Comparison,
  type Header,
  type Records,
  saveRecord,
  type Scaling,
  type Targets,
  toJson
} from "./records.ts"
import { type Growth, measureGrowth } from "./scaling.ts"
import { printAllocations, printGrowth, printHeader, printResult, printTargets } from "./table.ts"
import { millionSizes, millionWorkloads, targetPeers, targetWorkloads } from "./targets.ts"
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
  peers: ReadonlyArray<AvailablePeer>,
  { quick, rounds }: Options
): Promise<ReadonlyArray<Result>> => {
  await using processes = new Processes()
  const plan = { rounds, warmUp: quick ? 0 : 1000, fresh: !quick }
  const results: Array<Result> = []
  for (const workload of wanted) {
    const result = await measure(workload, quick ? workload.quick : workload.n, peers, processes, plan, progress)
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
  return { ...header, results: await measureAll(options.workloads, peers, options) }
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

const report = async (options: Options): Promise<Targets> => {
  const peers = await findPeers(targetPeers)
  const own = peers.filter(({ name }) => name === "core" || name === "compat")
  const header = headerOf(peers)
  printHeader(header)
  const results = await measureAll(named(targetWorkloads), peers, options)
  const growth = await growAll(
    named(millionWorkloads),
    () => own,
    () => millionSizes,
    options
  )
  const large = named(millionWorkloads).map((workload) => ({ ...workload, n: millionSizes.at(-1)! }))
  // One round without warm-up in a new process: only its peak of memory is wanted.
  const peaks = options.quick ? [] : await measureAll(large, own, { ...options, rounds: 1 })
  const record = { ...header, results: [...results, ...peaks], growth }
  printTargets(record)
  return record
}

const countAllocations = async () => {
  const record = await measureAllAllocations()
  printAllocations(record)
  return record
}

const modes: { readonly [M in Mode]: (options: Options) => Promise<Records[M]> } = {
  comparison: compare,
  targets: report,
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
