/**
 * What is required of the library, and what it reaches.
 */
import { type Figures, medianOf, type Result } from "./measure.ts"
import type { Targets } from "./records.ts"
import { type Growth, largestExponent } from "./scaling.ts"

export type Library = "core" | "compat"

export interface Cell {
  readonly required: string
  /** Undefined when there was nothing to measure it by. */
  readonly reached: string | undefined
  readonly met: boolean | undefined
}

export interface TargetRow {
  readonly title: string
  readonly core: Cell | undefined
  readonly compat: Cell | undefined
  /** The workloads that the row is about, when there are several: the row itself then says the worst of them. */
  readonly parts: ReadonlyArray<TargetRow>
}

type Requirement = Readonly<Partial<Record<Library, number>>>

const three = ["create and await", "create N, then await all", "sleep(0) in one task", "sleep(0) in 100 tasks"]
const queues = [
  "queue, 1 producer and consumer",
  "queue, 10 producers and consumers",
  "queue, 100 producers and consumers"
]
const cancel = "cancel N sleeping tasks"
const memory = "memory of a sleeping task"
const lateness = "lateness of a 1 ms timer"

/** The workloads that the table needs, and the sizes at which the growth of the first two is measured. */
export const targetWorkloads: ReadonlyArray<string> = [...three, ...queues, cancel, memory, lateness]
export const targetPeers = ["core", "compat", "raw Effect", "effection", "asyncio", "uvloop", "floor"]
export const millionWorkloads = three.slice(0, 2)
export const millionSizes = [1000, 10_000, 100_000, 1_000_000]
const million = millionSizes.at(-1)!

const times = (value: number): string => `${value.toFixed(2)} x`

/** One comparison: how many times faster than `against`, or how many times as much. */
const compare = (
  result: Result | undefined,
  against: string,
  library: Library,
  required: number | undefined,
  direction: "faster" | "at most"
): Cell | undefined => {
  if (required === undefined) return undefined
  const own = result && medianOf(result, library)
  const other = result && medianOf(result, against)
  const value =
    own === undefined || other === undefined ? undefined : direction === "faster" ? other / own : own / other
  return {
    required: direction === "faster" ? `${required} x` : `at most ${required} x`,
    reached: value === undefined ? undefined : times(value),
    met: value === undefined ? undefined : direction === "faster" ? value >= required : value <= required
  }
}

/** The worst of several cells: one that is not met, or the one closest to it. */
const worst = (cells: ReadonlyArray<Cell | undefined>, direction: "faster" | "at most"): Cell | undefined => {
  const measured = cells.filter((cell) => cell?.reached !== undefined)
  if (measured.length === 0) return cells[0]
  const value = (cell: Cell | undefined) => Number.parseFloat(cell!.reached!)
  return measured.reduce((a, b) => ((direction === "faster" ? value(b) < value(a) : value(b) > value(a)) ? b : a))
}

const comparison = (
  results: ReadonlyMap<string, Result>,
  title: string,
  names: ReadonlyArray<string>,
  against: string,
  requirement: Requirement,
  direction: "faster" | "at most" = "faster"
): TargetRow => {
  const cell = (name: string, library: Library) =>
    compare(results.get(name), against, library, requirement[library], direction)
  const parts = names.map((name) => ({
    title: name,
    core: cell(name, "core"),
    compat: cell(name, "compat"),
    parts: []
  }))
  return {
    title,
    core: worst(
      parts.map(({ core }) => core),
      direction
    ),
    compat: worst(
      parts.map(({ compat }) => compat),
      direction
    ),
    parts: names.length === 1 ? [] : parts
  }
}

const linear = (growth: Growth | undefined): Cell => {
  const value = growth?.exponent
  const complete = growth?.points.at(-1)?.n === million
  return {
    required: `exponent at most ${largestExponent.linear}`,
    reached: growth?.failed ?? (value === undefined || !complete ? undefined : value.toFixed(2)),
    met:
      growth?.failed === undefined
        ? value === undefined || !complete
          ? undefined
          : value <= largestExponent.linear
        : false
  }
}

const underGigabyte = (figures: Figures | undefined): Cell => {
  const bytes = figures?.peakBytes
  return {
    required: "under 1 GB",
    reached: figures?.failed ?? (bytes === undefined ? undefined : `${Math.round(bytes / 2 ** 20)} MB`),
    met: figures?.failed === undefined ? (bytes === undefined ? undefined : bytes < 2 ** 30) : false
  }
}

const onTime = (result: Result | undefined, library: Library): Cell => {
  const p99 = result?.peers.find(({ peer }) => peer === library)?.quantiles?.p99
  return {
    required: "p99 under 10 ms",
    reached: p99 === undefined ? undefined : `${p99.toFixed(2)} ms`,
    met: p99 === undefined ? undefined : p99 < 10
  }
}

export const targetRows = ({ growth, results }: Pick<Targets, "growth" | "results">): ReadonlyArray<TargetRow> => {
  const byName = new Map(results.filter(({ n }) => n !== million).map((result) => [result.workload, result]))
  const atMillion = new Map(results.filter(({ n }) => n === million).map((result) => [result.workload, result]))
  const growthOf = (workload: string, library: Library) =>
    growth.find((each) => each.workload === workload && each.peer === library)
  const peakOf = (workload: string) => atMillion.get(workload)?.peers.find(({ peer }) => peer === "core")
  return [
    comparison(byName, "create and await, against raw Effect", [three[0]!], "raw Effect", { core: 2, compat: 1.5 }),
    comparison(byName, "create N, then await all, against raw Effect", [three[1]!], "raw Effect", {
      core: 1.2,
      compat: 1
    }),
    comparison(byName, "sleep(0) loops, against raw Effect's yieldNow", three.slice(2), "raw Effect", {
      core: 4,
      compat: 2
    }),
    comparison(byName, "the same three, against CPython's asyncio", three, "asyncio", { core: 6, compat: 3 }),
    comparison(byName, "the same three, against uvloop", three, "uvloop", { core: 4, compat: 2 }),
    comparison(byName, "queue handoff, against Effect's Queue with fibers", queues, "raw Effect", {
      core: 1.5,
      compat: 1
    }),
    comparison(byName, "cancel N sleeping tasks, against raw Effect's interrupt", [cancel], "raw Effect", {
      core: 1.2,
      compat: 1
    }),
    comparison(byName, "all of them, against effection", [...three, ...queues, cancel], "effection", {
      core: 10,
      compat: 5
    }),
    comparison(
      byName,
      "bytes per sleeping task, against raw Effect's sleeping fiber",
      [memory],
      "raw Effect",
      { core: 1.1, compat: 1.6 },
      "at most"
    ),
    comparison(byName, "create and await, against the floor", [three[0]!], "floor", { core: 5 }, "at most"),
    ...millionWorkloads.flatMap((name): ReadonlyArray<TargetRow> => [
      {
        title: `1,000,000 tasks: ${name}`,
        core: linear(growthOf(name, "core")),
        compat: linear(growthOf(name, "compat")),
        parts: []
      },
      {
        title: `1,000,000 tasks: ${name}, memory`,
        core: underGigabyte(peakOf(name)),
        compat: undefined,
        parts: []
      }
    ]),
    {
      title: "lateness of a 1 ms timer under 1,000 spinning tasks",
      core: onTime(byName.get(lateness), "core"),
      compat: onTime(byName.get(lateness), "compat"),
      parts: []
    }
  ]
}

const verdict = ({ met }: Cell): string => (met === undefined ? "not measured" : met ? "ok" : "short")

const columnsOf = (cell: Cell | undefined): ReadonlyArray<string> =>
  cell === undefined ? ["", "", ""] : [cell.required, cell.reached ?? "-", verdict(cell)]

/** The table, the heading first. A row of several workloads says the worst of them, and they follow, indented. */
export const targetTable = (rows: ReadonlyArray<TargetRow>): ReadonlyArray<ReadonlyArray<string>> => {
  const line = ({ compat, core, title }: TargetRow, indent: string) => [
    `${indent}${title}`,
    ...columnsOf(core),
    ...columnsOf(compat)
  ]
  return [
    ["", "core, required", "reached", "", "compat, required", "reached", ""],
    ...rows.flatMap((row) => [line(row, ""), ...row.parts.map((part) => line(part, "    "))])
  ]
}

/** Cells that are short, and cells that could not be measured. */
export const tally = (rows: ReadonlyArray<TargetRow>): { readonly met: number; short: number; unmeasured: number } => {
  const cells = rows.flatMap(({ compat, core }) => [core, compat]).filter((cell) => cell !== undefined)
  return {
    met: cells.filter(({ met }) => met === true).length,
    short: cells.filter(({ met }) => met === false).length,
    unmeasured: cells.filter(({ met }) => met === undefined).length
  }
}
