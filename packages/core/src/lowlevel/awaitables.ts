/**
 * Collections and records of awaitables, as `gather` and its kin take them.
 *
 * @since 0.1.0
 */
import * as awaitables from "../internal/combine/awaitables.ts"

export type { Shape } from "../internal/combine/awaitables.ts"

/**
 * Gives `awaitables` as the iterable that they are. Throws a TypeError for a single awaitable, and for what is not iterable;
 * `expected` begins its message.
 *
 * **Example** (A single task in place of a list)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const main = Effect.map(asyncio.currentTask, (task) => {
 *   try {
 *     return lowlevel.checkIterable(task, "first() expects a list of awaitables")
 *   } catch (error) {
 *     return String(error)
 *   }
 * })
 *
 * await asyncio.run(main) // => "TypeError: first() expects a list of awaitables, not Task"
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const checkIterable: (awaitables: unknown, expected: string) => Iterable<unknown> = awaitables.checkIterable

/**
 * Whether awaitables are given as a record: an object that is neither a collection nor a single awaitable.
 *
 * **Example** (What a record is)
 *
 * ```ts import.meta.vitest
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const given = [{ name: Promise.resolve("ada") }, [1], Promise.resolve(1), undefined]
 * given.map(lowlevel.isRecord) // => [true, false, false, false]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const isRecord: (awaitables: unknown) => awaitables is Readonly<Record<string, unknown>> = awaitables.isRecord
