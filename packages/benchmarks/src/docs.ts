/**
 * `npm run dev -- bench:docs`: writes the tables of docs/performance.md and its plots from what `npm run bench -- --save` kept.
 * The prose around the tables is written by hand.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { plot, plotFile } from "./plots.ts"
import { type Header, readRecord, type Scaling } from "./records.ts"
import type { Growth } from "./scaling.ts"
import { absences, allocationRows, describeMachine, describeVersions, growthTable, rowsOf, titleOf } from "./table.ts"
import { tally, targetRows, targetTable } from "./targets.ts"

const page = fileURLToPath(new URL("../../../docs/performance.md", import.meta.url))
const plotFolder = fileURLToPath(new URL("../../../docs/performance/", import.meta.url))

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

const targets = (): string => {
  const record = readRecord("targets")
  const rows = targetRows(record)
  const { met, short, unmeasured } = tally(rows)
  const table = targetTable(rows).map((row) => [row[0]!.replaceAll("    ", "… "), ...row.slice(1)])
  return [markdownTable(table), `${met} ok, ${short} short, ${unmeasured} not measured.`, origin(record)].join("\n\n")
}

const comparison = (): string => {
  const record = readRecord("comparison")
  return [
    origin(record),
    ...record.results.flatMap((result) => [
      `### ${titleOf(result)}`,
      markdownTable(rowsOf(result)),
      ...absences(result).map(([reason, peers]) => `${peers.join(", ")}: ${reason}.`)
    ])
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
    .map(([first]) => `![${first!.workload}](./performance/${plotFile(first!.workload)})`)
    .join("\n")

const allocations = (): string => {
  const record = readRecord("allocations")
  return `${markdownTable(allocationRows(record))}\n\nNode.js ${record.node}, V8 ${record.v8}.`
}

const sections: Readonly<Record<string, () => string>> = { targets, comparison, scaling, plots, allocations }

/** The page with its sections written anew: each stands between `<!-- begin NAME -->` and `<!-- end NAME -->`. */
export const withSections = (text: string): string => {
  let result = text
  for (const [name, write] of Object.entries(sections)) {
    const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`]
    const from = result.indexOf(begin)
    const to = result.indexOf(end)
    if (from < 0 || to < from) throw new Error(`docs/performance.md lacks ${begin} or ${end}`)
    result = `${result.slice(0, from + begin.length)}\n\n${write()}\n\n${result.slice(to)}`
  }
  return result
}

/** The plots, by file name. */
export const plotFiles = (): ReadonlyMap<string, string> =>
  new Map(byWorkload(readRecord("scaling")).map((growth) => [plotFile(growth[0]!.workload), plot(growth)]))

export const readPage = (): string => readFileSync(page, "utf8")

export const readPlot = (name: string): string => readFileSync(`${plotFolder}${name}`, "utf8")

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(page, withSections(readPage()))
  rmSync(plotFolder, { recursive: true, force: true })
  mkdirSync(plotFolder)
  for (const [name, svg] of plotFiles()) writeFileSync(`${plotFolder}${name}`, svg)
}
