/**
 * Hearing of what a program makes, for tools that look at all of it later.
 *
 * @since 0.1.0
 */
import type { Lock } from "../Lock.ts"
import type { Queue } from "../Queue.ts"
import type { Semaphore } from "../Semaphore.ts"
import { onMade } from "../internal/model/made.ts"
import type { OpenTimeout } from "../internal/model/Timeout.ts"
import type { OpenTaskGroup } from "../internal/model/TaskGroup.ts"

/**
 * A lock, semaphore, queue, task group or timeout that a program has made.
 *
 * @category models
 * @since 0.1.0
 */
export type Making =
  | { readonly kind: "lock"; readonly object: Lock }
  | { readonly kind: "semaphore"; readonly object: Semaphore }
  | { readonly kind: "queue"; readonly object: Queue<unknown> }
  | { readonly kind: "group"; readonly object: Pick<OpenTaskGroup, "cancelUnsafe" | "toString"> }
  | {
      readonly kind: "timeout"
      readonly object: Pick<OpenTimeout, "when" | "expired" | "rescheduleUnsafe" | "toString">
    }

/**
 * Has `listener` called with every lock, semaphore, queue, task group and timeout of this thread that is made from now on, in the middle
 * of making it: it may keep it, and must not throw. Gives what ends that.
 *
 * **Details**
 *
 * Those of compat are told of as core's, which they are made of. Without a listener, making one costs a comparison more. A timeout
 * that something else is made of, `waitFor` for one, is told of as well; a group of that kind is not, for no code can cancel it.
 *
 * **Example** (The locks that a program leaves locked)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const locks: Array<asyncio.Lock> = []
 * const stop = lowlevel.onMadeUnsafe(({ kind, object }) => kind === "lock" && locks.push(object))
 * await asyncio.run(Effect.flatMap(asyncio.Lock.make(), (lock) => lock.acquire))
 * stop()
 *
 * locks.map((lock) => lock.locked()) // => [true]
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const onMadeUnsafe = (listener: (making: Making) => void): (() => void) =>
  onMade((making) => listener(making as Making))
