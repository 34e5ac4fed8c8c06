/**
 * Cancelling and making sure.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Task } from "./Task.ts"
import { callerOf } from "./internal/awaitables.ts"
import { requestOf } from "./internal/future.ts"
import type { TaskImpl } from "./internal/task.ts"
import { waitUntil } from "./internal/waitUntil.ts"

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
 * Python has no such function; programs write `task.cancel()` and `await asyncio.wait(...)` by hand.
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
): Effect.Effect<ReadonlyArray<T>> =>
  Effect.withFiber((fiber) => {
    const members = new Set<unknown>(tasks) as ReadonlySet<TaskImpl>
    if (members.size === 0) return Effect.succeed([])
    const caller = callerOf(fiber)
    // One request, however many tasks it is for.
    const request = requestOf(caller.loop, options.message)
    for (const task of members) task.cancelWith(request)
    return Effect.map(
      waitUntil(caller, members, "ALL_COMPLETED", options.timeout),
      () => Array.from(members).filter((task) => !task.done()) as unknown as ReadonlyArray<T>
    )
  })
