/**
 * Tasks that are on no loop of this process, and that can be looked into all the same: those of a cluster.
 *
 * @since 0.1.0
 */
import type { Labels } from "../internal/model/Task.ts"

/**
 * A task of {@link TasksElsewhere}, as plain data. Times are milliseconds since 1970, on the clock of the store that keeps the tasks.
 *
 * @category models
 * @since 0.1.0
 */
export interface TaskElsewhere {
  /** Its own for as long as it is kept, whichever process is asked; in the order of creation. */
  readonly number: number
  readonly name: string
  /** What it is defined by: its coroutine, so to speak. */
  readonly definition: string
  readonly labels: Labels
  readonly state: "waiting" | "running" | "succeeded" | "failed" | "cancelled"
  /** Whether a worker is there that could run it. */
  readonly served: boolean
  /** How often it was begun. */
  readonly attempt: number
  readonly createdAt: number
  readonly startedAt?: number | undefined
  readonly endedAt?: number | undefined
  /** The process that runs it, or has run it last. */
  readonly runner?: string | undefined
  /** The process that created it. */
  readonly client: string
  /** The task that created it; without a number where it is not kept any more. */
  readonly createdBy?: { readonly number?: number | undefined; readonly name: string } | undefined
  /** How many cancellations were asked for. */
  readonly cancelling: number
  /** The last one. */
  readonly cancellation?:
    | {
        readonly kind: string
        readonly reason?: string | undefined
        readonly requestedBy: string
        readonly askedAt?: number | undefined
      }
    | undefined
  /** What it has reported last. */
  readonly progress?: unknown
  /** What it has failed with, in one line. */
  readonly error?: string | undefined
}

/**
 * A process that runs tasks of a definition.
 *
 * @category models
 * @since 0.1.0
 */
export interface WorkerElsewhere {
  readonly runner: string
  readonly definition: string
  /** How many it runs at a time, and how many it runs. */
  readonly concurrency: number
  readonly running: number
}

/**
 * Which tasks are asked to cancel themselves: by their numbers, with all that they have created, or by their labels as text.
 *
 * @category models
 * @since 0.1.0
 */
export interface SelectionElsewhere {
  readonly tasks?: ReadonlyArray<number> | undefined
  readonly trees?: ReadonlyArray<number> | undefined
  readonly labels?: { readonly [label: string]: string } | undefined
}

/**
 * A store of tasks that are on no loop, which tells of them. What it gives rejects where it has no answer, with what is wrong in a sentence.
 *
 * @category models
 * @since 0.1.0
 */
export interface TasksElsewhere {
  /** What tools call them. */
  readonly name: string
  /** The same for all processes that tell of the same tasks. It says nothing else. */
  readonly id: string
  /** How many have not ended. */
  readonly count: () => Promise<number>
  /** A page of those that have not ended, the oldest first, and what the next one is asked for with. */
  readonly alive: (after?: string) => Promise<{
    readonly now: number
    readonly tasks: ReadonlyArray<TaskElsewhere>
    readonly next: string | undefined
  }>
  /**
   * What is new since a moment: tasks that were created or asked to cancel themselves, all that run, and the last of those that have ended. May tell
   * something twice.
   */
  readonly news: (since: number) => Promise<{
    readonly now: number
    /** How many have not ended. */
    readonly count: number
    readonly tasks: ReadonlyArray<TaskElsewhere>
    readonly ended: ReadonlyArray<TaskElsewhere>
    readonly workers: ReadonlyArray<WorkerElsewhere>
  }>
  /** Those of these that are kept, by names or by numbers. */
  readonly find: (
    wanted: { readonly names: ReadonlyArray<string> } | { readonly numbers: ReadonlyArray<number> }
  ) => Promise<{ readonly now: number; readonly tasks: ReadonlyArray<TaskElsewhere> }>
  /** Asks tasks to cancel themselves, in the name of `asker`, and gives those that had not ended. */
  readonly cancel: (
    select: SelectionElsewhere,
    request: { readonly asker: string; readonly kind?: string | undefined; readonly reason?: string | undefined }
  ) => Promise<ReadonlyArray<{ readonly number: number; readonly name: string }>>
}

interface Known {
  /** What is announced, with what is to be called at its end. */
  readonly tasks: Map<TasksElsewhere, Array<() => void>>
  readonly listeners: Set<(tasks: TasksElsewhere) => () => void>
}

// All copies of the package share it.
const key = Symbol.for("@effect-asyncio/core/elsewhere")

const known = (): Known => ((globalThis as { [key]?: Known })[key] ??= { tasks: new Map(), listeners: new Set() })

/**
 * Lets tools that look into this process look into tasks that are on none of its loops as well. Gives what ends that.
 *
 * **Example** (A listener is told)
 *
 * ```ts import.meta.vitest
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const heard: Array<string> = []
 * const stop = lowlevel.onTasksElsewhereUnsafe(({ name }) => {
 *   heard.push(`${name} is there`)
 *   return () => heard.push(`${name} is gone`)
 * })
 * const none = { now: 0, count: 0, next: undefined, tasks: [], ended: [], workers: [] }
 *
 * const end = lowlevel.announceTasksUnsafe({
 *   name: "jobs",
 *   id: "1",
 *   count: async () => 0,
 *   alive: async () => none,
 *   news: async () => none,
 *   find: async () => none,
 *   cancel: async () => []
 * })
 * end()
 * stop()
 *
 * heard // => ["jobs is there", "jobs is gone"]
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const announceTasksUnsafe = (tasks: TasksElsewhere): (() => void) => {
  const { listeners, tasks: all } = known()
  const told = Array.from(listeners, (listener) => listener(tasks))
  all.set(tasks, told)
  return () => {
    all.delete(tasks)
    for (const end of told.splice(0)) end()
  }
}

/**
 * Has `listener` called with all that {@link announceTasksUnsafe} has announced, and announces from now on; what it gives is called when those
 * tasks are not there any more. It must not throw. Gives what ends that.
 *
 * **Example** (A program without a cluster)
 *
 * ```ts import.meta.vitest
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const names: Array<string> = []
 * const stop = lowlevel.onTasksElsewhereUnsafe(({ name }) => {
 *   names.push(name)
 *   return () => {}
 * })
 * stop()
 *
 * names // => []
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const onTasksElsewhereUnsafe = (listener: (tasks: TasksElsewhere) => () => void): (() => void) => {
  const { listeners, tasks } = known()
  listeners.add(listener)
  for (const [each, told] of tasks) told.push(listener(each))
  return () => void listeners.delete(listener)
}
