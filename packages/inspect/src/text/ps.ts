/**
 * The table of `ps`, in CPython's format.
 *
 * @since 0.1.0
 */
import type { Dump, TaskRow } from "../protocol.ts"
import { tasksOf } from "./awaits.ts"
import { frameNamesOf, functionsKey } from "./frames.ts"
import { printable } from "./printable.ts"

/**
 * A row of {@link psRows}: a task, and one that waits for it, if one does.
 *
 * @category models
 * @since 0.1.0
 */
export interface PsRow {
  readonly tid: number
  readonly id: number
  readonly name: string
  /** The names of its coroutines, innermost first. */
  readonly stack: ReadonlyArray<string>
  readonly awaiter?: { readonly id: number; readonly name: string; readonly stack: ReadonlyArray<string> }
}

/**
 * What {@link psTable} prints, as data.
 *
 * @category text
 * @since 0.1.0
 */
export const psRows = (dump: Dump): ReadonlyArray<PsRow> => [...psRowsOf(dump)]

/** The same one by one: a process may have a million. */
export function* psRowsOf(dump: Dump): Generator<PsRow> {
  const known = tasksOf(dump)
  const tid = dump.process.pid
  for (const { tasks } of dump.loops) {
    for (const task of tasks) {
      const row = { tid, id: task.id, name: task.name, stack: frameNamesOf(task) }
      if (task.awaiters.length === 0) yield row
      for (const id of task.awaiters) {
        const awaiter = known.get(id)
        const stack = awaiter === undefined ? [] : frameNamesOf(awaiter)
        yield { ...row, awaiter: { id, name: awaiter?.name ?? "Unknown", stack } }
      }
    }
  }
}

const widths = [10, 20, 20, 50, 50, 15, 15]
const titles = ["tid", "task id", "task name", "coroutine stack", "awaiter chain", "awaiter name", "awaiter id"]

/** Filled up by code points, as Python counts: not by what a terminal makes of them. */
const filled = (text: string, width: number): string =>
  plain.test(text) ? text.padEnd(width) : text + " ".repeat(Math.max(0, width - Array.from(text).length))

const plain = /^[ -~]*$/

/** Cells from a column on, with a space between two. */
const cells = (from: number, ...texts: ReadonlyArray<string>): string => {
  let text = ""
  for (const [i, each] of texts.entries())
    text += i === 0 ? filled(each, widths[from]!) : ` ${filled(each, widths[from + i]!)}`
  return text
}

const hex = (id: number): string => `0x${id.toString(16)}`

/**
 * The lines that `python -m asyncio ps` prints for the same program, with the numbers of tasks where CPython has their addresses.
 *
 * **asyncio**
 *
 * Same as [`python -m asyncio ps PID`](https://docs.python.org/3/whatsnew/3.14.html#asyncio-introspection-capabilities). What a terminal
 * would obey is escaped.
 *
 * @category text
 * @since 0.1.0
 */
export const psTable = (dump: Dump): ReadonlyArray<string> => [...psLines(dump)]

/** The same one by one: of very many tasks, what many have in common is written once. */
export function* psLines(dump: Dump): Generator<string> {
  yield cells(0, ...titles)
  yield "-".repeat(180)
  const known = tasksOf(dump)
  const tid = String(dump.process.pid)
  const stacks = new WeakMap<TaskRow["stack"], Map<string, string>>()
  const stackOf = (task: TaskRow): string => {
    let texts = stacks.get(task.stack)
    if (texts === undefined) stacks.set(task.stack, (texts = new Map<string, string>()))
    const key = functionsKey(task)
    let text = texts.get(key)
    if (text === undefined) texts.set(key, (text = frameNamesOf(task).join(" -> ")))
    return text
  }
  const awaiters = new Map<number, string>()
  const awaiterOf = (id: number): string => {
    let text = awaiters.get(id)
    if (text === undefined) {
      const awaiter = known.get(id)
      const chain = awaiter === undefined ? "" : stackOf(awaiter)
      awaiters.set(id, (text = cells(4, chain, printable(awaiter?.name ?? "Unknown"), hex(id))))
    }
    return text
  }
  const nobody = cells(4, "", "", hex(0))
  for (const { tasks } of dump.loops) {
    for (const task of tasks) {
      const row = cells(0, tid, hex(task.id), printable(task.name), stackOf(task))
      if (task.awaiters.length === 0) yield `${row} ${nobody}`
      for (const id of task.awaiters) yield `${row} ${awaiterOf(id)}`
    }
  }
}
