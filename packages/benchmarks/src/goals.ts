/**
 * What the library is to reach, and what it reaches. A figure is compared with a peer's of the same run, by the time on a
 * processor, so that a verdict holds on a machine that does other things too.
 */
import { ratioBetween, type Result } from "./measure.ts"
import type { Goals } from "./records.ts"
import { exponentOf, type Growth, largestExponent } from "./scaling.ts"
import { type Experience, type Interval, intervalOf, mapInterval } from "./statistics.ts"
import { canBeNarrower, driftOf, type RunFigures, withDrift } from "./runs.ts"
import { type Margin, type Tally, tallyOf, verdictOf, type Verdicts } from "./verdicts.ts"

export const libraries = ["core", "compat"] as const
export type Library = (typeof libraries)[number]

export interface Cell {
  readonly required: string
  /** What this run's own sittings say; undefined when there was nothing to measure it by. */
  readonly figure: Interval | undefined
  /** The same, with what runs differ by. */
  readonly reached: string | undefined
  readonly margin: Margin
  /** Whether one more sitting may tell on which side of the goal it is. */
  readonly open: boolean
  /** The peers that have to be measured again for a narrower interval. */
  readonly peers: ReadonlyArray<string>
}

/** What makes a cell of a figure. */
interface Measure {
  readonly required: string
  readonly figure: Interval | undefined
  /** How good a value is: see {@link Margin}. */
  readonly marginAt: (value: number) => number
  readonly show: (reached: Interval) => string
  /** What the figures of two runs usually differ by, by the logarithm. */
  readonly usual: Experience
  readonly peers: ReadonlyArray<string>
  /** Why there is no figure, when that is a failure: the goal is not met then. */
  readonly failed?: string
}

interface Row<C> {
  readonly title: string
  /** Undefined where it is a heading above its parts. */
  readonly core: C | undefined
  readonly compat: C | undefined
  readonly parts: ReadonlyArray<Row<C>>
}

export type GoalRow = Row<Cell>
type MeasuredRow = Row<Measure>

/** How many times faster each of the two is to be, or how many times as much it may take. */
type Requirement = Readonly<Record<Library, number>>

const createAndAwait = "create and await"
const createMany = "create N, then await all"
const steps = "sleep(0) in one task"
const stepsOfMany = "sleep(0) in 100 tasks"
const memory = "memory of a sleeping task"
const pool = "pool of ten workers"
const mapping = "mapTasks, 10 at a time"
const http = "HTTP fan-out, 50 in flight"
const queues = [
  "queue, 1 producer and consumer",
  "queue, 10 producers and consumers",
  "queue, 100 producers and consumers"
] as const
const withLimit = [createAndAwait, createMany, steps, stepsOfMany]
const withPython = [
  ...withLimit,
  "gather",
  "TaskGroup",
  pool,
  "lock handoff",
  "semaphore handoff",
  ...queues,
  "waitFor in time",
  "waitFor that expires",
  "cancel N sleeping tasks",
  "timers with random deadlines"
]

/** The pictures of the first page are made of these, with two peers more that there is no goal for. */
export const pictured = [createAndAwait, stepsOfMany, memory, http]

/** The workloads that the table and the pictures need, and the peers of each. */
export const goalWorkloads: ReadonlyMap<string, ReadonlyArray<string>> = new Map([
  ...withPython.map(
    (name) =>
      [
        name,
        [
          "core",
          "compat",
          "raw Effect",
          ...(name === pool ? ["p-limit"] : []),
          "asyncio",
          "uvloop",
          ...(withLimit.includes(name) ? ["fiber floor", "compat floor"] : []),
          ...(pictured.includes(name) ? ["promises", "go"] : [])
        ]
      ] as const
  ),
  [mapping, ["core", "compat", "raw Effect", "p-map", "core by hand", "compat by hand"]],
  [memory, ["core", "compat", "raw Effect", "promises", "asyncio", "go"]],
  [http, ["core", "compat", "raw Effect", "promises", "asyncio", "uvloop"]]
])

/** The workloads whose growth to a million is looked at. */
export const growthWorkloads = [
  createAndAwait,
  createMany,
  stepsOfMany,
  "gather",
  "TaskGroup",
  queues[1],
  "cancel N sleeping tasks"
]
export const growthSizes = [1000, 10_000, 100_000, 1_000_000]
/** A library with room for everything that is young: one that grows too fast is looked at without the collector, too. */
export const roomy = (library: Library): string => `${library}, all young`

const times = ({ high, low, value }: Interval): string =>
  `${value.toFixed(2)} x (${low.toFixed(2)} to ${high.toFixed(2)})`

const plain = ({ high, low, value }: Interval): string =>
  `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`

const milliseconds = ({ high, low, value }: Interval): string =>
  `${value.toFixed(0)} ms (${low.toFixed(0)} to ${high.toFixed(0)})`

// Of the ratios of two runs; of their exponents; and of the imports, which are a few milliseconds.
const usualRatios: Experience = { deviation: 0.03, weight: 4 }
const usualGrowth: Experience = { deviation: 0.01, weight: 4 }
const usualImports: Experience = { deviation: 0.03, weight: 4 }

/** The cell of a figure, of which other runs had the figures `others`. */
const cellOf = (
  { failed, figure, marginAt, peers, required, show, usual }: Measure,
  others: ReadonlyArray<number>
): Cell => {
  const none = { required, figure: undefined, open: false, peers }
  if (failed !== undefined) return { ...none, reached: failed, margin: { value: 0, low: 0, high: 0 } }
  if (figure === undefined) return { ...none, reached: undefined, margin: undefined }
  const drift = driftOf([figure.value, ...others], usual)
  const known = withDrift(figure, drift)
  const margin = mapInterval(known, marginAt)
  const open = verdictOf(margin) === "at the goal" && canBeNarrower(figure, drift)
  return { required, figure, reached: show(known), margin, open, peers }
}

type ResultOf = (workload: string) => Result | undefined

const between = (result: Result | undefined, peer: string, other: string): Interval | undefined =>
  result && ratioBetween(result, peer, other)

/** How many times faster than a peer of the same run. */
const fasterThan = (result: Result | undefined, library: Library, against: string, required: number): Measure => ({
  required: `${required} x`,
  figure: between(result, against, library),
  marginAt: (value) => value / required,
  show: times,
  usual: usualRatios,
  peers: [library, against]
})

/** How many times as much as a peer of the same run. */
const atMost = (result: Result | undefined, library: Library, against: string, required: number): Measure => ({
  required: `at most ${required} x`,
  figure: between(result, library, against),
  marginAt: (value) => required / value,
  show: times,
  usual: usualRatios,
  peers: [library, against]
})

type Compare = typeof fasterThan

const row = (
  title: string,
  resultOf: ResultOf,
  workload: string,
  against: string | Readonly<Record<Library, string>>,
  compare: Compare,
  required: Requirement
): MeasuredRow => {
  const measure = (library: Library) =>
    compare(resultOf(workload), library, typeof against === "string" ? against : against[library], required[library])
  return { title, core: measure("core"), compat: measure("compat"), parts: [] }
}

const group = (title: string, parts: ReadonlyArray<MeasuredRow>): MeasuredRow => ({
  title,
  core: undefined,
  compat: undefined,
  parts
})

/** The exponent, if the greatest size was measured. */
const ofAMillion = (growth: Growth | undefined): Interval | undefined =>
  growth?.points.at(-1)?.n === growthSizes.at(-1) ? growth && exponentOf(growth) : undefined

const exponentMeasure = (own: Growth | undefined, young: Growth | undefined): Measure => {
  const failed = own?.failed ?? young?.failed
  const [value, without] = [ofAMillion(own), ofAMillion(young)]
  const isCollectors = value !== undefined && without !== undefined && without.value < value.value
  return {
    required: `at most ${largestExponent.linear}`,
    figure: isCollectors ? without : value,
    marginAt: (exponent) => largestExponent.linear / exponent,
    show: (reached) => (isCollectors ? `${value.value.toFixed(2)}; all young ${plain(reached)}` : plain(reached)),
    usual: usualGrowth,
    peers: [own, young].flatMap((growth) => (growth === undefined ? [] : [growth.peer])),
    ...(failed === undefined ? {} : { failed })
  }
}

// Of one import, above that of Effect, in milliseconds.
const usualRounds: Experience = { deviation: 5, weight: 4 }

const importMeasure = (imports: Goals["imports"] | undefined, library: Library, required: number): Measure => {
  const differences = imports?.[library].rounds?.map((value, round) => value - imports.effect.rounds![round]!)
  const median = imports && imports[library].median - imports.effect.median
  return {
    required: `at most ${required} ms`,
    figure:
      median === undefined
        ? undefined
        : intervalOf(differences === undefined || differences.length === 0 ? [median] : differences, usualRounds),
    // Nothing above Effect's is as good as can be.
    marginAt: (value) => required / Math.max(value, 0.1),
    show: milliseconds,
    usual: usualImports,
    peers: [library]
  }
}

type Run = Pick<Goals, "growth" | "results"> & { readonly imports?: Goals["imports"] }

type Against = (workload: string, core: number, compat: number) => MeasuredRow

const against =
  (resultOf: ResultOf, peer: string): Against =>
  (workload, core, compat) =>
    row(workload, resultOf, workload, peer, fasterThan, { core, compat })

const limitRows = (resultOf: ResultOf): ReadonlyArray<MeasuredRow> => {
  const floors = { core: "fiber floor", compat: "compat floor" }
  const againstLimit: Against = (workload, core, compat) =>
    row(workload, resultOf, workload, floors, atMost, { core, compat })
  return [
    group("against the limit", [
      againstLimit(createAndAwait, 2.2, 2.8),
      againstLimit(createMany, 2.5, 2.9),
      againstLimit(steps, 1.4, 1.9),
      againstLimit(stepsOfMany, 2.2, 1.8)
    ])
  ]
}

const taskRows = (resultOf: ResultOf): ReadonlyArray<MeasuredRow> => {
  const raw = against(resultOf, "raw Effect")
  return [
    group("against raw Effect: tasks and steps", [
      raw(createAndAwait, 3.5, 2),
      raw(createMany, 1.4, 0.9),
      raw(steps, 8, 3),
      raw(stepsOfMany, 3.5, 1.7)
    ]),
    row(`${memory}, against a fiber`, resultOf, memory, "raw Effect", atMost, { core: 0.8, compat: 1.3 }),
    group("against raw Effect: children that wait one iteration", [raw("gather", 1.4, 1), raw("TaskGroup", 1.2, 0.8)])
  ]
}

/** The jobs of several tasks. */
const poolRows = (resultOf: ResultOf): ReadonlyArray<MeasuredRow> => {
  const raw = against(resultOf, "raw Effect")
  const byHand = { core: "core by hand", compat: "compat by hand" }
  return [
    { ...raw(pool, 5, 3), title: `${pool}, against raw Effect` },
    { ...against(resultOf, "p-limit")(pool, 1, 1), title: `${pool}, against p-limit` },
    { ...against(resultOf, "p-map")(mapping, 1.5, 1), title: `${mapping}, against p-map` },
    { ...raw(mapping, 1.4, 0.8), title: `${mapping}, against Effect.forEach` },
    {
      ...row(mapping, resultOf, mapping, byHand, atMost, { core: 1.7, compat: 2.5 }),
      title: `${mapping}, against ten tasks that share the jobs`
    }
  ]
}

const waitingRows = (resultOf: ResultOf): ReadonlyArray<MeasuredRow> => {
  const raw = against(resultOf, "raw Effect")
  return [
    group("against raw Effect: handoffs", [raw("lock handoff", 8, 3), raw("semaphore handoff", 5, 2.5)]),
    group("against Effect's Queue", [raw(queues[0], 2.5, 1.7), raw(queues[1], 1.8, 1.2), raw(queues[2], 1.4, 1)]),
    group("against Effect.timeout", [raw("waitFor in time", 5, 2.5), raw("waitFor that expires", 2, 1)]),
    group("against raw Effect: cancelling and timers", [
      raw("cancel N sleeping tasks", 1.5, 1),
      raw("timers with random deadlines", 1.3, 0.9)
    ])
  ]
}

const pythonRows = (resultOf: ResultOf): ReadonlyArray<MeasuredRow> => [
  group(
    "all of them against CPython's asyncio",
    withPython.map((workload) => against(resultOf, "asyncio")(workload, 6, 3))
  ),
  group(
    "all of them against uvloop",
    withPython.map((workload) => against(resultOf, "uvloop")(workload, 3.8, 2))
  )
]

const growthRow = (growth: Goals["growth"]): MeasuredRow => {
  const growthOf = (workload: string, peer: string) =>
    growth.find((each) => each.workload === workload && each.peer === peer)
  const exponentIn = (workload: string, library: Library) =>
    exponentMeasure(growthOf(workload, library), growthOf(workload, roomy(library)))
  return group(
    "growth with N to a million: the exponent",
    growthWorkloads.map((workload) => ({
      title: workload,
      core: exponentIn(workload, "core"),
      compat: exponentIn(workload, "compat"),
      parts: []
    }))
  )
}

const importRow = (imports: Goals["imports"] | undefined): MeasuredRow => ({
  title: "cold import, CPU time above Effect's own",
  core: importMeasure(imports, "core", 30),
  compat: importMeasure(imports, "compat", 40),
  parts: []
})

const measuredRows = ({ growth, imports, results }: Run): ReadonlyArray<MeasuredRow> => {
  const resultOf: ResultOf = (workload) => results.find((result) => result.workload === workload)
  return [
    ...limitRows(resultOf),
    ...taskRows(resultOf),
    ...poolRows(resultOf),
    ...waitingRows(resultOf),
    ...pythonRows(resultOf),
    { ...against(resultOf, "raw Effect")(http, 1.2, 1), title: `${http}, against raw Effect` },
    growthRow(growth),
    importRow(imports)
  ]
}

/** What a figure is called among all of them. */
const nameOf = (library: Library, title: string, heading: string | undefined): string =>
  `${library}: ${heading === undefined ? title : `${title}, ${heading.replace(/^all of them /, "")}`}`

type Finish = (measure: Measure, name: string) => Cell

const finished = (rows: ReadonlyArray<MeasuredRow>, finish: Finish): ReadonlyArray<GoalRow> => {
  const rowOf = ({ parts, title, ...row }: MeasuredRow, heading?: string): GoalRow => {
    const cell = (library: Library) => row[library] && finish(row[library], nameOf(library, title, heading))
    return { title, core: cell("core"), compat: cell("compat"), parts: parts.map((part) => rowOf(part, title)) }
  }
  return rows.map((row) => rowOf(row))
}

const figuresAt = (runs: ReadonlyArray<RunFigures>, name: string): ReadonlyArray<number> =>
  runs.flatMap((figures) => figures[name]?.value ?? [])

/** The rows of a run; what it has not measured has no verdict. `others` are runs of the same code, which say how far two runs are apart. */
export const goalRows = (run: Run, others: ReadonlyArray<RunFigures> = []): ReadonlyArray<GoalRow> =>
  finished(measuredRows(run), (measure, name) => cellOf(measure, figuresAt(others, name)))

/** The rows of the run that is kept and of those of the same code of which the figures are, each judged by what all of them differ by. */
export const rowsOfRuns = (kept: Goals): readonly [ReadonlyArray<GoalRow>, ...Array<ReadonlyArray<GoalRow>>] => {
  const again = (kept.again ?? []).map(({ figures }) => figures)
  const first = figuresOf(goalRows(kept))
  const others = again.map((figures) => {
    const rest = [first, ...again].filter((each) => each !== figures)
    return finished(measuredRows(kept), (measure, name) =>
      cellOf({ ...measure, figure: figures[name] }, figuresAt(rest, name))
    )
  })
  return [goalRows(kept, again), ...others]
}

const shown = ({ margin }: Cell): string => {
  const verdict = verdictOf(margin)
  return verdict === "short" ? `short by ${Math.max(Math.round(100 * (1 - margin!.value)), 1)} %` : verdict
}

const columnsOf = (cell: Cell | undefined): ReadonlyArray<string> =>
  cell === undefined ? ["", "", ""] : [cell.required, cell.reached ?? "-", shown(cell)]

/** The table, the heading first. A row of several others is followed by them, indented. */
export const goalTable = (rows: ReadonlyArray<GoalRow>): ReadonlyArray<ReadonlyArray<string>> => {
  const line = ({ compat, core, title }: GoalRow, indent: string) => [
    `${indent}${title}`,
    ...columnsOf(core),
    ...columnsOf(compat)
  ]
  return [
    ["", "core, goal", "reached", "", "compat, goal", "reached", ""],
    ...rows.flatMap((row) => [
      ...(row.parts.length === 0 ? [line(row, "")] : [[row.title, "", "", "", "", "", ""]]),
      ...row.parts.map((part) => line(part, "    "))
    ])
  ]
}

interface NamedCell {
  readonly name: string
  readonly cell: Cell
}

/** The cells of rows without parts, and what each is called among all of them. */
const cellsOf = (rows: ReadonlyArray<GoalRow>): ReadonlyArray<NamedCell> => {
  const cellsIn = (row: GoalRow, heading?: string): ReadonlyArray<NamedCell> =>
    libraries.flatMap((library) => {
      const cell = row[library]
      return cell === undefined ? [] : [{ name: nameOf(library, row.title, heading), cell }]
    })
  return rows.flatMap((row) => [...cellsIn(row), ...row.parts.flatMap((part) => cellsIn(part, row.title))])
}

export const verdictsOf = (rows: ReadonlyArray<GoalRow>): Verdicts =>
  Object.fromEntries(cellsOf(rows).map(({ cell, name }) => [name, verdictOf(cell.margin)]))

export const figuresOf = (rows: ReadonlyArray<GoalRow>): RunFigures =>
  Object.fromEntries(
    cellsOf(rows).flatMap(({ cell, name }) => (cell.figure === undefined ? [] : [[name, cell.figure] as const]))
  )

export const tally = (rows: ReadonlyArray<GoalRow>): Tally => tallyOf(Object.values(verdictsOf(rows)))

/** The peers to measure again, because an interval is wide and the goal inside of it. */
export const openPeers = (run: Run): ReadonlyArray<string> => [
  ...new Set(cellsOf(goalRows(run)).flatMap(({ cell }) => (cell.open ? cell.peers : [])))
]
