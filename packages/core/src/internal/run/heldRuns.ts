/**
 * Runs that wait for their main task, and what keeps the process for them.
 *
 *     a run waits ──the host has nothing to do──▶ beforeExit ──nothing else could wake it──▶ told, once ──▶ waits for Ctrl-C, or fails
 *          ▲                                          │
 *          └───────── they are gone ── threads of toThread that can wake no task are ended
 *
 * On Node.js a run holds nothing until the process would end. Then it is held, as it is elsewhere from the start, and deadlock.ts looks whether
 * it can never end. Bundlers put heldRuns.browser.ts in place of this file where they make a program for browsers.
 */
import { isOwnEnd, keepAlive } from "../host/host.ts"
import type { EventLoopImpl } from "../make/eventLoop.ts"
import type { TaskImpl } from "../task/task.ts"
import { endUselessThreads, tellDeadlocks } from "./deadlock.ts"
import { process } from "./nodeProcess.ts"

/** A run that waits for its main task. */
export interface HeldRun {
  readonly loop: EventLoopImpl
  readonly task: TaskImpl
  /** Ends the run with an error, if that is wanted. */
  readonly fail: ((error: Error) => void) | undefined
  release: (() => void) | undefined
  isTold: boolean
}

const held = new Set<HeldRun>()

/** Whether this host tells what else could wake a task. */
const tellsWhatCouldWake = (): boolean => {
  const versions = process?.versions
  if (versions?.node === undefined || versions.bun !== undefined || versions.deno !== undefined) return false
  const isMainThread = process?.getBuiltinModule?.("node:worker_threads").isMainThread
  return isMainThread === true && typeof process?.report?.getReport === "function"
}

// Undefined until a run asks.
let canTell: boolean | undefined

/** Keeps the process for a run until the returned function is called, and tells when the run can never end. */
export const holdRun = (loop: EventLoopImpl, task: TaskImpl, fail: HeldRun["fail"]): (() => void) => {
  canTell ??= tellsWhatCouldWake()
  if (!canTell) return keepAlive()
  const run: HeldRun = { loop, task, fail, release: undefined, isTold: false }
  if (held.size === 0) process!.on("beforeExit", beforeExit)
  held.add(run)
  return () => {
    run.release?.()
    held.delete(run)
    if (held.size === 0) process!.off("beforeExit", beforeExit)
  }
}

const beforeExit = (): void => {
  for (const run of held) run.release ??= keepAlive()
  // A listener of other code may wake a task now, or begin what does later.
  if (process!.listeners("beforeExit").some((listener) => listener !== beforeExit && !isOwnEnd(listener))) return
  const ending = endUselessThreads()
  if (ending.length === 0) return tellDeadlocks(held)
  // Node.js asks again when they are gone.
  void Promise.all(ending).then(letGo)
}

const letGo = (): void => {
  for (const run of held) {
    run.release?.()
    run.release = undefined
  }
}
