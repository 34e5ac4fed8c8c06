/**
 * The columns of `top`, and one frame of it as lines of text.
 */
import type { LiveTask, Picture } from "../live/picture.ts"
import { ageOf, type Column, type Order, stateOf, tableRows, waitsText } from "../live/rows.ts"
import type { Warning } from "../live/warnings.ts"
import { duration } from "../text/durations.ts"
import { printable } from "../text/printable.ts"
import { table } from "../text/table.ts"

export interface TopColumn {
  readonly title: string
  /** By what it is sorted; undefined where it is not. */
  readonly column: Column | undefined
  /** How many characters wide; undefined: as much as there is left. */
  readonly width: number | undefined
  readonly cell: (task: LiveTask, picture: Picture) => string
}

/** A short time, in milliseconds. */
const spent = (millis: number): string =>
  millis === 0 ? "0" : millis < 10 ? `${millis.toFixed(1)}ms` : duration(millis)

export const columns: ReadonlyArray<TopColumn> = [
  { title: "id", column: "id", width: 8, cell: ({ id }) => String(id) },
  { title: "name", column: "name", width: undefined, cell: nameText },
  { title: "state", column: "state", width: 10, cell: stateOf },
  {
    title: "waits for",
    column: undefined,
    width: undefined,
    cell: (task, picture) => printable(waitsText(task, picture))
  },
  {
    title: "for",
    column: "since",
    width: 8,
    cell: (task, picture) => (task.since < 0 ? "?" : duration(picture.timeOf(task) - task.since))
  },
  { title: "age", column: "age", width: 8, cell: (task, picture) => duration(ageOf(task, picture)) },
  { title: "busy", column: "busy", width: 8, cell: ({ busy }) => spent(busy) },
  { title: "queued", column: "scheduled", width: 8, cell: ({ scheduled }) => spent(scheduled) },
  { title: "steps", column: "steps", width: 8, cell: ({ steps }) => String(steps) },
  { title: "longest", column: "longest", width: 8, cell: ({ longest }) => spent(longest) }
]

function nameText({ labels, name }: LiveTask): string {
  const texts = Object.entries(labels ?? {}).map(([label, value]) => ` ${label}=${value}`)
  return printable(`${name}${texts.join("")}`)
}

/** By what tasks can be sorted. */
export const sortable: ReadonlyArray<Column> = columns.flatMap(({ column }) => column ?? [])

const rate = (value: number | undefined): string => String(Math.round(value ?? 0))

/** What the loops do, in one line. */
export const summary = (picture: Picture, warnings: ReadonlyArray<Warning>): string => {
  const last = picture.samples.at(-1)
  return [
    `${picture.tasks.size} tasks`,
    `${rate(last?.started)} begun and ${rate(last?.ended)} ended in a second`,
    `${rate(last?.steps)} steps`,
    `${Math.round((last?.busy ?? 0) * 100)} % computing`,
    `lag ${duration(last?.lag ?? 0)}`,
    ...(warnings.length === 0 ? [] : [`${warnings.length} ${warnings.length === 1 ? "warning" : "warnings"}`])
  ].join(", ")
}

/** One frame, for where there is no terminal. */
export const frame = (
  picture: Picture,
  warnings: ReadonlyArray<Warning>,
  order: Order,
  filter: string
): ReadonlyArray<string> => {
  const { tasks } = tableRows(picture, filter, order)
  return [
    summary(picture, warnings),
    ...warnings.map(({ name, tasks: [first = 0], text }) =>
      printable(`warning: ${picture.tasks.get(first)?.name ?? name ?? ""} (${first}) ${text}`)
    ),
    "",
    ...table(
      columns.map(({ title }) => title),
      tasks.map((task) => columns.map(({ cell }) => cell(task, picture)))
    )
  ]
}
