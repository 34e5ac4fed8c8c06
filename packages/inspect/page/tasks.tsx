/**
 * The tasks: as a table, or as a tree.
 */
import type { JSX } from "preact"
import { useMemo, useState } from "preact/hooks"
import type { LiveTask, Picture } from "../src/live/picture.ts"
import { ageOf, type Column, idleOf, type Order, stateOf, tableRows, treeRows, waitsText } from "../src/live/rows.ts"
import type { Warning } from "../src/live/warnings.ts"
import { duration } from "../src/text/durations.ts"
import { Grid, type GridColumn } from "./grid.tsx"
import { shown, spent } from "./texts.ts"

export type TasksView = "table" | "waiting" | "creation"

export interface TasksProps {
  readonly picture: Picture
  /** Another one when there is something new to draw. */
  readonly version: number
  readonly view: TasksView
  readonly text: string
  readonly warnings: ReadonlyArray<Warning>
  readonly selected: number | undefined
  readonly onSelect: (id: number) => void
  readonly onOpen: (id: number) => void
}

const titles: Readonly<Record<TasksView, string>> = {
  table: "All tasks",
  waiting: "Tasks, below those that wait for them",
  creation: "Tasks, below those that have created them"
}

export const Tasks = (props: TasksProps): JSX.Element => {
  const { picture, text, version, view, warnings } = props
  const [order, setOrder] = useState<Order>({ column: "id", descending: false })
  const [closed, setClosed] = useState<ReadonlySet<number>>(new Set())
  const rows = useMemo(() => {
    if (view === "table") return tableRows(picture, text, order)
    return treeRows(picture, view === "waiting" ? picture.waiting : picture.creation, text, closed)
  }, [picture, version, view, text, order, closed])
  const warned = useMemo(
    () => new Map(warnings.flatMap((each) => each.tasks.map((id) => [id, each] as const))),
    [warnings]
  )
  const isTree = view !== "table"
  const forest = view === "waiting" ? picture.waiting : view === "creation" ? picture.creation : undefined
  const setOpen = (task: LiveTask, isOpen: boolean) => {
    const next = new Set(closed)
    if (isOpen) next.delete(task.id)
    else next.add(task.id)
    setClosed(next)
  }
  const isOpen = ({ id }: LiveTask) =>
    forest?.childrenOf(id) === undefined ? undefined : text !== "" || !closed.has(id)
  const sort = (column: string) =>
    setOrder({
      column: column as Column,
      // Of times the longest come first.
      descending: order.column === column ? !order.descending : !["id", "name", "state"].includes(column)
    })
  return (
    <Grid
      label={titles[view]}
      kind={isTree ? "treegrid" : "grid"}
      layout="layout-tasks"
      columns={columnsFor(
        picture,
        warned,
        isTree
          ? (task, at) => nameInTree(task, rows.depths[at] ?? 0, isOpen(task), setOpen)
          : (task) => <Name task={task} />
      )}
      rows={rows.tasks}
      idOf={idOf}
      selected={props.selected}
      onSelect={props.onSelect}
      onOpen={props.onOpen}
      {...(isTree
        ? { depthOf: (at: number) => rows.depths[at] ?? 0, isOpen, setOpen }
        : { sorted: order, onSort: sort })}
      empty={text === "" ? "No tasks." : "No task is called so, or has such a label."}
    />
  )
}

const Name = ({ task }: { readonly task: LiveTask }): JSX.Element => (
  <>
    <span class="name">{shown(task.name)}</span>
    {task.labels !== undefined &&
      Object.entries(task.labels).map(([label, value]) => (
        <span key={label} class="label">
          {shown(label)}={shown(String(value))}
        </span>
      ))}
  </>
)

const idOf = ({ id }: LiveTask): number => id

// As far as there is room.
const deepest = 24

const nameInTree = (
  task: LiveTask,
  depth: number,
  isOpen: boolean | undefined,
  setOpen: (task: LiveTask, isOpen: boolean) => void
): JSX.Element => (
  <>
    <span class="indent" style={{ width: `${Math.min(depth, deepest) * 16}px` }} aria-hidden="true" />
    <span
      class={`twisty ${isOpen === undefined ? "none" : isOpen ? "open" : "closed"}`}
      aria-hidden="true"
      onClick={(event) => {
        if (isOpen === undefined) return
        event.stopPropagation()
        setOpen(task, !isOpen)
      }}
    />
    <Name task={task} />
  </>
)

export const State = ({ state }: { readonly state: string }): JSX.Element => (
  <span class={`state state-${state}`}>
    <span class="dot" aria-hidden="true" />
    {state}
  </span>
)

/** What tasks cost, since somebody looks. */
const costColumns = (picture: Picture): ReadonlyArray<GridColumn<LiveTask>> => [
  {
    key: "busy",
    title: "Busy",
    hint: "How long it has computed, since somebody looks",
    isNumber: true,
    isSortable: true,
    cell: (task) => spent(task.busy)
  },
  {
    key: "scheduled",
    title: "Queued",
    hint: "How long it was ready to go on, while others computed",
    isNumber: true,
    isSortable: true,
    cell: (task) => spent(task.scheduled)
  },
  {
    key: "idle",
    title: "Idle",
    hint: "How long it had nothing to do",
    isNumber: true,
    isSortable: true,
    cell: (task) => duration(idleOf(task, picture))
  },
  {
    key: "steps",
    title: "Steps",
    hint: "From one await to the next",
    isNumber: true,
    isSortable: true,
    cell: (task) => task.steps.toLocaleString("en")
  },
  {
    key: "longest",
    title: "Longest",
    hint: "The longest step: so long all others had to wait for it",
    isNumber: true,
    isSortable: true,
    cell: (task) => spent(task.longest)
  }
]

const columnsFor = (
  picture: Picture,
  warned: ReadonlyMap<number, Warning>,
  name: (task: LiveTask, at: number) => JSX.Element
): ReadonlyArray<GridColumn<LiveTask>> => [
  {
    key: "id",
    title: "Id",
    isSortable: true,
    cell: (task) => (
      <>
        {task.id}
        {warned.has(task.id) && (
          <span class="warned" role="img" aria-label="warning" title={warned.get(task.id)!.text}>
            !
          </span>
        )}
      </>
    )
  },
  { key: "name", title: "Name", isSortable: true, cell: name },
  { key: "state", title: "State", isSortable: true, cell: (task) => <State state={stateOf(task)} /> },
  { key: "waits", title: "Waits for", cell: (task) => <span class="waits">{shown(waitsText(task, picture))}</span> },
  {
    key: "since",
    title: "For",
    hint: "How long it has been waiting for that",
    isNumber: true,
    isSortable: true,
    cell: (task) => (task.since < 0 ? "" : duration(picture.timeOf(task) - task.since))
  },
  {
    key: "age",
    title: "Age",
    isNumber: true,
    isSortable: true,
    cell: (task) => duration(ageOf(task, picture))
  },
  ...costColumns(picture)
]
