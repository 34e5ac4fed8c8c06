/**
 * What a task is, and how one is known.
 */
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import { hasProperty } from "effect/Predicate"
import type { CancelOptions } from "./cancellationKinds.ts"
import type { ContextVars } from "./ContextVars.ts"
import type { Future } from "./Future.ts"
import type { TaskRef } from "./TaskRef.ts"
import { TaskTypeId } from "./typeIds.ts"

/**
 * A coroutine on the loop. A task *is* an Effect: `yield* task` waits for its result.
 *
 * **Details**
 *
 * A task runs atomically between two awaits. Its result is its coroutine's; a failure that is never retrieved is reported
 * through the loop's exception handler.
 *
 * **Cancellation**
 *
 * `cancel` asks; the task may clean up first, or refuse. The request reaches the task at its current or next await, as
 * an interrupt that carries a {@link CancelledError}. Requests are counted (`cancelling`) and can be withdrawn
 * (`uncancel`). A task that is cancelled while it waits for another passes the request on to that one.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Task). Methods that change something return
 * an Effect and have a twin that ends in `Unsafe` for callers outside of Effect.
 *
 * **Example** (What a task knows of itself)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 *
 * const main = Effect.gen(function*() {
 *   const task = yield* asyncio.createTask(asyncio.sleep(1), { name: "import", labels: { job: 17 }, detached: true })
 *   const { createdAt, createdBy, detached, id, labels } = task
 *   const main = yield* asyncio.currentTask
 *   return [labels, detached, String(createdBy), createdBy?.id === main.id, id > main.id, typeof createdAt]
 * })
 *
 * await asyncio.run(main) // => [{ job: 17 }, true, "Task-1", true, true, "number"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface Task<out A, out E = never> extends Future<A, E> {
  /** @hidden */
  readonly [TaskTypeId]: typeof TaskTypeId
  /** The task's number, the same for as long as it lives, and no other task's in this thread. Tasks made later have higher ones. */
  readonly id: number
  /** The task that created it, as that is called now or was called last; undefined where none did: in a callback, in plain code. */
  readonly createdBy: TaskRef | undefined
  /**
   * When the task was created, in milliseconds on the loop's clock. On the host's clock the loop gives all tasks that it makes before it
   * goes back to the host the same time, except in debug mode and while it keeps ended tasks: then it reads the clock for each task.
   */
  readonly createdAt: number
  /** What it was labelled with, frozen. */
  readonly labels: Labels
  /** Whether it stays out of the tree of the task that has created it, see {@link CreateTaskOptions}. */
  readonly detached: boolean
  /** Asks the task to cancel itself, with a message and a kind for the CancelledError. False when it is done. */
  cancel(message?: string, options?: CancelOptions): Effect.Effect<boolean>
  /** Withdraws one request and returns how many are left; at zero, one that was not yet delivered is forgotten. */
  uncancel(): Effect.Effect<number>
  /** {@link uncancel} for callers outside of Effect. */
  uncancelUnsafe(): number
  /** How many cancellations were asked for and not withdrawn. */
  cancelling(): number
  /** The name, `Task-N` unless it was given one. */
  getName(): string
  /** Renames the task; any value is turned into a string. */
  setName(name: unknown): Effect.Effect<void>
  /** {@link setName} for callers outside of Effect. */
  setNameUnsafe(name: unknown): void
  /** Its number and its name, for code that remembers the task and must not keep it. */
  toRef(): TaskRef
  /** What the task runs: the Effect it was created with. */
  getCoro(): unknown
  /** The services and references the task started with. */
  getContext(): Context.Context<never>
  /**
   * The coroutines on the task's stack, the oldest first, as far as `Effect.fn` tells. Of a task that is done, nothing.
   * A positive `limit` keeps the newest.
   */
  getStack(options?: { readonly limit?: number | undefined }): ReadonlyArray<StackEntry>
  /** {@link getStack} as text, in Python's format: `Stack for <Task ...> (most recent call last):`. */
  formatStack(options?: { readonly limit?: number | undefined }): string
  /** Prints {@link formatStack} to stderr. */
  printStack(options?: { readonly limit?: number | undefined }): Effect.Effect<void>
  /** What the task is doing, as plain data. */
  snapshot(): TaskSnapshot
}

/**
 * A task, whatever it ends with.
 *
 * @category models
 * @since 0.1.0
 */
export type AnyTask = Task<unknown, unknown>

/**
 * One coroutine on a task's stack. Locations are `FILE:LINE`, and undefined where they are not known.
 *
 * @category models
 * @since 0.1.0
 */
export interface StackEntry {
  readonly name: string
  /** Where the coroutine stands. */
  readonly location: string | undefined
  readonly definedAt: string | undefined
}

/**
 * A task as plain JSON.
 *
 * @category models
 * @since 0.1.0
 */
export interface TaskSnapshot {
  readonly id: number
  readonly name: string
  readonly labels: Labels
  /** The task that created it, if one did. */
  readonly createdBy: { readonly id: number | undefined; readonly name: string } | undefined
  /** When it was created, in milliseconds on the loop's clock. */
  readonly createdAt: number
  readonly detached: boolean
  readonly state: "pending" | "cancelling" | "cancelled" | "finished"
  /** How many cancellations were asked for and not withdrawn. */
  readonly cancelling: number
  /**
   * The cancellation that it has ended with, or that its next step delivers, or that what it waits for was asked to end with, if there is
   * one; while the loop is observed, the last that was asked for and not withdrawn.
   */
  readonly cancellation?: CancellationSnapshot
  /** `NAME() running at FILE:LINE`. */
  readonly coroutine: string
  /** What it waits for: the name of a task, or how a future prints. */
  readonly waitingFor: string | undefined
  /**
   * Since when it waits for that, in milliseconds on the loop's clock. Known where the loop was observed at that time, by
   * `observeUnsafe` of `@effect-asyncio/core/lowlevel`: only an observer has the clock read at each await.
   */
  readonly waitingSince?: number
  /** The names of the tasks that wait for it. */
  readonly awaitedBy: ReadonlyArray<string>
  /** The numbers of the same tasks. */
  readonly awaiters: ReadonlyArray<number>
  readonly stack: ReadonlyArray<StackEntry>
}

/**
 * A {@link TaskSnapshot} without what prints.
 *
 * @category models
 * @since 0.1.0
 */
export type TaskFacts = Omit<TaskSnapshot, "coroutine" | "waitingFor" | "awaitedBy">

/**
 * What a cancellation is, as plain JSON.
 *
 * @category models
 * @since 0.1.0
 */
export interface CancellationSnapshot {
  readonly kind: string
  readonly reason: string | undefined
  readonly requestedBy: { readonly id: number | undefined; readonly name: string } | undefined
  /** When it was asked for, in milliseconds on the loop's clock, where the loop was observed at that time. */
  readonly askedAt?: number
}

/**
 * The labels of a task: what kind of work it is, and for what.
 *
 * @category models
 * @since 0.1.0
 */
export type Labels = { readonly [label: string]: string | number | boolean }

/**
 * Options of {@link createTask}.
 *
 * @category models
 * @since 0.1.0
 */
export interface CreateTaskOptions {
  /** The task's name; `Task-N` by default. */
  readonly name?: string | undefined
  /** Runs the first step inside the call. A coroutine that does not await is then done when the call returns. */
  readonly eagerStart?: boolean | undefined
  /** The context variables the task uses and sets, from `copyContext`; a copy of the creator's by default. */
  readonly variables?: ContextVars | undefined
  /**
   * What kind of work it is, and for what: `{ job: 17, kind: "import" }`. Tasks are found by it. A task inherits no labels; for what
   * is to be known everywhere below there are context variables.
   */
  readonly labels?: Labels | undefined
  /** Keeps it, and what it creates, out of what cancels the tree of the task that creates it. */
  readonly detached?: boolean | undefined
}

/**
 * Whether a value is a task.
 *
 * **asyncio**
 *
 * `isinstance(value, asyncio.Task)`, see [`asyncio.Task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Task).
 *
 * **Example** (A future is none)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   return [asyncio.isTask(yield* asyncio.currentTask), asyncio.isTask(yield* loop.createFuture<string>())]
 * })
 *
 * await asyncio.run(main) // => [true, false]
 * ```
 *
 * @category guards
 * @since 0.1.0
 */
export const isTask = (value: unknown): value is Task<unknown, unknown> => hasProperty(value, TaskTypeId)
