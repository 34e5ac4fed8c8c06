/**
 * Where everything stands in the picture of a trace, in pixels. What it looks like is svg.ts's.
 *
 *     0 s                 1 s          instants: a label, a band, and between two of them a gap of one width
 *     1   2   3           4   5        columns: one for every step, as steps of one instant have an order too
 *     ■───────────────────■            rows: one for every task. Cells are its steps, bars what it waits for
 *       └■────────────────────■ done   the label stands above the bar, so that no column of labels takes a phone's width
 *
 * The axis is not to scale: programs wait for a millisecond and for an hour, and the order is what counts. Within a gap it is.
 */
import { barLabel, outcomeLabel, timeText } from "./describe.ts"
import { type CancelPoint, type Happening, type Outcome, reader, type Step, type Trace, type Wait } from "./trace.ts"

export const sizes = {
  column: 28,
  gap: 76,
  left: 14,
  right: 14,
  /** Above the first row: the times and the numbers of the steps. */
  top: 44,
  row: 48,
  /** Of the middle of a bar, below the top of its row. */
  middle: 32,
  cell: 20,
  bar: 14,
  /** The average width of a character. */
  character: 6.4
} as const

export interface Picture {
  readonly width: number
  readonly height: number
  readonly instants: ReadonlyArray<{ readonly x: number; readonly width: number; readonly label: string }>
  readonly columns: ReadonlyArray<{ readonly x: number }>
  readonly rows: ReadonlyArray<Row>
  readonly bars: ReadonlyArray<Bar>
  readonly cells: ReadonlyArray<Cell>
  readonly ends: ReadonlyArray<Mark & { readonly kind: Outcome["kind"] | "running"; readonly label: string }>
  readonly arrows: ReadonlyArray<Arrow>
  /** The middle of the step in which the reader's cancellation is asked for. */
  readonly reader: number | undefined
  /** Where each task can be cancelled, by task. */
  readonly stops: ReadonlyArray<ReadonlyArray<Stop>>
}

export interface Row {
  /** Undefined for the callbacks of the loop. */
  readonly task: number | undefined
  /** Of the middle of its bars. */
  readonly y: number
  readonly label: string
  /** Where the label begins, and where the task does. */
  readonly x: number
  readonly width: number
}

interface Mark {
  readonly x: number
  readonly y: number
}

export interface Bar extends Mark {
  readonly width: number
  readonly kind: Wait["kind"] | "ready"
  /** Empty where there is no room for it. */
  readonly label: string
}

export interface Cell extends Mark {
  readonly step: number
  readonly prints: boolean
  readonly cancellation: "none" | "arrived" | "caught"
  readonly callback: boolean
}

export interface Arrow {
  /** A task makes another, or wakes it by its end, or asks it to cancel itself, or passes that on. */
  readonly kind: "made" | "woke" | "asked"
  readonly step: number
  readonly from: Mark
  readonly to: Mark
}

/** A place where the reader can cancel a task. */
export interface Stop {
  readonly at: CancelPoint
  readonly x: number
  readonly label: string
}

export const layout = (trace: Trace): Picture => {
  const columns = columnsOf(trace.steps)
  const rowOf = rowsOf(trace)
  const place = { trace, columns, rowOf }
  const rows = [...trace.tasks.keys(), undefined].filter((task) => rowOf(task) !== undefined)
  const bars = trace.tasks.flatMap((_, task) => barsOf(place, task))
  const ends = trace.tasks.map((_, task) => endOf(place, task))
  const placed = rows.map((task): Row => {
    const end = ends[task ?? -1]
    const x = task === undefined ? sizes.left : startOf(place, task)
    return { task, y: rowOf(task)!, label: labelOf(trace, task), x, width: (end?.x ?? x) - x }
  })
  const readers = trace.steps.findIndex(isReaders)
  const needed = [
    edgeOf(place, trace.steps.length - 1),
    ...placed.map(({ label, x }) => x + 8 + label.length * sizes.character),
    ...ends.map(({ label, x }) => x + 16 + label.length * sizes.character)
  ]
  return {
    width: Math.ceil(Math.max(...needed) + sizes.right),
    height: sizes.top + rows.length * sizes.row + 4,
    instants: instantsOf(trace.steps, columns),
    columns: columns.map((x) => ({ x })),
    rows: placed,
    bars,
    cells: trace.steps.flatMap((step, n) => (isReaders(step) ? [] : [cellOf(place, step, n)])),
    ends,
    arrows: trace.steps.flatMap((step, n) => arrowsOf(place, step, n)),
    reader: readers === -1 ? undefined : centerOf(place, readers),
    stops: trace.tasks.map((_, task) => stopsOf(place, task))
  }
}

interface Place {
  readonly trace: Trace
  readonly columns: ReadonlyArray<number>
  readonly rowOf: (task: number | undefined) => number | undefined
}

/** The left edge of every step. */
const columnsOf = (steps: ReadonlyArray<Step>): ReadonlyArray<number> => {
  let x: number = sizes.left
  return steps.map(({ time }, n) => {
    if (n > 0) x += sizes.column + (steps[n - 1]!.time === time ? 0 : sizes.gap)
    return x
  })
}

/** The middle of every row: the tasks in the order they were made, then the callbacks, if there are any. */
const rowsOf = (trace: Trace) => {
  const callbacks = trace.steps.some((step) => step.task === undefined && !isReaders(step))
  return (task: number | undefined): number | undefined => {
    if (task === undefined && !callbacks) return undefined
    return sizes.top + (task ?? trace.tasks.length) * sizes.row + sizes.middle
  }
}

/** Whether all that happens is the reader's own cancellation, which comes from above and not from the loop. */
const isReaders = ({ happenings, task }: Step): boolean =>
  task === undefined && happenings.some((it) => it.type === "asked" && it.by === reader)

const labelOf = (trace: Trace, task: number | undefined): string => {
  if (task === undefined) return "callbacks of the loop"
  const { coroutine, name } = trace.tasks[task]!
  return coroutine === undefined || coroutine === `${name}()` ? name : `${name} · ${coroutine}`
}

const instantsOf = (steps: ReadonlyArray<Step>, columns: ReadonlyArray<number>): Picture["instants"] => {
  const starts = [...steps.keys()].filter((n) => steps[n]!.time !== steps[n - 1]?.time)
  return starts.map((first, i) => {
    const last = (starts[i + 1] ?? steps.length) - 1
    return {
      x: columns[first]!,
      width: columns[last]! + sizes.column - columns[first]!,
      label: timeText(steps[first]!.time)
    }
  })
}

const centerOf = ({ columns }: Place, step: number): number =>
  (columns[step] ?? sizes.left - sizes.column / 2) + sizes.column / 2

/** The right edge of a step. */
const edgeOf = ({ columns }: Place, step: number): number => (step < 0 ? sizes.left : columns[step]! + sizes.column)

const startOf = (place: Place, task: number): number => centerOf(place, place.trace.tasks[task]!.made)

const inset = 4

/** What a task does between its steps, and before its first. */
const barsOf = (place: Place, task: number): ReadonlyArray<Bar> => {
  const { trace } = place
  const y = place.rowOf(task)!
  const own = [...trace.steps.keys()].filter((n) => trace.steps[n]!.task === task)
  const ended = trace.tasks[task]!.ended
  const bar = (from: number, to: number, wait: Wait | undefined, time = 0): Bar => {
    const label = wait === undefined ? "" : barLabel(trace, wait, time)
    return { x: from, y, width: to - from, kind: wait?.kind ?? "ready", label: fitted(label, to - from) }
  }
  const until = (n: number | undefined) =>
    n === undefined ? edgeOf(place, trace.steps.length - 1) : place.columns[n]! + inset
  const first = bar(startOf(place, task), until(own[0]), undefined)
  const rest = own.flatMap((step, i) => {
    if (step === ended) return []
    const from = edgeOf(place, step) - inset
    return bar(from, until(own[i + 1]), waitAfter(trace.steps[step]!), trace.steps[step]!.time)
  })
  return [first, ...rest].filter(({ width }) => width > 0)
}

const waitAfter = ({ happenings }: Step): Wait => {
  const last = happenings.findLast((it) => it.type === "waits")
  return last === undefined ? { kind: "elsewhere" } : last.for
}

/** A label, shortened to the room there is. */
const fitted = (label: string, width: number): string => {
  const room = Math.floor((width - 8) / sizes.character)
  if (label.length <= room) return label
  return room < 6 ? "" : `${label.slice(0, room - 1).trimEnd()}…`
}

const cellOf = (place: Place, { happenings, task }: Step, step: number): Cell => {
  const arrival = happenings.find((it) => it.type === "arrived")
  return {
    step,
    x: place.columns[step]!,
    y: place.rowOf(task)!,
    prints: happenings.some((it) => it.type === "printed"),
    cancellation: arrival?.type !== "arrived" ? "none" : arrival.caught ? "caught" : "arrived",
    callback: task === undefined
  }
}

const endOf = (place: Place, task: number): Picture["ends"][number] => {
  const { ended, outcome } = place.trace.tasks[task]!
  const y = place.rowOf(task)!
  if (ended === undefined || outcome === undefined) {
    return { x: edgeOf(place, place.trace.steps.length - 1), y, kind: "running", label: "" }
  }
  return { x: edgeOf(place, ended), y, kind: outcome.kind, label: short(outcomeLabel(outcome)) }
}

const short = (text: string): string => {
  const [line = ""] = text.split("\n")
  return line.length > 32 ? `${line.slice(0, 31)}…` : line
}

const arrowsOf = (place: Place, step: Step, n: number): ReadonlyArray<Arrow> => {
  const x = centerOf(place, n)
  const y = isReaders(step) ? sizes.top - sizes.cell / 2 - 4 : place.rowOf(step.task)!
  const edge = sizes.cell / 2
  const upOrDown = (from: number, to: number, at: number): Pick<Arrow, "from" | "to"> => {
    const sign = Math.sign(to - from)
    return { from: { x: at, y: from + sign * edge }, to: { x: at, y: to - sign * (sizes.bar / 2) } }
  }
  const asked = step.happenings.filter((it) => it.type === "asked")
  const arrows = step.happenings.flatMap((it: Happening): ReadonlyArray<Arrow> => {
    if (it.type === "made") return [{ kind: "made", step: n, ...upOrDown(y, place.rowOf(it.task)!, x) }]
    if (it.type !== "asked") return []
    // Beside each other, where several are asked in one step.
    const at = x + (asked.indexOf(it) - (asked.length - 1) / 2) * 6
    return [
      {
        kind: "asked",
        step: n,
        ...upOrDown(it.through === undefined ? y : place.rowOf(it.through)!, place.rowOf(it.task)!, at)
      }
    ]
  })
  const waker = wakerOf(place.trace, step, n)
  if (waker === undefined) return arrows
  const from = { x: edgeOf(place, waker.step) - inset, y: place.rowOf(waker.task)! }
  return [...arrows, { kind: "woke", step: n, from, to: { x: place.columns[n]! + inset, y } }]
}

/** The task whose end the step waited for. */
const wakerOf = (trace: Trace, { task, whole }: Step, n: number): { task: number; step: number } | undefined => {
  if (task === undefined || !whole) return undefined
  const before = trace.steps.slice(0, n).findLast((step) => step.task === task)
  const wait = before === undefined ? undefined : waitAfter(before)
  if (wait?.kind !== "tasks") return undefined
  const ended = wait.tasks.flatMap((other) => {
    const { ended } = trace.tasks[other]!
    return ended !== undefined && ended < n ? [{ task: other, step: ended }] : []
  })
  return ended.sort((a, b) => b.step - a.step)[0]
}

const stopsInGap = 8

/** Where a task can be cancelled: after every step of its life, and at some times between two of them. */
const stopsOf = (place: Place, task: number): ReadonlyArray<Stop> => {
  const { steps, tasks } = place.trace
  const { ended = steps.length, made } = tasks[task]!
  const stops: Array<Stop> = []
  for (let n = made; n < ended; n++) {
    const step = steps[n]
    const next = steps[n + 1]
    const x = edgeOf(place, n)
    const time = step?.time ?? 0
    if (step === undefined) stops.push({ at: { after: -1 }, x, label: "before it begins" })
    else if (step.whole) stops.push({ at: { after: n }, x, label: `at ${timeText(time)}, after step ${n + 1}` })
    if (next === undefined || step === undefined || next.time === step.time) continue
    for (let part = 1; part < stopsInGap; part++) {
      const at = time + ((next.time - time) * part) / stopsInGap
      stops.push({ at: { time: at }, x: x + (sizes.gap * part) / stopsInGap, label: `at ${timeText(at)}` })
    }
  }
  return stops
}

/** The stop that is nearest to a place in the picture. */
export const nearestStop = (stops: ReadonlyArray<Stop>, x: number): number => {
  let best = 0
  for (const [n, stop] of stops.entries()) if (Math.abs(stop.x - x) < Math.abs(stops[best]!.x - x)) best = n
  return best
}
