/**
 * The tree of `pstree`, in CPython's format.
 *
 * @since 0.1.0
 */
import { InspectError } from "../errors.ts"
import type { Dump } from "../protocol.ts"
import { edgesOf, ringsIn, tasksOf } from "./awaits.ts"
import { type Frame, framesOf } from "./frames.ts"
import { printable } from "./printable.ts"

/**
 * A node of the tree: a task, or a coroutine on the way from one to those that it waits for.
 *
 * @category models
 * @since 0.1.0
 */
export interface TreeNode {
  readonly kind: "task" | "coroutine"
  /** The number of the task. */
  readonly id?: number
  /** The name of the task, or that of the coroutine with its place. */
  readonly label: string
  readonly children: ReadonlyArray<TreeNode>
}

interface Growing extends TreeNode {
  readonly children: Array<Growing>
}

const labelOf = ({ name, place }: Frame): string => (place === undefined ? name : `${name} ${place}`)

/**
 * What {@link pstree} prints, as data: a task that several wait for stands below each of them, as the same object.
 *
 * **Details**
 *
 * Tasks that wait for each other in a ring have no tree: that throws an {@link InspectError} with the rings.
 *
 * @category text
 * @since 0.1.0
 */
export const trees = (dump: Dump): ReadonlyArray<TreeNode> => {
  const tasks = tasksOf(dump)
  const edges = edgesOf(dump)
  const rings = ringsIn(edges)
  if (rings.length > 0) throw new InspectError(ringsText(rings, (id) => tasks.get(id)?.name))
  const nodes = new Map<number, Growing>()
  for (const { id, name } of tasks.values()) {
    nodes.set(id, { kind: "task", id, label: printable(name), children: [] })
  }
  const below = new Set<Growing>()
  // The coroutines below each node, by their labels: those that are equal are one.
  const coroutines = new Map<Growing, Map<string, Growing>>()
  const add = (parent: Growing, child: Growing) => {
    parent.children.push(child)
    below.add(child)
  }
  const way = (id: number): Growing => {
    let at = nodes.get(id)!
    for (const label of framesOf(tasks.get(id)!).map(labelOf).toReversed()) {
      let known = coroutines.get(at)
      if (known === undefined) coroutines.set(at, (known = new Map()))
      let frame = known.get(label)
      if (frame === undefined) {
        frame = { kind: "coroutine", label, children: [] }
        known.set(label, frame)
        add(at, frame)
      }
      at = frame
    }
    return at
  }
  const awaiting = new Map<number, Growing>()
  for (const { awaiter, task } of edges) {
    // A waiter that has ended since it was looked at in a long dump is not shown.
    if (!tasks.has(awaiter)) continue
    let end = awaiting.get(awaiter)
    if (end === undefined) awaiting.set(awaiter, (end = way(awaiter)))
    add(end, nodes.get(task.id)!)
  }
  for (const id of tasks.keys()) if (!awaiting.has(id)) way(id)
  return Array.from(nodes.values()).filter((node) => !below.has(node))
}

const ringsText = (rings: ReadonlyArray<ReadonlyArray<number>>, nameOf: (id: number) => string | undefined): string =>
  [
    "ERROR: await-graph contains cycles - cannot print a tree!",
    "",
    ...rings.map((ring) => `cycle: ${ring.map((id) => printable(nameOf(id) ?? `0x${id.toString(16)}`)).join(" → ")}`)
  ].join("\n")

/**
 * The lines that `python -m asyncio pstree` prints for the same program.
 *
 * **asyncio**
 *
 * Same as [`python -m asyncio pstree PID`](https://docs.python.org/3/whatsnew/3.14.html#asyncio-introspection-capabilities). What a
 * terminal would obey is escaped. A coroutine whose line is not known has the place of its definition, and is said to be `defined at` it; the
 * functions of asyncio itself have no place.
 *
 * @category text
 * @since 0.1.0
 */
export const pstree = (dump: Dump): ReadonlyArray<string> => [...pstreeLines(dump)]

/** The same one by one: where tasks wait for the same ones there are many more lines than tasks. */
export function* pstreeLines(dump: Dump): Generator<string> {
  const todo = trees(dump)
    .map((node) => ({ node, prefix: "", last: true }))
    .toReversed()
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { last, node, prefix } = next
    yield `${prefix}${last ? "└── " : "├── "}${node.kind === "task" ? "(T)" : ""} ${node.label}`
    const inner = `${prefix}${last ? "    " : "│   "}`
    const children = node.children.map((child, i) => ({
      node: child,
      prefix: inner,
      last: i === node.children.length - 1
    }))
    for (const child of children.toReversed()) todo.push(child)
  }
}
