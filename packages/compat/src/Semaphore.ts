/**
 * A limit on how many tasks do something at a time.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import { Holdable } from "./holding.ts"
import { runAnywhere } from "./internal/current.ts"

/**
 * A number of permits; tasks that find none wait in the order they came.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Semaphore`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore).
 *
 * **Example** (Two at a time)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const semaphore = new asyncio.Semaphore(2)
 *   let running = 0
 *   let most = 0
 *   const job = () =>
 *     semaphore.use(async () => {
 *       most = Math.max(most, ++running)
 *       await asyncio.sleep(1)
 *       running--
 *     })
 *   await asyncio.gather([job, job, job, job])
 *   return most
 * }) // => 2
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Semaphore extends Holdable {
  /** The same semaphore as core knows it. */
  override readonly core: asyncio.Semaphore

  /** Makes a semaphore with `value` permits. Throws a ValueError when that is negative. */
  constructor(value: number = 1) {
    super()
    this.core = this.make(value)
  }

  protected make(value: number): asyncio.Semaphore {
    return runAnywhere(asyncio.Semaphore.make(value))
  }
}

/**
 * A semaphore that never has more permits than it began with: `release` once too often throws a ValueError.
 *
 * **asyncio**
 *
 * Same as [`asyncio.BoundedSemaphore`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.BoundedSemaphore).
 *
 * **Example** (Released once too often)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const semaphore = new asyncio.BoundedSemaphore(1)
 *   await semaphore.use(() => {})
 *   try {
 *     semaphore.release()
 *   } catch (error) {
 *     return String(error)
 *   }
 *   return "released"
 * }) // => "ValueError: BoundedSemaphore released too many times"
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class BoundedSemaphore extends Semaphore {
  protected override make(value: number): asyncio.BoundedSemaphore {
    return runAnywhere(asyncio.BoundedSemaphore.make(value))
  }
}
