/**
 * What tasks wait for, and which tasks hold it, for tools that look into a program. It is found by what the tasks wait for themselves: no list of
 * locks is kept for it.
 *
 * @since 0.1.0
 */
import type * as Fiber from "effect/Fiber"
import { Gathering } from "../internal/combine/gather.ts"
import { ThreadFuture } from "../internal/combine/threads.ts"
import { UntilWaiter } from "../internal/combine/waitUntil.ts"
import type { EventLoop } from "../internal/model/EventLoop.ts"
import type { Future } from "../internal/model/Future.ts"
import type { Task, TaskFacts } from "../internal/model/Task.ts"
import { AttemptWait } from "../internal/sync/attempt.ts"
import { HoldFrame, heldInMask } from "../internal/sync/holding.ts"
import { GroupWaiter, OwnedWaiter, Waiter } from "../internal/sync/waitQueue.ts"
import { FiberScope } from "../internal/task/fiberScope.ts"
import { insideOf } from "../internal/task/fiberInside.ts"
import { PromiseFuture } from "../internal/task/promises.ts"
import { SleepFuture } from "../internal/task/sleepFuture.ts"
import { TaskImpl } from "../internal/task/task.ts"
import { factsOf } from "../internal/task/taskTexts.ts"
import type { Wait } from "../internal/task/wait.ts"
import { holdersOf, waitsOf } from "../internal/task/waits.ts"

/**
 * A lock, a queue or the like, of which a tool needs to know how it prints.
 *
 * @category models
 * @since 0.1.0
 */
export interface Printable {
  /** How it prints: what it is and its state. */
  toString(): string
}

/**
 * One thing that a task waits for.
 *
 * **Details**
 *
 * - `iteration`: it only lets others go first, as after `sleep(0)`, or is about to go on.
 * - `sleep`: until `until`, in milliseconds on the loop's clock.
 * - `task`: another task.
 * - `gather`, `group`, `wait`: several tasks: they are those whose snapshot says that this one waits for them.
 * - `object`: `object` is a lock or the like, and `operation` the name of the method that waits.
 * - `thread`, `promise`: a call of `toThread`; a promise of other code.
 * - `future`: a future that other code has to set.
 *
 * @category models
 * @since 0.1.0
 */
export type TaskAwait =
  | { readonly kind: "iteration" | "gather" | "group" | "wait" | "thread" | "promise" }
  | { readonly kind: "sleep"; readonly until: number }
  | { readonly kind: "task"; readonly task: Task<unknown, unknown> }
  | { readonly kind: "object"; readonly object: Printable; readonly operation: string }
  | { readonly kind: "future"; readonly future: Future<unknown, unknown> }

/**
 * What a task waits for: one thing, several where an async function has several awaits in flight, and nothing where the task is running,
 * or in an effect or a promise that is not of this package.
 *
 * **Example** (A task that waits for a lock)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const lock = yield* asyncio.Lock.make()
 *   yield* lock.acquire
 *   const task = yield* asyncio.createTask(lock.acquire)
 *   yield* asyncio.sleep(0)
 *   return lowlevel.awaitsUnsafe(task).map((each) => each.kind === "object" && `${each.object}: ${each.operation}`)
 * })
 *
 * await asyncio.run(main) // => ["<Lock [locked, waiters:1]>: acquire"]
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const awaitsUnsafe = (task: Task<unknown, unknown>): ReadonlyArray<TaskAwait> =>
  task instanceof TaskImpl && !task.done() ? waitsOf(task).map(awaitOf) : []

const awaitOf = (wait: Wait): TaskAwait => {
  const { future } = wait
  if (future === undefined) return { kind: "iteration" }
  if (future instanceof TaskImpl) return { kind: "task", task: future }
  if (future instanceof SleepFuture) return { kind: "sleep", until: future.due }
  if (wait instanceof AttemptWait) {
    const { owner } = wait.attempt.waiters
    return { kind: "object", object: owner, operation: wait.hold === undefined ? nameIn(owner, wait.attempt) : "use" }
  }
  if (future instanceof OwnedWaiter) return { kind: "object", object: future.owner, operation: methodOf(future) }
  if (future instanceof GroupWaiter) return { kind: "group" }
  if (future instanceof UntilWaiter) return { kind: "wait" }
  if (future instanceof Gathering) return { kind: "gather" }
  if (future instanceof ThreadFuture) return { kind: "thread" }
  if (future instanceof PromiseFuture) return { kind: "promise" }
  return future instanceof Waiter ? { kind: "iteration" } : { kind: "future", future }
}

/** The method of a lock or the like that an attempt is of; those that are made for each call are `put`. */
const nameIn = (owner: object, attempt: object): string =>
  ["acquire", "wait", "get", "join"].find((name) => (owner as Record<string, unknown>)[name] === attempt) ?? "put"

/** By which method a task waits inside of a mask, or for a condition. */
const methodOf = ({ operation, owner }: OwnedWaiter): string => {
  if (operation === undefined) return "wait"
  return typeof operation === "string" ? operation : nameIn(owner, operation)
}

/**
 * The tasks that wait for a task, in the order they came: also those that wait for it by a group, `gather` or `wait`.
 *
 * **Example** (The waiters of a task)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const task = yield* asyncio.createTask(asyncio.sleep(1))
 *   const waiter = yield* asyncio.createTask(asyncio.gather([task]), { name: "waiter" })
 *   yield* asyncio.sleep(0)
 *   const names = lowlevel.awaitersUnsafe(task).map((each) => each.getName())
 *   yield* waiter
 *   return names
 * })
 *
 * await asyncio.run(main) // => ["waiter"]
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const awaitersUnsafe = (task: Task<unknown, unknown>): ReadonlyArray<Task<unknown, unknown>> =>
  task instanceof TaskImpl ? task.awaiters() : []

/**
 * The snapshot of a task without what prints, in a third of the time: for tools that read very many.
 *
 * **Example** (Numbers and names)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const main = Effect.map(asyncio.currentTask, (task) => lowlevel.factsUnsafe(task).name)
 *
 * await asyncio.run(main) // => "Task-1"
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const factsUnsafe = (task: Task<unknown, unknown>): TaskFacts => {
  if (task instanceof TaskImpl) return factsOf(task)
  const { awaitedBy: _, coroutine: __, waitingFor: ___, ...facts } = task.snapshot()
  return facts
}

export type { AnyTask, TaskFacts } from "../internal/model/Task.ts"

/**
 * A lock, a semaphore, a condition, an event or a queue that tasks wait for or hold.
 *
 * @category models
 * @since 0.1.0
 */
export interface SyncObject {
  readonly object: Printable
  /** The tasks that hold it, by their numbers: of a lock, and of a semaphore for as long as its `use` in core runs. */
  readonly holders: ReadonlyArray<number>
  /** The tasks in its wait queues, and by which method they wait; in the order in which they came to each queue. */
  readonly waiting: ReadonlyArray<{ readonly task: Task<unknown, unknown>; readonly operation: string }>
}

/**
 * The locks, semaphores, conditions, events and queues of a loop that a task waits for, or holds by `use`, each with its holders and
 * its wait queues.
 *
 * **Details**
 *
 * No list of them is kept: they are found through the tasks, all that the loop has or those that are given. One that no task waits for is not found, unless a task of core holds it by
 * `use`. The holders of a semaphore are those that hold it by `use` in core.
 *
 * **Example** (The holder of a lock, and its waiters)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const lock = yield* asyncio.Lock.make()
 *   const first = yield* asyncio.createTask(lock.use(asyncio.sleep("1 hour")))
 *   const second = yield* asyncio.createTask(lock.use(asyncio.sleep("1 hour")), { name: "second" })
 *   yield* asyncio.sleep(0)
 *   const [object] = lowlevel.syncObjectsUnsafe(yield* asyncio.getRunningLoop)
 *   yield* asyncio.cancelAndWait([first, second])
 *   return [object?.holders[0] === first.id, object?.waiting.map(({ task }) => task.getName())]
 * })
 *
 * await asyncio.run(main) // => [true, ["second"]]
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const syncObjectsUnsafe = (
  loop: EventLoop,
  tasks: Iterable<Task<unknown, unknown>> = loop.allTasksUnsafe()
): ReadonlyArray<SyncObject> => {
  const found = new Map<SyncObject["object"], { holders: Set<number>; waiting: Array<SyncObject["waiting"][number]> }>()
  const entryOf = (object: SyncObject["object"]) => {
    let entry = found.get(object)
    if (entry === undefined) found.set(object, (entry = { holders: new Set(holdersOf(object)), waiting: [] }))
    return entry
  }
  for (const task of tasks) {
    for (const object of heldBy(task)) entryOf(object).holders.add(task.id)
    for (const each of awaitsUnsafe(task)) {
      if (each.kind === "object") entryOf(each.object).waiting.push({ task, operation: each.operation })
    }
  }
  return Array.from(found, ([object, { holders, waiting }]) => ({ object, holders: [...holders], waiting }))
}

/** What the fibers of a task hold by `use`. */
const heldBy = (task: Task<unknown, unknown>): ReadonlyArray<SyncObject["object"]> =>
  task instanceof TaskImpl ? [...heldByFrames(task), ...(heldInMask.get(task) ?? [])] : []

const heldByFrames = ({ root }: TaskImpl): ReadonlyArray<SyncObject["object"]> => {
  const fiber: Fiber.Fiber<unknown, unknown> | undefined = root instanceof FiberScope ? root.fiber : undefined
  if (fiber === undefined) return []
  return insideOf(fiber)
    ._stack.filter((frame) => frame instanceof HoldFrame)
    .map(({ held }) => held)
}
