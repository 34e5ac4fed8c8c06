/**
 * Cancelling tasks and seeing to it that they end.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { checkCollection } from "./awaitables.ts"
import { inScopeAsync } from "./internal/scopes.ts"
import { Task } from "./Task.ts"

/**
 * Cancels tasks, waits until they are done or the time is up, and gives those that are still not done.
 *
 * **Details**
 *
 * `timeout` in numbers is milliseconds; without it, all are waited for. Does not fail when the tasks do.
 *
 * **Cancellation**
 *
 * Ends the waiting; the tasks stay asked to cancel themselves.
 *
 * **asyncio**
 *
 * Beyond asyncio: [`task.cancel()`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Task.cancel) for each, and
 * [`asyncio.wait(tasks, timeout=)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.wait).
 *
 * **Example** (Which tasks do not listen)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const stubborn = async () => {
 *   for (let i = 0; i < 2; i++) await asyncio.sleep("1 hour").catch(() => {})
 * }
 *
 * await asyncio.run(async () => {
 *   const tasks = [
 *     asyncio.createTask(stubborn, { name: "stubborn" }),
 *     asyncio.createTask(() => asyncio.sleep("1 hour"))
 *   ]
 *   await asyncio.sleep(0)
 *   const left = await asyncio.cancelAndWait(tasks, { timeout: 5, message: "shutting down" })
 *   return left.map((task) => task.getName())
 * }) // => ["stubborn"]
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const cancelAndWait = <T extends Task<unknown>>(
  tasks: Iterable<T>,
  options?: asyncio.CancelAndWaitOptions
): Promise<ReadonlyArray<T>> =>
  inScopeAsync("cancelAndWait()", async (scope) => {
    const members = Array.from(checkCollection(tasks, "expect a list of tasks"))
    const stranger = members.findIndex((member) => !(member instanceof Task))
    if (stranger >= 0) {
      // When: `cancelAndWait` got something that is no task.
      throw lowlevel.unexpectedValue(
        "a list of tasks was expected",
        members[stranger],
        "Give it what `createTask` gave you."
      )
    }
    const cores = (members as ReadonlyArray<T>).map(({ core }) => core)
    const left = await scope.run(asyncio.cancelAndWait(cores, options))
    return left.map((core) => Task.of<unknown>(core) as T)
  })
