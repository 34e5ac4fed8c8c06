// Loaded before a program: looks a few times for tasks that nothing can wake, and watches what becomes of them. On the third file it writes
// a line of JSON for each look, and for each task that goes on after it was reported.
import { mkdtempSync, readFileSync, rmSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { writeHeapSnapshot } from "node:v8"
import * as lowlevel from "@effect-asyncio/core/lowlevel"

/** What is written: `lost` are the tasks that are reported, `wentOn` is one of them that should not have been. */
export type Line =
  | { readonly tasks: number; readonly lost: ReadonlyArray<string>; readonly isLast: boolean }
  | { readonly wentOn: string }

const reports = 3
const tell = (line: Line) => void writeSync(reports, `${JSON.stringify(line)}\n`)

// Held by nobody else: a list of them would lead to them.
const reported = new WeakSet<object>()
// A run that is over cancels what is left, and needs nothing for that but the list of its loop.
const isOver = new WeakSet<object>()

lowlevel.onLoopUnsafe((loop) => {
  const check = (task: { readonly getName: () => string }) => {
    if (!isOver.has(loop) && reported.delete(task)) tell({ wentOn: task.getName() })
  }
  lowlevel.observeUnsafe(loop, {
    woken: check,
    stepBegins: check,
    ended: check,
    cancelRequested: (task, { kind }) => {
      if (kind === "shutdown" || kind === "interrupt") isOver.add(loop)
      else check(task)
    }
  })
})

/** The tasks of the probe that nothing can wake. No variable here may have a task while the snapshot is taken. */
const findLost = (probe: lowlevel.LeakProbe): ReadonlyArray<{ readonly getName: () => string }> => {
  if (probe.tasks().length === 0) return []
  const folder = mkdtempSync(join(tmpdir(), "falseReports-"))
  try {
    const path = join(folder, "program.heapsnapshot")
    writeHeapSnapshot(path)
    const { unreached } = lowlevel.heapFindings([readFileSync(path)])
    const tasks = probe.tasks()
    return unreached.flatMap((i) => tasks[i] ?? [])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const look = (isLast: boolean): void => {
  const probe = lowlevel.leakProbeUnsafe()
  const lost = findLost(probe)
  for (const task of lost) reported.add(task)
  tell({ tasks: probe.tasks().length, lost: lost.map((task) => task.getName()), isLast })
  probe.end()
}

/**
 * So many macrotasks after the first loop is made, and not at any time: a timer would be something that could wake a task, and a program that
 * waits for nothing would not be told so.
 */
const looksAt = new Set([4, 80])
const last = Math.max(...looksAt)

const count = (macrotask: number): void => {
  if (looksAt.has(macrotask)) look(macrotask === last)
  if (macrotask < last) setImmediate(count, macrotask + 1)
}

const stop = lowlevel.onLoopUnsafe(() => {
  stop()
  count(1)
})
