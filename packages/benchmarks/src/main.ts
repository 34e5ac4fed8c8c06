/**
 * `npm run bench`.
 */
import { writeFileSync } from "node:fs"
import { loadavg } from "node:os"
import { measureAllAllocations } from "./allocations.ts"
import { type AvailablePeer, findPeers, peerNames } from "./driver.ts"
import {
  figuresOf,
  goalRows,
  goalWorkloads,
  growthSizes,
  growthWorkloads,
  libraries,
  openPeers,
  roomy,
  rowsOfRuns,
  verdictsOf
} from "./goals.ts"
import { measureImports } from "./imports.ts"
import { Measurement, measure, Processes, type Result } from "./measure.ts"
import { type Mode, type Options, parseOptions, usage, UsageError } from "./options.ts"
import { Progress } from "./progress.ts"
import {
  type Comparison,
  type Goals,
  type Header,
  readRecord,
  type Records,
  saveRecord,
  type Scaling,
  toJson
} from "./records.ts"
import { type Growth, growsTooFast, joinGrowth, measureGrowth } from "./scaling.ts"
import { printAllocations, printGoals, printGrowth, printHeader, printResult } from "./table.ts"
import { machine } from "./versions.ts"
import { compareVerdicts, describeComparison } from "./verdicts.ts"
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
  // Raw Effect searches its lists for the fibers to remove: among a hundred thousand that takes minutes.
  const peersOf = ({ law }: Workload) => (options.peers === undefined && law === "logarithmic" ? own : peers)
  const header = headerOf(peers)
  printHeader(header)
  return { ...header, growth: await growAll(options.workloads, peersOf, ({ sizes }) => sizes, options) }
}

/** Sittings of each row of the goals: a row is measured again as long as its goal lies inside a wide interval. */
const sittings = { first: 2, most: 8 }
/** The exponents take longer: half a minute for all. */
const growthSittings = { first: 1, most: 4 }

/** The mean of what the system says how many programs want a processor. */
class Load {
  readonly #seen: Array<number> = []

  look(): void {
    this.#seen.push(loadavg()[0]!)
  }

  mean(): number {
    return this.#seen.reduce((sum, each) => sum + each, 0) / this.#seen.length
  }
}

const measureGoals = async (
  peersOf: (workload: Workload) => ReadonlyArray<AvailablePeer>,
  { quick }: Options,
  load: Load
): Promise<ReadonlyArray<Result>> => {
  await using processes = new Processes()
  const plan = quick ? { rounds: 1, warmUp: 0, fresh: false } : { rounds: 4, warmUp: 300, fresh: true }
  const { first, most } = quick ? { first: 1, most: 1 } : sittings
  const results: Array<Result> = []
  for (const workload of named([...goalWorkloads.keys()])) {
    const n = quick ? workload.quick : workload.n
    const measurement = new Measurement(workload, n, peersOf(workload), processes, plan, progress)
    const open = () => openPeers({ results: [measurement.result()], growth: [] })
    for (let had = 0; had < first; had++) await measurement.sit()
    for (let had = first; had < most && open().length > 0; had++) await measurement.sit(open())
    const result = measurement.result()
    printResult(result)
    results.push(result)
    load.look()
  }
  return results
}

const measureGoalsOfGrowth = async (
  own: ReadonlyArray<AvailablePeer>,
  young: ReadonlyArray<AvailablePeer>,
  options: Options,
  load: Load
): Promise<ReadonlyArray<Growth>> => {
  const few = { ...options, rounds: Math.min(options.rounds, 4) }
  const measured = new Map<string, Growth>()
  const of = (workload: string) => [...measured.values()].filter((growth) => growth.workload === workload)
  const sit = async (workload: string, peers: ReadonlyArray<AvailablePeer>) => {
    if (peers.length === 0) return
    for (const growth of await growAll(
      named([workload]),
      () => peers,
      () => growthSizes,
      few
    )) {
      const key = `${workload}, ${growth.peer}`
      const before = measured.get(key)
      measured.set(key, before === undefined ? growth : joinGrowth(before, growth))
    }
    load.look()
  }
  for (const workload of growthWorkloads) {
    await sit(workload, own)
    const tooFast = of(workload)
      .filter(growsTooFast)
      .map(({ peer }) => `${peer}, all young`)
    await sit(
      workload,
      young.filter(({ name }) => tooFast.includes(name))
    )
    for (let had = growthSittings.first; !options.quick && had < growthSittings.most; had++) {
      const open = openPeers({ results: [], growth: of(workload) })
      await sit(
        workload,
        [...own, ...young].filter(({ name }) => open.includes(name))
      )
    }
  }
  return [...measured.values()]
}

/** Prints a run of the goals beside that which is kept, and keeps its figures too if it is a run of the same code. */
const compareWithKept = (record: Goals & { readonly load: number }, { again }: Options): void => {
  const { load, measured } = record
  const kept = readRecord("goals")
  const figures = figuresOf(goalRows(record))
  const runs = again ? { ...kept, again: [...(kept.again ?? []), { measured, load, figures }] } : kept
  const [before, ...others] = rowsOfRuns(runs)
  const rows = again ? others.at(-1)! : goalRows(record)
  printGoals(rows)
  const differences = describeComparison(compareVerdicts(verdictsOf(before), verdictsOf(rows)), "\n  ")
  console.log(`Against the run of ${kept.measured} that was kept:\n${differences}`)
  if (again) saveRecord("goals", runs)
}

const reach = async (options: Options): Promise<Goals> => {
  const peers = await findPeers([...new Set([...goalWorkloads.values()].flat())])
  const own = peers.filter(({ name }) => libraries.some((library) => library === name))
  const young = await findPeers(libraries.map(roomy))
  const header = headerOf(peers)
  printHeader(header)
  const peersOf = ({ name }: Workload) => peers.filter((peer) => goalWorkloads.get(name)!.includes(peer.name))
  const load = new Load()
  const results = await measureGoals(peersOf, options, load)
  const growth = await measureGoalsOfGrowth(own, young, options, load)
  const imports = measureImports(options.quick ? 1 : 9)
  const record = { ...header, results, growth, imports, load: load.mean() }
  if (options.quick) {
    printGoals(goalRows(record))
    return record
  }
  compareWithKept(record, options)
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
