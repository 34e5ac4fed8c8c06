/**
 * Waiting for some of several futures.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import { Future } from "./Future.ts"
import { checkCollection } from "./given/awaitables.ts"
import { inScopeAsync } from "./internal/scopes.ts"

/**
 * Waits for futures and tells which are done and which are not. Does not fail when they do, or when the time is up.
 *
 * **Details**
 *
 * Takes futures and tasks; the same one twice counts once. Anything else rejects with `TypeError: Passing coroutines is
 * forbidden, use tasks explicitly.`; nothing at all with `ValueError: Set of Tasks/Futures is empty.` `timeout` in
 * numbers is milliseconds.
 *
 * **Cancellation**
 *
 * Ends the waiting. The futures go on; this is the one wait that does not cancel what it waits for.
 *
 * **asyncio**
 *
 * Same as [`asyncio.wait(fs, timeout=, return_when=)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.wait).
 *
 * **Example** (The first of two)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const fast = asyncio.createTask(() => asyncio.sleep(1), { name: "fast" })
 *   const slow = asyncio.createTask(() => asyncio.sleep("1 hour"), { name: "slow" })
 *   const { done, pending } = await asyncio.wait([fast, slow], { returnWhen: asyncio.FIRST_COMPLETED })
 *   return [[...done].map((task) => task.getName()), [...pending].map((task) => task.getName())]
 * }) // => [["fast"], ["slow"]]
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const wait = <F extends Future<unknown>>(
  futures: Iterable<F>,
  options?: asyncio.WaitOptions
): Promise<asyncio.WaitResult<F>> =>
  inScopeAsync("wait()", async (scope) => {
    const originals = new Map<unknown, F>()
    for (const future of checkCollection(futures, "expect a list of futures")) {
      // Core refuses a value that is no future.
      originals.set(future instanceof Future ? future.core : future, future as F)
    }
    const { done, pending } = await scope.run(
      asyncio.wait(originals.keys() as Iterable<asyncio.Future<unknown, unknown>>, options)
    )
    const back = (cores: ReadonlySet<unknown>) => new Set(Array.from(cores, (core) => originals.get(core)!))
    return { done: back(done), pending: back(pending) }
  })
