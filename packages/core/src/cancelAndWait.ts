/**
 * Cancelling and making sure.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { RunningLoop } from "./fiberRefs.ts"
import { callerOf } from "./internal/combine/awaitables.ts"
import { reportOf } from "./internal/combine/cancelReport.ts"
import { select } from "./internal/combine/selection.ts"
import { waitUntil } from "./internal/combine/waitUntil.ts"
import type { EventLoopImpl } from "./internal/make/eventLoop.ts"
import { checkOptions, toMillis } from "./internal/model/arguments.ts"
import type { CancelOptions } from "./internal/model/cancellationKinds.ts"
import type { CancelReport } from "./internal/model/CancelReport.ts"
import type { Task } from "./internal/model/Task.ts"
import type { TaskQuery } from "./internal/model/TaskQuery.ts"
import { askOnceEach } from "./internal/task/cancelWalk.ts"
import { placeOfRequest, newRequest } from "./internal/task/future.ts"
import type { TaskImpl } from "./internal/task/task.ts"
import { treesOf } from "./internal/task/tree.ts"

export type { CancelReport, IgnoringTask } from "./internal/model/CancelReport.ts"

/**
 * Options of {@link cancelAndWait}.
 *
 * @category models
 * @since 0.1.0
 */
export interface CancelAndWaitOptions extends CancelOptions {
  /** The longest to wait; no limit by default. A bare number is milliseconds. */
  readonly timeout?: Duration.Input | undefined
  /** The message for the tasks. */
  readonly message?: string | undefined
  /** Whether what the tasks have created is meant as well, as {@link cancelTree} has it. */
  readonly tree?: boolean | undefined
}

/**
 * Cancels tasks, waits until they are done or the time is up, and reports what has become of each.
 *
 * **When to use**
 *
 * Use it to stop something for good: at the end of a session, for a stop button, before a restart. `task.cancel` only asks, and a task may
 * take as long as it likes; the report tells which have stopped, and of those that have not, what they wait for.
 *
 * **Details**
 *
 * Takes a task, or what says which are meant: a name, an id, labels, a function; or several of these. They are looked for among the tasks
 * of the running loop that are not done, without the one that asks. With `tree: true` what they have created is cancelled as well, the
 * oldest first. Each task is asked once, also where one waits for another.
 *
 * `timeout` in numbers is milliseconds; without it, all are waited for. Does not fail when the tasks do. What is neither a task nor says
 * which are meant is a defect, TypeError, and then no task is asked.
 *
 * **Cancellation**
 *
 * Ends the waiting; the tasks stay asked.
 *
 * **asyncio**
 *
 * Python has no such function; programs write
 * [`task.cancel()`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Task.cancel) and
 * [`await asyncio.wait(...)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.wait) by hand.
 *
 * **Example** (Naming the one that does not stop)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const polite = asyncio.sleep("1 hour")
 * const rude = Effect.uninterruptible(asyncio.sleep(200))
 *
 * const main = Effect.gen(function*() {
 *   const tasks = [yield* asyncio.createTask(polite, { name: "polite" }), yield* asyncio.createTask(rude, { name: "rude" })]
 *   yield* asyncio.sleep(0)
 *   const { cancelled, ignoring } = yield* asyncio.cancelAndWait(tasks, { timeout: 5 })
 *   return [cancelled.map((task) => task.getName()), ignoring.map(({ name, waitingFor }) => ({ name, waitingFor }))]
 * })
 *
 * await asyncio.run(main) // => [["polite"], [{ name: "rude", waitingFor: ["<Future pending cb=[Task.task_wakeup()]>"] }]]
 * ```
 *
 * **Example** (By labels, with all that the tasks have created)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const hour = asyncio.sleep("1 hour")
 *
 * const main = Effect.gen(function*() {
 *   yield* asyncio.createTask(asyncio.createTask(hour, { name: "helper" }), { labels: { job: 17 } })
 *   yield* asyncio.createTask(Effect.flatten(asyncio.createTask(hour)), { name: "worker", labels: { job: 17 } })
 *   yield* asyncio.sleep(0)
 *   const { cancelled, notFound } = yield* asyncio.cancelAndWait([{ job: 17 }, { job: 18 }], { tree: true })
 *   return [cancelled.map((task) => task.getName()), notFound]
 * })
 *
 * await asyncio.run(main) // => [["worker", "Task-3"], [{ job: 18 }]]
 * ```
 *
 * @see {@link cancelTree} to ask and not wait
 * @category cancellation
 * @since 0.1.0
 */
export const cancelAndWait: {
  <T extends Task<unknown, unknown>>(
    task: T,
    options?: CancelAndWaitOptions & { readonly tree?: false | undefined }
  ): Effect.Effect<CancelReport<T>>
  <T extends Task<unknown, unknown>>(
    tasks: Iterable<T>,
    options?: CancelAndWaitOptions & { readonly tree?: false | undefined }
  ): Effect.Effect<CancelReport<T>>
  (
    tasks: Task<unknown, unknown> | TaskQuery | Iterable<Task<unknown, unknown> | TaskQuery>,
    options?: CancelAndWaitOptions
  ): Effect.Effect<CancelReport>
} = (tasks: unknown, options: CancelAndWaitOptions = {}): Effect.Effect<never> => {
  // Taken here: when the effect runs, the line that asks is no longer on the stack.
  const loop = Fiber.getCurrent()?.getRef(RunningLoop) as EventLoopImpl | undefined
  const requestedAt = loop === undefined ? undefined : placeOfRequest(loop)
  return Effect.withFiber((fiber) => {
    checkOptions(options, "cancelAndWait()", '{ message: "shutting down" }')
    const caller = callerOf(fiber)
    const timeout = options.timeout === undefined ? undefined : toMillis(options.timeout)
    const others = caller.loop.allTasksUnsafe().filter((task) => task !== caller.task)
    const selection = select(tasks, others, "cancelAndWait()")
    const members = options.tree === true ? withTrees(selection.tasks, caller.task) : selection.tasks
    const report = Effect.sync(() => reportOf(caller.loop, members, selection))
    if (members.size === 0) return report
    // One request, however many tasks it is for.
    askOnceEach(members, newRequest(caller.loop, options.message, options, undefined, requestedAt))
    return Effect.andThen(waitUntil(caller, members, "ALL_COMPLETED", timeout), report)
  }) as Effect.Effect<never>
}

/** The tasks, and what they have created, without the one that asks: it would wait for itself. */
const withTrees = (roots: ReadonlySet<TaskImpl>, asker: TaskImpl | undefined): ReadonlySet<TaskImpl> => {
  const all = new Set([...roots, ...treesOf(roots)].sort((a, b) => a.id - b.id))
  if (asker !== undefined && !roots.has(asker)) all.delete(asker)
  return all
}
