/**
 * Which loops there are, for tools that look into a program, and what libraries may say of the loops they make.
 *
 * @since 0.1.0
 */
import { known, knownLoops } from "../internal/loop/knownLoops.ts"
import { isOfOtherCopy } from "../internal/model/copy.ts"
import type { EventLoop } from "../internal/model/EventLoop.ts"

export type { IterationOptions } from "../internal/model/EventLoop.ts"

/**
 * The loops of this thread that are not closed, in the order they were made; also those of other copies of the package.
 *
 * **Details**
 *
 * They are known weakly: to be on this list keeps no loop. A host without `WeakRef` gives none.
 *
 * **Example** (The loop of a run)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const main = Effect.map(asyncio.getRunningLoop, (loop) => lowlevel.loopsUnsafe().includes(loop))
 *
 * await asyncio.run(main) // => true
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const loopsUnsafe = (): ReadonlyArray<EventLoop> => knownLoops() as ReadonlyArray<EventLoop>

/**
 * Has `listener` called with every loop of this thread that is made from now on, in the middle of making it: it may look and observe, and
 * must not throw. Gives what ends that.
 *
 * **Example** (How many loops a program makes)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * let made = 0
 * const stop = lowlevel.onLoopUnsafe(() => made++)
 * await asyncio.run(asyncio.sleep(0))
 * await asyncio.run(asyncio.sleep(0))
 * stop()
 *
 * made // => 2
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const onLoopUnsafe = (listener: (loop: EventLoop) => void): (() => void) => {
  const { listeners } = known()
  const own = (loop: object): void => listener(loop as EventLoop)
  listeners.add(own)
  return () => void listeners.delete(own)
}

/**
 * Whether a loop is of this copy of the package. Of another copy's only what the interface `EventLoop` has can be asked.
 *
 * **Example** (The loop of a run)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * await asyncio.run(asyncio.getRunningLoop).then(lowlevel.isOfThisCopy) // => true
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const isOfThisCopy = (loop: EventLoop): boolean => !isOfOtherCopy(loop)
