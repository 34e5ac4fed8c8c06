/**
 * Cancelling and making sure.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { unexpectedValue } from "./internal/model/hints.ts"
import { RunningLoop } from "./fiberRefs.ts"
import { checkOptions, toMillis } from "./internal/model/arguments.ts"
import { callerOf, checkIterable } from "./internal/combine/awaitables.ts"
import { askEach } from "./internal/task/cancelWalk.ts"
import type { EventLoopImpl } from "./internal/make/eventLoop.ts"
import { placeOfRequest, newRequest } from "./internal/task/future.ts"
import type { TaskImpl } from "./internal/task/task.ts"
import { waitUntil } from "./internal/combine/waitUntil.ts"
import { type Task, isTask } from "./Task.ts"

/**
 * Options of {@link cancelAndWait}.
 *
 * @category models
 * @since 0.1.0
 */
export interface CancelAndWaitOptions {
  /** The longest to wait; no limit by default. A bare number is milliseconds. */
  readonly timeout?: Duration.Input | undefined
  /** The message for the tasks. */
  readonly message?: string | undefined
}

/**
 * Cancels tasks, waits until they are done, and gives those that are not when the time is up: the ones that ignore it.
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
 * const rude = Effect.uninterruptible(asyncio.sleep(30))
 *
 * const main = Effect.gen(function*() {
 *   const tasks = [yield* asyncio.createTask(polite, { name: "polite" }), yield* asyncio.createTask(rude, { name: "rude" })]
 *   yield* asyncio.sleep(0)
 *   const ignoring = yield* asyncio.cancelAndWait(tasks, { timeout: 5 })
 *   return ignoring.map((task) => task.getName())
 * })
 *
 * await asyncio.run(main) // => ["rude"]
 * ```
 *
 * @category cancellation
 * @since 0.1.0
 */
export const cancelAndWait = <T extends Task<unknown, unknown>>(
  tasks: Iterable<T>,
  options: CancelAndWaitOptions = {}
): Effect.Effect<ReadonlyArray<T>> => {
  // Taken here: when the effect runs, the line that asks is no longer on the stack.
  const loop = Fiber.getCurrent()?.getRef(RunningLoop) as EventLoopImpl | undefined
  const requestedAt = loop === undefined ? undefined : placeOfRequest(loop)
  return Effect.withFiber((fiber) => {
    checkOptions(options, "cancelAndWait()", '{ message: "shutting down" }')
    const members = new Set<unknown>(checkTasks(tasks)) as ReadonlySet<TaskImpl>
    const timeout = options.timeout === undefined ? undefined : toMillis(options.timeout)
    if (members.size === 0) return Effect.succeed([])
    const caller = callerOf(fiber)
    // One request, however many tasks it is for.
    const request = newRequest(caller.loop, options.message, undefined, undefined, requestedAt)
    askEach(members, request)
    return Effect.map(
      waitUntil(caller, members, "ALL_COMPLETED", timeout),
      () => Array.from(members).filter((task) => !task.done()) as unknown as ReadonlyArray<T>
    )
  })
}

/** Looked at before any of them is cancelled. */
const checkTasks = <T extends Task<unknown, unknown>>(tasks: Iterable<T>): ReadonlyArray<T> => {
  const members = [...checkIterable(tasks, "expect a list of tasks")]
  const stranger = members.findIndex((member) => !isTask(member))
  if (stranger < 0) return members as ReadonlyArray<T>
  // When: `cancelAndWait` got something that is no task.
  throw unexpectedValue("a list of tasks was expected", members[stranger], "Give it what `createTask` gave you.")
}
