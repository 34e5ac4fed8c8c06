/**
 * Results as text.
 */
import { type Figures, ratioOf, type Result } from "./measure.ts"
import { type GoalRow, goalTable, tally } from "./goals.ts"
import { describeTally } from "./verdicts.ts"
import type { Allocations, Header, Hosts } from "./records.ts"
import { type Growth, growsTooFast, largestExponent } from "./scaling.ts"
import { whatOf } from "./workloads.ts"

const units: Record<Result["measures"], string> = { time: "ns", lateness: "ms", memory: "bytes" }

export const unitOf = ({ measures }: Result): string => units[measures]

/** At least three digits, with commas. */
export const figure = (value: number): string => {
  if (!Number.isFinite(value)) return "-"
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

export const whole = (value: number): string => Math.round(value).toLocaleString("en-US")

export const ratio = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? "-" : `${value.toFixed(2)} x`

/** How a peer's figure compares with core's: above 1 it takes more. */
export const againstCore = (result: Result, { peer }: Figures): number | undefined => ratioOf(result, peer, "core")

export const megabytes = (bytes: number | undefined): string =>
  bytes === undefined ? "-" : `${figure(bytes / 2 ** 20)} MB`

/** The columns of a result, the heading first. Peers without figures are {@link absences}. */
export const rowsOf = (result: Result): ReadonlyArray<ReadonlyArray<string>> => {
  const unit = unitOf(result)
  const special = { time: "CPU ns", lateness: "p50", memory: "" }[result.measures]
  const heading = ["", `${unit} median`, "min", "max", special, "peak memory", "against core"]
  return [
    heading,
    ...result.peers.flatMap((figures) => {
      const { cpu, peakBytes, peer, quantiles, summary } = figures
      if (summary === undefined) return []
      const own = {
        time: () => figure(cpu?.median ?? Number.NaN),
        lateness: () => figure(quantiles?.p50 ?? Number.NaN),
        memory: () => ""
      }[result.measures]()
      const row = [
        peer,
        figure(summary.median),
        figure(summary.min),
        figure(summary.max),
        own,
        megabytes(peakBytes),
        ratio(againstCore(result, figures))
      ]
      return [row]
    })
  ]
}

/** Columns of equal width: the first to the left, the others to the right. */
export const align = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (row: ReadonlyArray<string>) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[i]!))).join("  ")
  return rows.map((row) => line(row).trimEnd()).join("\n")
}

/** The peers without figures, the same reason said once. */
export const absences = ({ peers }: Result): ReadonlyArray<readonly [reason: string, peers: ReadonlyArray<string>]> => {
  const byReason = new Map<string, Array<string>>()
  for (const { absent, failed, peer } of peers) {
    const reason = absent ?? (failed === undefined ? undefined : `failed: ${failed}`)
    if (reason !== undefined) byReason.set(reason, [...(byReason.get(reason) ?? []), peer])
  }
  return [...byReason]
}

export const titleOf = ({ measures, operations, rounds, workload }: Result): string => {
  const what = { time: "operations", lateness: "samples", memory: "tasks" }[measures]
  const p99 = measures === "lateness" ? ", p99 of each round" : ""
  return `${workload}: ${whole(operations)} ${what}, ${rounds === 1 ? "1 round" : `${rounds} rounds`}${p99}`
}

export const describeMachine = ({ machine }: Header): string =>
  `Node.js ${machine.node}, V8 ${machine.v8}, ${machine.platform}, ${machine.cores} x ${machine.cpu}, ${machine.gigabytes} GB`

export const describeVersions = ({ versions }: Header): string =>
  Object.entries(versions)
    .map(([peer, parts]) => {
      const list = Object.entries(parts).map(([name, version]) => (name === peer ? version : `${name} ${version}`))
      return `${peer}: ${list.length === 0 ? "not here" : list.join(", ")}`
    })
    .join("; ")

export const printHeader = (header: Header): void => {
  console.log(`${describeMachine(header)}\n${describeVersions(header)}`)
}

export const printResult = (result: Result): void => {
  console.log(`\n${titleOf(result)}`)
  const what = whatOf(result.workload)
  if (what !== undefined) console.log(what)
  console.log(align(rowsOf(result)))
  for (const [reason, peers] of absences(result)) console.log(`(${peers.join(", ")}: ${reason})`)
}

/** The columns: the peer, nanoseconds per operation at each size, the exponent, a remark. */
export const growthRows = (growth: ReadonlyArray<Growth>): ReadonlyArray<ReadonlyArray<string>> => {
  const sizes = [...new Set(growth.flatMap(({ points }) => points.map(({ n }) => n)))]
  return [
    ["ns per operation, N =", ...sizes.map(whole), "exponent", ""],
    ...growth.map((each) => [
      each.peer,
      ...sizes.map((size) => figure(each.points.find(({ n }) => n === size)?.nanos ?? Number.NaN)),
      each.exponent === undefined ? "-" : each.exponent.toFixed(2),
      each.failed === undefined ? (growsTooFast(each) ? "too fast" : "") : `failed: ${each.failed}`
    ])
  ]
}

/** All workloads in one table: what an operation costs at the smallest and the largest size, and the exponents. */
export const growthTable = (growth: ReadonlyArray<Growth>): ReadonlyArray<ReadonlyArray<string>> => [
  ["workload", "peer", "smallest N", "ns", "largest N", "ns", "exponent", "at most", ""],
  ...growth.map((each) => {
    const [first, last] = [each.points[0], each.points.at(-1)]
    return [
      each.workload,
      each.peer,
      whole(first?.n ?? Number.NaN),
      figure(first?.nanos ?? Number.NaN),
      whole(last?.n ?? Number.NaN),
      figure(last?.nanos ?? Number.NaN),
      each.exponent === undefined ? "-" : each.exponent.toFixed(2),
      String(largestExponent[each.law]),
      each.failed ?? (growsTooFast(each) ? "too fast" : "ok")
    ]
  })
]

export const printGrowth = (growth: ReadonlyArray<Growth>): void => {
  const [first] = growth
  if (first === undefined) return
  const law = first.law === "linear" ? "of the whole" : "of one operation"
  console.log(`\n${first.workload}, exponent ${law} at most ${largestExponent[first.law]}`)
  console.log(align(growthRows(growth)))
}

export const printGoals = (rows: ReadonlyArray<GoalRow>): void => {
  console.log(`\n${align(goalTable(rows))}`)
  console.log(`\n${describeTally(tally(rows))}`)
}

/** Workloads of each library, with a column for each host. */
export const hostRows = ({ figures }: Hosts): ReadonlyArray<ReadonlyArray<string>> => {
  const hosts = Object.keys(Object.values(figures)[0] ?? {})
  const rows = Object.entries(figures).flatMap(([library, byHost]) => {
    const measured = Object.values(byHost).find((each) => typeof each !== "string")
    return Object.keys(measured ?? {}).map((workload) => [
      `${library}: ${workload}`,
      ...hosts.map((host) => {
        const own = byHost[host]
        return typeof own === "object" ? figure(own[workload] ?? Number.NaN) : "-"
      })
    ])
  })
  return [["ns, best round", ...hosts], ...rows]
}

export const allocationRows = ({ bytesPerOperation }: Allocations): ReadonlyArray<ReadonlyArray<string>> => {
  const programs = Object.keys(Object.values(bytesPerOperation)[0] ?? {})
  return [
    ["bytes per operation", ...programs],
    ...Object.entries(bytesPerOperation).map(([library, row]) => [
      library,
      ...programs.map((program) => whole(row[program] ?? Number.NaN))
    ])
  ]
}

export const printAllocations = (record: Allocations): void => {
  console.log(`Node.js ${record.node}, V8 ${record.v8}\n${align(allocationRows(record))}`)
}
