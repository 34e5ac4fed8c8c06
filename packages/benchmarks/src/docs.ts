/**
 * `npm run dev -- bench:docs`: writes the tables and pictures of the pages on performance from what `npm run bench -- --save` kept.
 * The prose around them is written by hand.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type Bar, bars } from "./bars.ts"
import { goalTable, rowsOfRuns, tally, verdictsOf } from "./goals.ts"
import { plot, plotFile } from "./plots.ts"
import { type Header, type Hosts, readRecord, type Scaling } from "./records.ts"
import type { Result } from "./measure.ts"
import type { Growth } from "./scaling.ts"
import {
  absences,
  allocationRows,
  describeMachine,
  describeVersions,
  figure,
  growthTable,
  hostRows,
  rowsOf,
  titleOf,
  whole
} from "./table.ts"
import { compareVerdicts, describeComparison, describeTally } from "./verdicts.ts"
import { whatOf } from "./workloads.ts"

const docs = (path: string) => fileURLToPath(new URL(`../../../docs/${path}`, import.meta.url))

/** A table as oxfmt formats it: padded cells, figures to the right. */
const markdownTable = (rows: ReadonlyArray<ReadonlyArray<string>>, textColumns = 1): string => {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")))
  const widths = cells[0]!.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)))
  const pad = (cell: string, column: number) =>
    column < textColumns ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)
  const rule = widths.map((width, column) => (column < textColumns ? "-".repeat(width) : `${"-".repeat(width - 1)}:`))
  const line = (row: ReadonlyArray<string>) => `| ${row.map(pad).join(" | ")} |`
  return [line(cells[0]!), `| ${rule.join(" | ")} |`, ...cells.slice(1).map(line)].join("\n")
}

const origin = (header: Header): string =>
  `Measured ${header.measured}. ${describeMachine(header)}. ${describeVersions(header)}.`

const load = (value: number | undefined): string =>
  value === undefined ? "" : `, with a mean load of ${value.toFixed(1)}`

const goals = (): string => {
  const record = readRecord("goals")
  const [rows, ...others] = rowsOfRuns(record)
  const table = goalTable(rows).map((row) => [row[0]!.replaceAll("    ", "… "), ...row.slice(1)])
  const again = others.map((other, index) => {
    const run = record.again![index]!
    return (
      `Another run of the same code, ${run.measured}${load(run.load)}: ${describeTally(tally(other))}. ` +
      describeComparison(compareVerdicts(verdictsOf(rows), verdictsOf(other)))
    )
  })
  const first = `${describeTally(tally(rows))}${load(record.load)}.`
  return [markdownTable(table), first, ...again, origin(record)].join("\n\n")
}

const resultSection = (result: Result): ReadonlyArray<string> => [
  `### ${titleOf(result)}`,
  ...[whatOf(result.workload)].filter((what) => what !== undefined),
  ...(result.measured === undefined ? [] : [`Measured ${result.measured}.`]),
  markdownTable(rowsOf(result)),
  ...absences(result).map(([reason, peers]) => `${peers.join(", ")}: ${reason}.`)
]

/** The workloads of the table of goals, from the run that it is of; and then the others. */
const comparison = (): string => {
  const [first, rest] = [readRecord("goals"), readRecord("comparison")]
  const others = rest.results.filter(({ workload }) => first.results.every((result) => result.workload !== workload))
  return [
    origin(first),
    ...first.results.flatMap(resultSection),
    "### The rest",
    origin(rest),
    ...others.flatMap(resultSection)
  ].join("\n\n")
}

const byWorkload = ({ growth }: Scaling): ReadonlyArray<ReadonlyArray<Growth>> =>
  [...new Set(growth.map(({ workload }) => workload))].map((name) => growth.filter(({ workload }) => workload === name))

const scaling = (): string => {
  const record = readRecord("scaling")
  return [markdownTable(growthTable(record.growth), 2), origin(record)].join("\n\n")
}

const plots = (): string =>
  byWorkload(readRecord("scaling"))
    .map(([first]) => `![${first!.workload}](./${plotFile(first!.workload)})`)
    .join("\n")

const allocations = (): string => {
  const record = readRecord("allocations")
  return `${markdownTable(allocationRows(record))}\n\nNode.js ${record.node}, V8 ${record.v8}.`
}

const hosts = (): string => {
  const record: Hosts = readRecord("hosts")
  return [markdownTable(hostRows(record)), origin(record)].join("\n\n")
}

/** The four pictures of the first page: a workload, and what its figure is called. */
const charts = [
  { file: "task", title: "A task, made and waited for", workload: "create and await" },
  { file: "step", title: "A step, among a hundred tasks", workload: "sleep(0) in 100 tasks" },
  { file: "memory", title: "A sleeping task in memory", workload: "memory of a sleeping task" },
  { file: "work", title: "A request, fifty in flight, with a time limit", workload: "HTTP fan-out, 50 in flight" }
] as const

const shown = ["core", "compat", "raw Effect", "promises", "asyncio", "uvloop", "go"]

const barsOf = ({ measures, peers }: Result): ReadonlyArray<Bar> =>
  peers.flatMap(({ cpu, peer, summary }) => {
    const value = (measures === "memory" ? summary : cpu)?.median
    if (value === undefined || !shown.includes(peer)) return []
    const label =
      measures === "memory" ? `${whole(value)} B` : value < 1000 ? `${whole(value)} ns` : `${figure(value / 1000)} µs`
    return [{ peer, value, label }]
  })

const chart = ({ title, workload }: (typeof charts)[number]): string => {
  const result = readRecord("goals").results.find((each) => each.workload === workload)!
  const what = result.measures === "memory" ? "bytes, less is better" : "CPU time, less is better"
  return bars(title, what, barsOf(result))
}

const pictures = (): string =>
  charts.map(({ file, title }) => `![${title}](./performance/chart-${file}.svg)`).join("\n")

/** What stands between `<!-- begin NAME -->` and `<!-- end NAME -->`, by page. */
const pages: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  "performance.md": { charts: pictures },
  "performance/figures.md": { comparison, hosts, scaling, plots, allocations },
  "../packages/benchmarks/GOALS.md": { goals }
}

export const pageNames = Object.keys(pages)

/** A page with its sections written anew. */
export const withSections = (page: string, text: string): string => {
  let result = text
  for (const [name, write] of Object.entries(pages[page]!)) {
    const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`]
    const from = result.indexOf(begin)
    const to = result.indexOf(end)
    if (from < 0 || to < from) throw new Error(`docs/${page} lacks ${begin} or ${end}`)
    result = `${result.slice(0, from + begin.length)}\n\n${write()}\n\n${result.slice(to)}`
  }
  return result
}

/** The pictures, by file name in docs/performance. */
export const pictureFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ...charts.map((each) => [`chart-${each.file}.svg`, chart(each)] as const),
    ...byWorkload(readRecord("scaling")).map((growth) => [plotFile(growth[0]!.workload), plot(growth)] as const)
  ])

export const readPage = (page: string): string => readFileSync(docs(page), "utf8")

export const readPicture = (name: string): string => readFileSync(docs(`performance/${name}`), "utf8")

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const page of pageNames) writeFileSync(docs(page), withSections(page, readPage(page)))
  if (!existsSync(docs("performance"))) mkdirSync(docs("performance"))
  for (const name of readdirSync(docs("performance"))) if (name.endsWith(".svg")) rmSync(docs(`performance/${name}`))
  for (const [name, svg] of pictureFiles()) writeFileSync(docs(`performance/${name}`), svg)
}
