/**
 * Mutual exclusion.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import { Holdable } from "./holding.ts"
import { runAnywhere } from "./internal/current.ts"

/**
 * A lock that one task holds at a time; the others wait in the order they came.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Lock`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Lock). `async with lock` is `lock.use(async
 * () => ...)`, or `using held = await lock.hold()`.
 *
 * **Example** (One after the other)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const lines: Array<string> = []
 * await asyncio.run(async () => {
 *   const lock = new asyncio.Lock()
 *   const work = (name: string) => () =>
 *     lock.use(async () => {
 *       lines.push(`${name} in`)
 *       await asyncio.sleep(1)
 *       lines.push(`${name} out`)
 *     })
 *   await asyncio.gather([work("a"), work("b")])
 * })
 * lines // => ["a in", "a out", "b in", "b out"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Lock extends Holdable {
  /** The same lock as core knows it. */
  override readonly core: asyncio.Lock = runAnywhere(asyncio.Lock.make())
}
