/**
 * What changes in a process, as it is told to one who looks.
 *
 * @since 0.1.0
 */
import type { AwaitRow, CancellationRow, EndedRow, LoopRow, ObjectRow, TaskRow } from "./rows.ts"

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
