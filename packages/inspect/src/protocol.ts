/**
 * What a process and a client that looks into it say to each other: lines of JSON.
 *
 *     target ──hello──▶ client
 *     client ──request──▶ target ──note, piece …, end or error──▶ client
 *
 *     client ──enough──▶ target
 *
 * Requests of one connection are answered one after the other. `enough`, which has the number of a request, is no request, and has no answer: a
 * client that has asked for something that takes its time takes what there is by then. Both ends have a version: an end refuses what is not its own.
 *
 * @since 0.1.0
 */

import type { CpuProfile } from "./profile/cpuProfile.ts"
import type { Steps } from "./profile/steps.ts"
import type { Trace, TraceEvent } from "./recorder/traceEvents.ts"

/**
 * The version of the protocol. It grows with every change that an older end would misunderstand; fields that it may ignore are no such change.
 *
 * @category constants
 * @since 0.1.0
 */
export const protocolVersion = 1

/**
 * The first line of a connection.
 *
 * @category models
 * @since 0.1.0
 */
export interface Hello {
  readonly protocol: number
  /** Of a page or a worker in a browser it is 1. */
  readonly pid: number
  /** What the process calls itself: the name of its program unless it was given one. */
  readonly name: string
  /** What it runs on, with the version: `node 24.21.0`. */
  readonly host: string
  /** The version of this package in the process. */
  readonly version: string
  /** Where it answers: in a thread of its own, also while the program computes, or between two steps of the program. */
  readonly thread: "worker" | "main" | "attached"
  /** When the process began, in milliseconds since 1970. */
  readonly startedAt: number
  /** The kinds of cancellation that may be asked for. */
  readonly kinds?: ReadonlyArray<string>
  /** Whether it refuses to cancel tasks. */
  readonly readOnly?: true
  /** Of a cluster that the process has a part in: by what it is known as the same one in other processes. Its tasks are {@link TaskRow.remote}. */
  readonly cluster?: string
}

/**
 * Which tasks to cancel: by their numbers, with all that they have created, or by their labels.
 *
 * @category models
 * @since 0.1.0
 */
export interface Selection {
  readonly tasks?: ReadonlyArray<number>
  readonly trees?: ReadonlyArray<number>
  readonly labels?: { readonly [label: string]: string }
}

/**
 * A question or an order.
 *
 * **Details**
 *
 * - `summary`: how many loops and tasks there are.
 * - `dump`: everything.
 * - `observe`: from now on the clock is read at each await, so that dumps have ages, and what has ended is remembered.
 * - `leaks`: writes a heap snapshot for the client to read, and tells which tasks are in it. The program stands still meanwhile.
 * - `cancel`: asks tasks to cancel themselves; the answer has a number, by which `outcome` tells what has become of them.
 * - `live`: what changes, until the connection is closed. Commands meanwhile come by another connection.
 * - `task`: one task, with its stack.
 * - `record`: what the flight recorder has of the last `last` milliseconds. Where none runs, one does for `millis` milliseconds.
 * - `profile`: what the processor did for `millis` milliseconds, and which task was on it.
 *
 * @category models
 * @since 0.1.0
 */
export type Request =
  | { readonly request: "summary" | "observe" | "live" }
  | {
      readonly request: "dump"
      /** Whether tasks may come in {@link TaskColumns}. A process that does not know of them sends rows. */
      readonly columns?: boolean
    }
  | { readonly request: "task"; readonly task: number }
  | {
      readonly request: "leaks"
      /** Only where its heap has no more than so many bytes: so long the program stands still, and so much memory more it takes. */
      readonly most?: number | undefined
    }
  | { readonly request: "record"; readonly millis: number; readonly last?: number | undefined }
  | { readonly request: "profile"; readonly millis: number }
  | {
      readonly request: "cancel"
      readonly select: Selection
      readonly reason?: string | undefined
      /** One of the kinds of {@link Hello}; `"requested"` by default. */
      readonly kind?: string | undefined
    }
  | { readonly request: "outcome"; readonly cancel: number }

/**
 * How many loops and tasks a process has.
 *
 * @category models
 * @since 0.1.0
 */
export interface Summary {
  readonly loops: number
  readonly tasks: number
}

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

/**
 * Everything that is known of a process.
 *
 * **Details**
 *
 * It is read in pieces of two thousand tasks, each at one moment; between two of them the program goes on. So a program with fewer tasks is
 * seen as it was at one moment.
 *
 * @category models
 * @since 0.1.0
 */
export interface Dump {
  readonly protocol: number
  readonly process: Hello
  /** When, as an ISO date. */
  readonly takenAt: string
  readonly loops: ReadonlyArray<LoopRow>
  /** For how long the program stood still at most, in milliseconds. */
  readonly stall?: number
}

/**
 * A part of a dump: a loop without its tasks, some tasks of the last such loop, those that have ended while it was read, or its locks and the
 * like, behind which it is complete.
 *
 * @category models
 * @since 0.1.0
 */
export type Piece =
  | { readonly loop: Omit<LoopRow, "tasks" | "objects"> }
  | { readonly tasks: ReadonlyArray<TaskRow> }
  | { readonly ended: ReadonlyArray<EndedRow> }
  | { readonly objects: ReadonlyArray<ObjectRow> }

/**
 * Tasks as columns, a tenth of what they are as rows: what many tasks have in common is told once.
 *
 * **Details**
 *
 * Of `ids` and `names` each task has its own. A {@link Column} has the different values, and of each task the number of its value among them.
 * The end of a sleep is taken out of the waits, where `until` is 0: `untils` has them one after the other, for all sleeps of all tasks.
 *
 * @category models
 * @since 0.1.0
 */
export interface TaskColumns {
  readonly ids: ReadonlyArray<number>
  readonly names: ReadonlyArray<string>
  readonly untils: ReadonlyArray<number>
  readonly labels: Column<TaskRow["labels"]>
  readonly createdBy: Column<Ref | null>
  readonly createdAt: Column<number>
  readonly detached: Column<boolean>
  readonly state: Column<TaskRow["state"]>
  readonly cancelling: Column<number>
  readonly cancellation: Column<CancellationRow | null>
  readonly waitingSince: Column<number | null>
  readonly awaiters: Column<TaskRow["awaiters"]>
  readonly waits: Column<TaskRow["waits"]>
  readonly stack: Column<TaskRow["stack"]>
}

/**
 * One field of many tasks.
 *
 * @category models
 * @since 0.1.0
 */
export interface Column<T> {
  readonly values: ReadonlyArray<T>
  /** Left out where all tasks have the one value. */
  readonly at?: ReadonlyArray<number>
}

/**
 * A heap snapshot that the process has written for the client, which removes it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Heap {
  /** The file, in the folder of the sockets; none where the loops themselves wake all tasks, so that nothing is lost. */
  readonly file?: string
  /** The numbers of the tasks, in the order in which they are in the snapshot. */
  readonly tasks: ReadonlyArray<number>
  /** For how long the program stood still, in milliseconds. */
  readonly stall: number
}

/**
 * What was asked to cancel itself.
 *
 * @category models
 * @since 0.1.0
 */
export interface Asked {
  /** For `outcome`. */
  readonly cancel: number
  readonly tasks: ReadonlyArray<Ref>
}

/**
 * What has become of a task that was asked to cancel itself.
 *
 * @category models
 * @since 0.1.0
 */
export interface Outcome {
  readonly id: number
  readonly name: string
  readonly state: "pending" | "finished" | "failed" | "cancelled"
  /** Of one that goes on. */
  readonly task?: TaskRow
}

// ---- live ----------------------------------------------------------------------------------------------------------

/**
 * A piece of the answer to `live`. Rows come column by column: the same place in each list is the same task.
 *
 * **Details**
 *
 * The first pieces are about all tasks, five thousand each, and follow each other at once (`more`). Behind them pieces come at most twice a
 * second, with those tasks that have changed, and not before the client has read the one before: for a slow reader changes add up.
 * Where too many have ended meanwhile it begins again, with `whole`.
 *
 * @category models
 * @since 0.1.0
 */
export interface LivePiece {
  /** Forget all that was told before. */
  readonly whole?: true
  /** Whether the next piece comes at once, because the first picture is not complete. */
  readonly more?: true
  /** What the loops do; of a loop that is not there any more nothing. */
  readonly loops: ReadonlyArray<LiveLoop>
  readonly rows?: LiveRows
  /** The numbers of tasks that have ended. */
  readonly gone?: ReadonlyArray<number>
  /** The last of those, the oldest first. */
  readonly ended?: ReadonlyArray<LiveEnded>
  /** Tasks that have ended with a failure that was retrieved since. */
  readonly retrieved?: ReadonlyArray<number>
  /** All locks and queues that a task waits for or holds. Not in every piece: they are looked for in a hundredth of the time. */
  readonly objects?: ReadonlyArray<ObjectRow>
}

/**
 * What a loop has done since the last piece.
 *
 * @category models
 * @since 0.1.0
 */
export interface LiveLoop {
  readonly loop: number
  /** Milliseconds on its clock. */
  readonly time: number
  readonly state: LoopRow["state"]
  readonly ready: number
  readonly timers: number
  /** How many tasks it has that are not done. */
  readonly tasks: number
  readonly otherCopy?: true
  /** Of how many milliseconds the counts are. */
  readonly over: number
  /** How many milliseconds of these its tasks have computed. */
  readonly busy: number
  readonly steps: number
  readonly started: number
  readonly finished: number
  readonly failed: number
  readonly cancelled: number
  /** How many times a task was asked to cancel itself. */
  readonly asked: number
  /** By how many milliseconds a timer came too late, at most; also of one that has not come yet, because something computes. */
  readonly lag: number
}

/**
 * Tasks that have changed. Times of a task are counted since the client looks, and in milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface LiveRows {
  readonly loop: number
  readonly id: ReadonlyArray<number>
  readonly name: ReadonlyArray<string>
  /** The number of the task that has created it; 0: none. */
  readonly by: ReadonlyArray<number>
  /** When, on the loop's clock. */
  readonly createdAt: ReadonlyArray<number>
  /** What it does, a place in {@link liveKinds}: `iteration` and what follows are what it waits for. */
  readonly kind: ReadonlyArray<number>
  /** Of a sleep its end, of a task or a lock its number; else 0. */
  readonly on: ReadonlyArray<number>
  /** Since when it does that, on the loop's clock; -1 where that is not known. */
  readonly since: ReadonlyArray<number>
  /** The first that waits for it; 0: none. */
  readonly awaiter: ReadonlyArray<number>
  readonly busy: ReadonlyArray<number>
  /** How long it has been on the queue of the loop. */
  readonly scheduled: ReadonlyArray<number>
  readonly steps: ReadonlyArray<number>
  /** Its longest step. */
  readonly longest: ReadonlyArray<number>
  /** How many cancellations were asked for and not withdrawn. */
  readonly cancelling: ReadonlyArray<number>
  /** What few tasks have, by the place of the task in the lists. */
  readonly labels: { readonly [place: number]: TaskRow["labels"] }
  readonly cancellation: { readonly [place: number]: CancellationRow }
  /** All that wait for it, where they are several. */
  readonly awaiters: { readonly [place: number]: ReadonlyArray<number> }
  /** All that it waits for, where that is several things. */
  readonly waits: { readonly [place: number]: ReadonlyArray<AwaitRow> }
  /** How the locks and futures print that are waited for, by the place. */
  readonly texts: { readonly [place: number]: string }
  /** The methods of locks and the like that wait, by the place. */
  readonly operations: { readonly [place: number]: string }
}

/**
 * What `kind` of {@link LiveRows} is a place in.
 *
 * @category constants
 * @since 0.1.0
 */
export const liveKinds = [
  "elsewhere",
  "running",
  "iteration",
  "sleep",
  "task",
  "object",
  "gather",
  "group",
  "wait",
  "thread",
  "promise",
  "future"
] as const

/**
 * A task that has ended while the client looked.
 *
 * @category models
 * @since 0.1.0
 */
export interface LiveEnded extends EndedRow {
  readonly loop: number
  readonly busy: number
  readonly scheduled: number
  readonly steps: number
  /** Whether it has failed, and no code has retrieved the failure. */
  readonly unretrieved?: true
}

/**
 * The answer to `task`; null where there is no such task.
 *
 * @category models
 * @since 0.1.0
 */
export interface OneTask {
  readonly loop: number
  /** Milliseconds on the loop's clock. */
  readonly time: number
  readonly task: TaskRow
}

/**
 * A part of the answer to `record`: the head of a trace, and then its events.
 *
 * @category models
 * @since 0.1.0
 */
export type TracePiece = { readonly trace: Omit<Trace, "traceEvents"> } | { readonly events: ReadonlyArray<TraceEvent> }

/**
 * The answer to `profile`.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProfilePiece {
  readonly profile: CpuProfile
  readonly steps: Steps
}
