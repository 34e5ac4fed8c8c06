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
import type { Ref, TaskRow } from "./protocol/rows.ts"
import type { Trace, TraceEvent } from "./recorder/traceEvents.ts"

export type * from "./protocol/dump.ts"
export * from "./protocol/live.ts"
export type * from "./protocol/rows.ts"

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
