/**
 * Finding tasks that nothing can wake any more, for tools that look into a program.
 *
 * @since 0.1.0
 */
import * as probe from "../internal/leaks/probe.ts"
import type { HeapFindings } from "../internal/leaks/reached.ts"
import * as waked from "../internal/leaks/waked.ts"
import type { Task } from "../internal/model/Task.ts"

export type { HeapFindings } from "../internal/leaks/reached.ts"

/**
 * What leads to the tasks in a heap snapshot.
 *
 * @category models
 * @since 0.1.0
 */
export interface LeakProbe {
  /** The tasks that are not done at the time of the probe. */
  readonly tasks: () => ReadonlyArray<Task<unknown, unknown>>
  /** Forgets them. */
  readonly end: () => void
}

/**
 * Gets the program ready for a heap snapshot, in which {@link heapFindings} then finds its tasks, and gives the tasks of now. `end` is to be
 * called when the snapshot is there.
 *
 * **Details**
 *
 * `keeps` are objects of a tool that lead to tasks and wake none. The caller must not have a task in a variable when the snapshot is taken:
 * that is a reference like any other.
 *
 * **Example** (How many tasks there are)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const me = yield* asyncio.currentTask
 *   const probe = lowlevel.leakProbeUnsafe()
 *   const isThere = probe.tasks().includes(me)
 *   probe.end()
 *   return isThere
 * })
 *
 * await asyncio.run(main) // => true
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const leakProbeUnsafe: (keeps?: ReadonlyArray<object>) => LeakProbe = probe.leakProbe

/**
 * Whether the loops themselves wake each of their tasks: then nothing is lost, and no heap snapshot is needed to know it.
 *
 * **Details**
 *
 * A task goes on when it waits for a timer of a loop that runs, for a task that goes on, or for what has come already; and the main task
 * of a run can be cancelled. Of all others, such as one that waits for a socket, only a snapshot tells. 100,000 tasks take a tenth of a second or two.
 *
 * **Example** (Tasks that sleep, and one that waits for a promise)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   yield* asyncio.createTask(asyncio.sleep("1 hour"))
 *   yield* asyncio.sleep(0)
 *   const before = lowlevel.loopsWakeAllUnsafe()
 *   yield* asyncio.createTask(Effect.promise(() => new Promise(() => {})))
 *   yield* asyncio.sleep(0)
 *   return [before, lowlevel.loopsWakeAllUnsafe()]
 * })
 *
 * await asyncio.run(main) // => [true, false]
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const loopsWakeAllUnsafe = (): boolean => waked.loopsWakeAll()

/**
 * Reads a heap snapshot of V8, as `v8.writeHeapSnapshot` writes it, in pieces, and says which tasks of the probe nothing can wake: no
 * timer, no socket, no resolver of a promise, and no code that could cancel them, refers to them.
 *
 * **Details**
 *
 * The walk goes from the roots of the heap along all references, but not along those by which the loops hold their tasks. So it finds no task
 * that could still be waked, and may miss one that only seems to be: a variable on the stack, or of a function that still runs, refers
 * to it. Some ten bytes are kept for each reference of the heap. What is no snapshot, or one without a probe, throws.
 *
 * **Example** (What is no heap snapshot)
 *
 * ```ts import.meta.vitest
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const tryTo = () => {
 *   try {
 *     return lowlevel.heapFindings([new TextEncoder().encode("{}\n")])
 *   } catch (error) {
 *     return String(error)
 *   }
 * }
 *
 * tryTo() // => "Error: this is no heap snapshot of V8"
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const heapFindings: (pieces: Iterable<Uint8Array>) => HeapFindings = probe.findingsIn
