/**
 * Dumps, and the pieces in which they come.
 *
 * @since 0.1.0
 */
import type { Hello } from "../protocol.ts"
import type { CancellationRow, EndedRow, LoopRow, ObjectRow, Ref, TaskRow } from "./rows.ts"

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
