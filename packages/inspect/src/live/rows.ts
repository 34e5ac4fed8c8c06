/**
 * Which tasks of a picture are shown, in which order, and how far to the right.
 */
import { duration } from "../text/durations.ts"
import type { Forest } from "./forest.ts"
import type { LiveTask, Picture } from "./picture.ts"

/** Tasks in the order in which they are shown, and how deep each stands in its tree. */
export interface Rows {
  readonly tasks: ReadonlyArray<LiveTask>
  readonly depths: ReadonlyArray<number>
}

export type Column = "id" | "name" | "state" | "since" | "age" | "busy" | "scheduled" | "idle" | "steps" | "longest"

export interface Order {
  readonly column: Column
  readonly descending: boolean
}

/** What a task is doing, in a word. */
export const stateOf = (task: LiveTask): string => {
  if (task.cancelling > 0) return "cancelling"
  if (task.kind === "running") return "running"
  return task.kind === "iteration" ? "ready" : "waiting"
}

/** How long a task has been without anything to do, since the client looks. */
export const idleOf = (task: LiveTask, picture: Picture): number =>
  Math.max(0, ageOf(task, picture) - task.busy - task.scheduled)

export const ageOf = (task: LiveTask, picture: Picture): number => Math.max(0, picture.timeOf(task) - task.createdAt)

/** What a task waits for, in words. */
export const waitsText = (task: LiveTask, picture: Picture): string => {
  if (task.waits !== undefined) return `${task.waits.length} things`
  switch (task.kind) {
    case "iteration":
      return "the next iteration"
    case "running":
      return task.text === undefined ? "computes" : `runs on ${task.text}`
    case "sleep":
      return `sleep, ${duration(task.on - picture.timeOf(task))} left`
    case "task":
      return nameOf(task.on, picture)
    case "object":
      return `${task.text ?? ""}.${task.operation ?? ""}`
    case "thread":
      return "a thread"
    case "promise":
      return "a promise"
    case "future":
      return task.text ?? "a future"
    case "elsewhere":
      return "something else"
    default:
      return task.kind === "wait" ? "wait of several tasks" : `a ${task.kind}`
  }
}

export const nameOf = (id: number, picture: Picture): string => picture.tasks.get(id)?.name ?? `task ${id}`

export const labelsText = (labels: LiveTask["labels"]): string =>
  labels === undefined
    ? ""
    : Object.entries(labels)
        .map(([label, value]) => `${label}=${value}`)
        .join(" ")

/** Whether a task is looked for: each word is in its name, its number, one of its labels, or what it does. */
export const matcher = (text: string): ((task: LiveTask) => boolean) | undefined => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return undefined
  return (task) =>
    words.every(
      (word) =>
        task.name.toLowerCase().includes(word) ||
        String(task.id) === word ||
        task.kind === word ||
        stateOf(task) === word ||
        (task.labels !== undefined && labelsText(task.labels).toLowerCase().includes(word))
    )
}

/** The tasks as a table. */
export const tableRows = (picture: Picture, text: string, { column, descending }: Order): Rows => {
  const matches = matcher(text)
  const all = [...picture.tasks.values()]
  const tasks = matches === undefined ? all : all.filter(matches)
  sort(tasks, picture, column)
  if (descending) tasks.reverse()
  return { tasks, depths: [] }
}

const sort = (tasks: Array<LiveTask>, picture: Picture, column: Column): void => {
  if (column === "name") {
    tasks.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
    return
  }
  if (column === "state") {
    tasks.sort((a, b) => rank(a) - rank(b) || a.id - b.id)
    return
  }
  const key = keys[column]
  tasks.sort((a, b) => key(a, picture) - key(b, picture) || a.id - b.id)
}

const states = ["running", "cancelling", "ready", "waiting"]
const rank = (task: LiveTask): number => states.indexOf(stateOf(task))

const keys: Readonly<Record<Exclude<Column, "name" | "state">, (task: LiveTask, picture: Picture) => number>> = {
  id: ({ id }) => id,
  // How long ago: the longest wait is the one that began first.
  since: ({ since }) => (since < 0 ? Infinity : -since),
  age: ({ createdAt }) => -createdAt,
  busy: ({ busy }) => busy,
  scheduled: ({ scheduled }) => scheduled,
  idle: ({ busy, createdAt, scheduled }) => -createdAt - busy - scheduled,
  steps: ({ steps }) => steps,
  longest: ({ longest }) => longest
}

// Which time all tasks are gone through.
let round = 0

/** The tasks as a tree; with a text those that match, and all above them. */
export const treeRows = (
  picture: Picture,
  forest: Forest<LiveTask>,
  text: string,
  closed: ReadonlySet<number>
): Rows => {
  const matches = matcher(text)
  const shown = matches === undefined ? undefined : withParents(picture, forest, matches)
  const tasks: Array<LiveTask> = []
  const depths: Array<number> = []
  round++
  let met = 0
  // What is to be shown next is the last, with its depth; below a closed task nothing is shown, and met all the same.
  const todo: Array<LiveTask> = []
  const todoDepths: Array<number> = []
  const hidden = -1
  const walk = (root: LiveTask) => {
    todo.push(root)
    todoDepths.push(0)
    for (let task = todo.pop(); task !== undefined; task = todo.pop()) {
      const depth = todoDepths.pop()!
      // Those of a ring stand below each other only once.
      if (task.met === round) continue
      task.met = round
      met++
      const isShown = depth !== hidden && shown?.has(task.id) !== false
      if (isShown) {
        tasks.push(task)
        depths.push(depth)
      }
      const children = forest.childrenOf(task.id)
      if (children === undefined) continue
      const below = isShown && (shown !== undefined || !closed.has(task.id)) ? depth + 1 : hidden
      const from = todo.length
      for (const child of children) {
        todo.push(child)
        todoDepths.push(below)
      }
      // The first child is the next.
      for (let a = from, b = todo.length - 1; a < b; a++, b--) [todo[a], todo[b]] = [todo[b]!, todo[a]!]
    }
  }
  for (const root of forest.roots((id) => picture.tasks.has(id))) walk(root)
  // A task below no root is in a ring, or below one.
  for (const task of met < picture.tasks.size ? picture.tasks.values() : []) if (task.met !== round) walk(task)
  return { tasks, depths }
}

const withParents = (
  picture: Picture,
  forest: Forest<LiveTask>,
  matches: (task: LiveTask) => boolean
): ReadonlySet<number> => {
  const shown = new Set<number>()
  for (const task of picture.tasks.values()) {
    if (!matches(task)) continue
    for (
      let at: LiveTask | undefined = task;
      at !== undefined && !shown.has(at.id);
      at = picture.tasks.get(forest.parentOf(at))
    ) {
      shown.add(at.id)
    }
  }
  return shown
}
