/**
 * Timeouts, task groups and shields around a part of a coroutine that is no Effect.
 *
 * @since 0.1.0
 */
import { Deadline } from "../internal/combine/timeout.ts"
import { checkGroupOptions, makeGroup } from "../internal/combine/failingMembers.ts"
import type { ChildScope, Coroutine, CoroutineScope } from "../internal/model/Coroutine.ts"
import { checkScope } from "../internal/model/loopArguments.ts"
import type { OpenTaskGroup, OpenTaskGroupOptions } from "../internal/model/TaskGroup.ts"
import type { Grace, OpenTimeout } from "../internal/model/Timeout.ts"
import type { CallbackScope } from "../internal/task/callbackScope.ts"
import { shieldedFor } from "../internal/task/shieldedScope.ts"

export type { OpenTaskGroup, OpenTaskGroupOptions } from "../internal/model/TaskGroup.ts"
export type { Grace, OpenTimeout } from "../internal/model/Timeout.ts"

/**
 * `timeoutAt` for other kinds of coroutine: begins a timeout that cancels `scope`, and is to be left by its owner.
 *
 * **When to use**
 *
 * When you bring a kind of coroutine of your own, see `Coroutine`. Programs use `timeout`.
 *
 * **Details**
 *
 * A body that does not end when it is asked to can be given up: `beginGraceUnsafe`, called from the time when the deadline makes its request,
 * has `grace` told later. It costs no timer of its own.
 *
 * **asyncio**
 *
 * What [`asyncio.Timeout`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Timeout) does in `__aenter__` and
 * `__aexit__`.
 *
 * **Example** (A deadline in a coroutine of another kind)
 *
 * ```ts import.meta.vitest
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const slow: lowlevel.Coroutine<void, unknown> = {
 *   begin: (control) => {
 *     const { loop } = control.task
 *     const deadline = lowlevel.openTimeoutUnsafe(control, loop.time() + 5)
 *     control.await(loop.sleepUnsafe("1 hour"), (exit) => control.end(deadline.leaveUnsafe(exit)))
 *   },
 *   cancelRequested: () => {},
 *   describe: () => ({ name: "slow", definedAt: undefined, calledAt: undefined })
 * }
 *
 * await lowlevel.runCoroutine(slow).catch((error: Error) => error.name) // => "TimeoutError"
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const openTimeoutUnsafe = (scope: CoroutineScope, when: number | undefined, grace?: Grace): OpenTimeout => {
  checkScope(scope, "openTimeoutUnsafe()")
  return new Deadline(scope as CallbackScope, when, undefined, grace)
}

/**
 * `taskGroup` for other kinds of coroutine: opens a group that cancels `scope`, and is to be closed by its owner.
 *
 * **When to use**
 *
 * When you bring a kind of coroutine of your own, see `Coroutine`. Programs use `taskGroup`.
 *
 * **asyncio**
 *
 * What [`asyncio.TaskGroup`](https://docs.python.org/3/library/asyncio-task.html#asyncio.TaskGroup) does in `__aenter__` and
 * `__aexit__`.
 *
 * **Example** (A group in a coroutine of another kind)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect, Exit } from "effect"
 *
 * const lines: Array<string> = []
 * const child = Effect.andThen(asyncio.sleep(1), Effect.sync(() => lines.push("child")))
 *
 * const program: lowlevel.Coroutine<void, unknown> = {
 *   begin: (control) => {
 *     const group = lowlevel.openTaskGroupUnsafe(control)
 *     control.run(group.createTask(child), () => {
 *       lines.push("body")
 *       control.run(group.close(Exit.void), (exit) => control.end(exit))
 *     })
 *   },
 *   cancelRequested: () => {},
 *   describe: () => ({ name: "program", definedAt: undefined, calledAt: undefined })
 * }
 *
 * await lowlevel.runCoroutine(program)
 * lines // => ["body", "child"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const openTaskGroupUnsafe = (scope: CoroutineScope, options?: OpenTaskGroupOptions): OpenTaskGroup => {
  checkScope(scope, "openTaskGroupUnsafe()")
  if (options === undefined) return makeGroup(scope as CallbackScope, undefined)
  checkGroupOptions(options, "openTaskGroupUnsafe()")
  return makeGroup(scope as CallbackScope, options)
}

/**
 * `shielded` for other kinds of coroutine: opens a scope inside `scope` that no cancellation enters from around it, or only
 * when one was held back for `limit` milliseconds.
 *
 * **When to use**
 *
 * When you bring a kind of coroutine of your own, see `Coroutine`. Programs use `shielded`.
 *
 * **Example** (A shielded part of a coroutine of another kind)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect, Exit } from "effect"
 *
 * const program: lowlevel.Coroutine<boolean, unknown> = {
 *   begin: (control) => {
 *     const inside = lowlevel.openShieldUnsafe(control, { cancelRequested: () => {} })
 *     inside.await(control.task.loop.sleepUnsafe(5), (exit) => {
 *       inside.leave()
 *       control.end(Exit.succeed(Exit.isSuccess(exit)))
 *     })
 *   },
 *   cancelRequested: () => {},
 *   describe: () => ({ name: "program", definedAt: undefined, calledAt: undefined })
 * }
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   const task = lowlevel.createCoroutineTaskUnsafe(loop, program)
 *   yield* asyncio.sleep(0)
 *   yield* task.cancel()
 *   return yield* asyncio.wait([task])
 * })
 *
 * const { done } = await asyncio.run(main)
 * done.size // => 1
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const openShieldUnsafe = (
  scope: CoroutineScope,
  driver: Pick<Coroutine<unknown, unknown>, "cancelRequested" | "carriesStores">,
  limit?: number
): ChildScope => {
  checkScope(scope, "openShieldUnsafe()")
  return (scope as CallbackScope).openScope(driver, shieldedFor(limit))
}
