/**
 * The table of `ps`, in CPython's format.
 *
 * @since 0.1.0
 */
import type { Dump } from "../protocol.ts"
import { tasksOf } from "./awaits.ts"
import { frameNamesOf } from "./frames.ts"
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

const line = (cells: ReadonlyArray<string>): string => {
  let text = ""
  for (const [i, cell] of cells.entries()) text += i === 0 ? cell.padEnd(widths[0]!) : ` ${cell.padEnd(widths[i]!)}`
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

/** The same one by one. */
export function* psLines(dump: Dump): Generator<string> {
  yield line(titles)
  yield "-".repeat(180)
  for (const { awaiter, id, name, stack, tid } of psRowsOf(dump)) {
    yield line([
      String(tid),
      hex(id),
      printable(name),
      stack.join(" -> "),
      awaiter?.stack.join(" -> ") ?? "",
      printable(awaiter?.name ?? ""),
      hex(awaiter?.id ?? 0)
    ])
  }
}
