/**
 * Runs that can never end: nothing of the host is left that could wake one of their tasks. heldRuns.ts asks when Node.js would end.
 */
import { loopsOfThisCopy } from "../make/loops.ts"
import { deadlockText } from "./deadlockText.ts"
import { listensOnly } from "../loop/signals.ts"
import { DeadlockError } from "../model/DeadlockError.ts"
import type { TaskImpl } from "../task/task.ts"
import type { HeldRun } from "./heldRuns.ts"
import { type Answer, process, type Report, type Session } from "./nodeProcess.ts"

/** Ends the threads of `toThread` that can wake no task. The report of the process does not show that they cannot. */
export const endUselessThreads = (): ReadonlyArray<Promise<unknown>> =>
  loopsOfThisCopy().flatMap((loop) => loop.endUselessThreads?.() ?? [])

/** Tells of those of `runs` that can never end. */
export const tellDeadlocks = (runs: ReadonlySet<HeldRun>): void => {
  if (othersCouldWake()) return
  const tasks = loopsOfThisCopy().flatMap((loop) => loop.allTasksUnsafe())
  for (const run of runs) {
    if (run.isTold || run.task.exit !== undefined) continue
    run.isTold = true
    tell(run, tasks)
  }
}

const tell = ({ fail, loop, task }: HeldRun, tasks: ReadonlyArray<TaskImpl>): void => {
  const context = {
    // When: on Node.js, nothing is left that could wake the main task of a run: no timer, no socket, no thread, no signal but Ctrl-C.
    message: `The run never ends: nothing can wake its main task any more${deadlockText(tasks)}`,
    hint: 'Look for the one that should have woken them; Ctrl-C ends the program, and the option `onDeadlock: "fail"` ends such a run.'
  }
  if (fail === undefined) loop.callExceptionHandlerUnsafe(context, task.base)
  else fail(new DeadlockError(tasks, context.message))
}

// Node.js itself has these; a port, a thread or an addon would have more of them.
const ownAsyncs = 3
// Timers of the host say nothing: one that was cleared stays, and V8 has some. See below.
const harmless = new Set(["async", "check", "idle", "loop", "prepare", "timer"])

/** Whether something could still wake a task although it does not keep the process: what has no reference, signals. */
const othersCouldWake = (): boolean => {
  const { libuv, workers } = read()
  if (workers.length > 0) return true
  const active = libuv.filter(({ is_active }) => is_active)
  if (active.filter(({ type }) => type === "async").length > ownAsyncs) return true
  const isWaitedFor = active.some(({ is_referenced, signal, type }) => {
    // What keeps the process is ours, of just now.
    if (is_referenced) return false
    return type === "signal" ? !listensOnly(signal) : !harmless.has(type)
  })
  return isWaitedFor || hasTimers()
}

const read = (): Report => {
  const report = process!.report!
  const before = report.excludeNetwork
  // To ask for the names of the hosts at the other ends of sockets can take long.
  report.excludeNetwork = true
  try {
    const text = report.getReport!()
    return typeof text === "string" ? (JSON.parse(text) as Report) : text
  } finally {
    report.excludeNetwork = before ?? false
  }
}

const prototypes = Symbol.for("@effect-asyncio/core/timerPrototypes")

/** Whether there are timers that do not keep the process: no list of them can be had, but the inspector finds them in the heap. */
const hasTimers = (): boolean => {
  const { clearTimeout, setTimeout } = globalThis as unknown as {
    setTimeout: (f: () => void, millis: number) => object
    clearTimeout: (timer: object) => void
  }
  const sample = setTimeout(() => {}, 1)
  clearTimeout(sample)
  const global = globalThis as { [prototypes]?: unknown }
  global[prototypes] = Object.getPrototypeOf(sample)
  try {
    const session = new (process!.getBuiltinModule!("node:inspector").Session)()
    session.connect()
    try {
      const prototype = ask(session, "Runtime.evaluate", {
        expression: `globalThis[Symbol.for(${JSON.stringify(prototypes.description)})]`
      }).result
      const { objects } = ask(session, "Runtime.queryObjects", { prototypeObjectId: prototype?.objectId })
      const { result } = ask(session, "Runtime.callFunctionOn", {
        objectId: objects?.objectId,
        functionDeclaration:
          "function() { return this.some((timer) => timer._destroyed === false && !timer.hasRef()) }",
        returnByValue: true
      })
      return result?.value !== false
    } finally {
      session.disconnect()
    }
  } catch {
    // A program that may not inspect itself.
    return true
  } finally {
    delete global[prototypes]
  }
}

const ask = (session: Session, method: string, params: object): Answer => {
  let answer: Answer = {}
  session.post(method, params, (error, result) => {
    if (error !== null) throw error
    answer = result ?? {}
  })
  return answer
}
