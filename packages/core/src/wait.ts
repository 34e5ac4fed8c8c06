/**
 * Waiting for some of several futures.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { isPromiseLike } from "effect/Predicate"
import { ValueError } from "./errors.ts"
import { withHint } from "./internal/model/hints.ts"
import { type Future, isFuture } from "./Future.ts"
import { checkOptions, toMillis } from "./internal/model/arguments.ts"
import { callerOf, checkIterable } from "./internal/combine/awaitables.ts"
import type { FutureImpl } from "./internal/task/future.ts"
import { describe } from "./internal/model/repr.ts"
import { plain } from "./internal/data/text.ts"
import { waitUntil } from "./internal/combine/waitUntil.ts"
import type { ReturnWhen } from "./internal/model/ReturnWhen.ts"

export type { ReturnWhen } from "./internal/model/ReturnWhen.ts"

/**
 * As soon as one future is done.
 *
 * **asyncio**
 *
 * Same as [`asyncio.FIRST_COMPLETED`](https://docs.python.org/3/library/asyncio-task.html#asyncio.FIRST_COMPLETED).
 *
 * **Example** (The quick one)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const tasks = [
 *     yield* asyncio.createTask(asyncio.sleep(2), { name: "slow" }),
 *     yield* asyncio.createTask(Effect.void, { name: "quick" })
 *   ]
 *   const { done } = yield* asyncio.wait(tasks, { returnWhen: asyncio.FIRST_COMPLETED })
 *   return Array.from(done, (task) => task.getName())
 * })
 *
 * await asyncio.run(main, { loopFactory: makeVirtualTimeLoop }) // => ["quick"]
 * ```
 *
 * @category constants
 * @since 0.1.0
 */
export const FIRST_COMPLETED = "FIRST_COMPLETED"

/**
 * As soon as one future fails; a cancelled one does not count. Otherwise when all are done.
 *
 * **asyncio**
 *
 * Same as [`asyncio.FIRST_EXCEPTION`](https://docs.python.org/3/library/asyncio-task.html#asyncio.FIRST_EXCEPTION).
 *
 * **Example** (Until one fails)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const tasks = [
 *     yield* asyncio.createTask(asyncio.sleep(2), { name: "slow" }),
 *     yield* asyncio.createTask(Effect.andThen(asyncio.sleep(1), Effect.fail("no")), { name: "failing" }),
 *     yield* asyncio.createTask(Effect.void, { name: "quick" })
 *   ]
 *   const { done } = yield* asyncio.wait(tasks, { returnWhen: asyncio.FIRST_EXCEPTION })
 *   return Array.from(done, (task) => task.getName())
 * })
 *
 * await asyncio.run(main, { loopFactory: makeVirtualTimeLoop }) // => ["failing", "quick"]
 * ```
 *
 * @category constants
 * @since 0.1.0
 */
export const FIRST_EXCEPTION = "FIRST_EXCEPTION"

/**
 * When all futures are done.
 *
 * **asyncio**
 *
 * Same as [`asyncio.ALL_COMPLETED`](https://docs.python.org/3/library/asyncio-task.html#asyncio.ALL_COMPLETED).
 *
 * **Example** (All of them)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const tasks = [
 *     yield* asyncio.createTask(asyncio.sleep(2), { name: "slow" }),
 *     yield* asyncio.createTask(Effect.andThen(asyncio.sleep(1), Effect.fail("no")), { name: "failing" }),
 *     yield* asyncio.createTask(Effect.void, { name: "quick" })
 *   ]
 *   const { done } = yield* asyncio.wait(tasks, { returnWhen: asyncio.ALL_COMPLETED })
 *   return Array.from(done, (task) => task.getName())
 * })
 *
 * await asyncio.run(main, { loopFactory: makeVirtualTimeLoop }) // => ["slow", "failing", "quick"]
 * ```
 *
 * @category constants
 * @since 0.1.0
 */
export const ALL_COMPLETED = "ALL_COMPLETED"

/**
 * Options of {@link wait}.
 *
 * @category models
 * @since 0.1.0
 */
export interface WaitOptions {
  /** The longest to wait; no limit by default. A bare number is milliseconds. */
  readonly timeout?: Duration.Input | undefined
  /** When to return; `ALL_COMPLETED` by default. */
  readonly returnWhen?: ReturnWhen | undefined
}

/**
 * What {@link wait} found, in the order the futures were given.
 *
 * @category models
 * @since 0.1.0
 */
export interface WaitResult<F> {
  readonly done: ReadonlySet<F>
  readonly pending: ReadonlySet<F>
}

/**
 * Waits for futures and tells which are done and which are not. Does not fail when they do, or when the time is up.
 *
 * **Details**
 *
 * Takes futures and tasks; the same one twice counts once. Coroutines are a defect, `TypeError: Passing coroutines is
 * forbidden, use tasks explicitly.`, because the caller would not know which task is whose; so are nothing at all,
 * `ValueError: Set of Tasks/Futures is empty.`, and a single future.
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
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const fast = yield* asyncio.createTask(asyncio.sleep(1), { name: "fast" })
 *   const slow = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "slow" })
 *   const { done, pending } = yield* asyncio.wait([fast, slow], { returnWhen: "FIRST_COMPLETED" })
 *   return [[...done].map((task) => task.getName()), [...pending].map((task) => task.getName())]
 * })
 *
 * await asyncio.run(main) // => [["fast"], ["slow"]]
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const wait = <F extends Future<unknown, unknown>>(
  futures: Iterable<F>,
  options: WaitOptions = {}
): Effect.Effect<WaitResult<F>> =>
  Effect.withFiber((fiber) => {
    checkOptions(options, "wait()", '{ timeout: "1 second" }')
    const { returnWhen = ALL_COMPLETED, timeout } = options
    const members = new Set(checkIterable(futures, "expect a list of futures"))
    if (members.size === 0) {
      // When: `wait` of nothing, which would never end.
      throw withHint(new ValueError("Set of Tasks/Futures is empty."), "Ask whether there is something to wait for.")
    }
    if (![FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED].includes(returnWhen)) {
      // When: the option `returnWhen` of `wait` is none of its three values.
      throw withHint(
        new ValueError(
          `Invalid return_when value: ${typeof returnWhen === "string" ? plain(returnWhen) : describe(returnWhen)}`
        ),
        "Use `FIRST_COMPLETED`, `FIRST_EXCEPTION` or `ALL_COMPLETED`."
      )
    }
    for (const member of members) {
      if (isFuture(member)) continue
      // When: `wait` got something else than tasks and futures. What it gives back could not be told apart.
      throw withHint(
        new TypeError("Passing coroutines is forbidden, use tasks explicitly."),
        `Make a task of ${describe(member)} first, with \`${isPromiseLike(member) ? "ensureFuture" : "createTask"}\`, and keep it to look it up in \`done\`.`
      )
    }
    const millis = timeout === undefined ? undefined : toMillis(timeout)
    return Effect.map(waitUntil(callerOf(fiber), members as ReadonlySet<FutureImpl>, returnWhen, millis), () => {
      const all = [...(members as ReadonlySet<F>)]
      return { done: new Set(all.filter((each) => each.done())), pending: new Set(all.filter((each) => !each.done())) }
    })
  })
