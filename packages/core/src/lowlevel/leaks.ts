/**
 * Finding tasks that nothing can wake any more, for tools that look into a program.
 *
 * @since 0.1.0
 */
import * as probe from "../internal/leaks/probe.ts"
import type { Task } from "../internal/model/Task.ts"

/**
 * What a heap snapshot says of the tasks of a {@link leakProbeUnsafe}.
 *
 * @category models
 * @since 0.1.0
 */
export interface HeapFindings {
  /** Those that nothing can wake any more, by their places among the tasks of the probe. */
  readonly unreached: ReadonlyArray<number>
  /** How large the heap was. */
  readonly nodes: number
  readonly edges: number
}

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
 * `keeps` are objects of a tool that lead to tasks and wake none. Whoever calls this must not have a task in a variable when the snapshot is
 * taken: that is a reference like any other.
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
 * Reads a heap snapshot of V8, as `v8.writeHeapSnapshot` writes it, in pieces, and says which tasks of the probe nothing can wake: no
 * timer, no socket, no resolver of a promise, nobody who could cancel them refers to them.
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
