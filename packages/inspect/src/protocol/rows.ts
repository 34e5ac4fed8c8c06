/**
 * What is told of a loop, of its tasks, and of what these wait for.
 *
 * @since 0.1.0
 */

/**
 * Something that a task waits for, as {@link TaskAwait} of core tells it, in numbers and text.
 *
 * @category models
 * @since 0.1.0
 */
export interface AwaitRow {
  readonly kind:
    | "iteration"
    | "gather"
    | "group"
    | "wait"
    | "thread"
    | "promise"
    | "sleep"
    | "task"
    | "object"
    | "future"
  /** Of a sleep: until when, in milliseconds on the loop's clock. */
  readonly until?: number
  /** Of a task: its number. */
  readonly task?: number
  /** Of a lock or the like: its number in the list of objects. */
  readonly object?: number
  /** How the lock or the like, or the future, prints. */
  readonly text?: string
  /** The method of the lock or the like that waits. */
  readonly operation?: string
}

/**
 * A name, and the number of the task if it is one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ref {
  readonly id?: number | undefined
  readonly name: string
}

/**
 * A cancellation that was asked for.
 *
 * @category models
 * @since 0.1.0
 */
export interface CancellationRow {
  readonly kind: string
  readonly reason?: string | undefined
  readonly requestedBy?: Ref | undefined
  readonly askedAt?: number
}

/**
 * A coroutine on the stack of a task.
 *
 * @category models
 * @since 0.1.0
 */
export interface FrameRow {
  readonly name: string
  /** FILE:LINE where it stands, if that is known. */
  readonly location?: string | undefined
  /** FILE:LINE of its definition, if that is known. */
  readonly definedAt?: string | undefined
}

/**
 * A task that is not done.
 *
 * @category models
 * @since 0.1.0
 */
export interface TaskRow {
  readonly id: number
  readonly name: string
  readonly labels: { readonly [label: string]: string | number | boolean }
  readonly createdBy?: Ref | undefined
  /** In milliseconds on the loop's clock, as all times of a loop. */
  readonly createdAt: number
  readonly detached: boolean
  readonly state: "pending" | "cancelling" | "cancelled" | "finished"
  readonly cancelling: number
  readonly cancellation?: CancellationRow
  readonly waitingSince?: number
  /** The numbers of the tasks that wait for it, in the order they came. */
  readonly awaiters: ReadonlyArray<number>
  readonly waits: ReadonlyArray<AwaitRow>
  /** The coroutines, the outermost first. */
  readonly stack: ReadonlyArray<FrameRow>
  /** What a task of a cluster has beside that. */
  readonly remote?: RemoteRow
}

/**
 * What is told of a task of a cluster. Times are milliseconds since 1970.
 *
 * @category models
 * @since 0.1.0
 */
export interface RemoteRow {
  readonly definition: string
  /** Whether it waits for a worker, or runs on one. */
  readonly state: "waiting" | "running"
  /** Whether a worker of its definition is there. */
  readonly served: boolean
  /** How often it was begun. */
  readonly attempt: number
  /** The process that runs it, or has run it last. */
  readonly runner?: string
  /** The process that has created it. */
  readonly client: string
  /** When its last attempt was begun. */
  readonly startedAt?: number
  /** What it has reported last, as JSON. */
  readonly progress?: string
}

/**
 * A task that has ended.
 *
 * @category models
 * @since 0.1.0
 */
export interface EndedRow {
  readonly id: number
  readonly name: string
  readonly labels: { readonly [label: string]: string | number | boolean }
  readonly createdBy?: Ref | undefined
  readonly outcome: "finished" | "failed" | "cancelled"
  readonly error?: string | undefined
  readonly kind?: string | undefined
  readonly reason?: string | undefined
  readonly requestedBy?: Ref | undefined
  readonly createdAt: number
  readonly endedAt: number
}

/**
 * A lock, a semaphore, a condition, an event or a queue that tasks wait for or hold.
 *
 * @category models
 * @since 0.1.0
 */
export interface ObjectRow {
  readonly id: number
  /** How it prints. */
  readonly text: string
  /** The numbers of the tasks that hold it, as far as that is known. */
  readonly holders: ReadonlyArray<number>
  /** The tasks that wait for it, in the order they came, and in which method. */
  readonly waiting: ReadonlyArray<{ readonly task: number; readonly operation: string }>
}

/**
 * A loop.
 *
 * @category models
 * @since 0.1.0
 */
export interface LoopRow {
  /** Milliseconds on its clock. */
  readonly time: number
  readonly state: "stopped" | "running" | "closed"
  readonly debug: boolean
  /** How many callbacks and steps are in its queue. */
  readonly ready: number
  readonly timers: number
  /** Since when it is observed, on its clock. */
  readonly observedSince?: number
  /** Whether it belongs to another copy of core than this package sees: then what its tasks wait for is not told. */
  readonly otherCopy?: true
  readonly tasks: ReadonlyArray<TaskRow>
  readonly objects: ReadonlyArray<ObjectRow>
  /** The last tasks that have ended, the oldest first, as far as they are kept. */
  readonly ended: ReadonlyArray<EndedRow>
}
