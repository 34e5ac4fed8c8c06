/**
 * Other kinds of coroutine: how something that is not an Effect becomes a task.
 *
 * Core runs Effects. The compat package runs async functions, through this and nothing else; a generator library
 * or a state machine of your own can do the same, and its tasks are full members of the loop.
 *
 * @since 0.1.0
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { CancelledError } from "../errors.ts"
import type { EventLoop } from "../EventLoop.ts"
import type { Future } from "../Future.ts"
import * as internal from "../internal/make/coroutines.ts"
import type { EventLoopImpl } from "../internal/make/eventLoop.ts"
import { PromiseFuture } from "../internal/task/promises.ts"
import { runCoroutine as internalRunCoroutine } from "../internal/run/run.ts"
import type { RunOptions } from "../run.ts"
import type { Runner } from "../Runner.ts"
import type { Task } from "../Task.ts"
import type { Coroutine, CoroutineTaskOptions } from "../internal/model/Coroutine.ts"

export type {
  Coroutine,
  CoroutineDescription,
  ChildScope,
  CoroutineControl,
  CoroutineScope,
  CoroutineTaskOptions,
  Resumption
} from "../internal/model/Coroutine.ts"

/**
 * Makes a task of `loop` that runs `coroutine`. Its first step runs on the loop's next iteration.
 *
 * **Example** (A generator that yields futures)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Cause, Effect, Exit } from "effect"
 *
 * type Steps = Generator<asyncio.Future<unknown, unknown>, string, unknown>
 *
 * const toCoroutine = (steps: Steps, name: string): lowlevel.Coroutine<string, unknown> => ({
 *   begin: (control) => {
 *     const goOn = (exit: Exit.Exit<unknown, unknown>): void => {
 *       try {
 *         const { done, value } = Exit.isSuccess(exit) ? steps.next(exit.value) : steps.throw(Cause.squash(exit.cause))
 *         if (done) control.end(Exit.succeed(value))
 *         else control.await(value, goOn)
 *       } catch (error) {
 *         control.end(Exit.fail(error))
 *       }
 *     }
 *     goOn(Exit.void)
 *   },
 *   cancelRequested: () => {},
 *   describe: () => ({ name, definedAt: undefined, calledAt: undefined })
 * })
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   const greet = function*(): Steps {
 *     yield loop.sleepUnsafe(1)
 *     return "hello"
 *   }
 *   const task = lowlevel.createCoroutineTaskUnsafe(loop, toCoroutine(greet(), "greet"), { name: "greeter" })
 *   return [String(task), yield* task]
 * })
 *
 * await asyncio.run(main) // => ["<Task pending name='greeter' coro=<greet() running>>", "hello"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const createCoroutineTaskUnsafe: <A, E>(
  loop: EventLoop,
  coroutine: Coroutine<A, E>,
  options?: CoroutineTaskOptions
) => Task<A, E> = internal.createCoroutineTask

/**
 * An Effect that runs `coroutine` as a part of the task it is in, and ends as the coroutine does.
 *
 * **Details**
 *
 * `control.task` is the current task. In a plain fiber, such as a branch of `Effect.all`, the coroutine becomes a task of
 * its own, which the fiber awaits.
 *
 * **Cancellation**
 *
 * A cancellation of the task is the coroutine's: its awaits in flight are cancelled, and `cancelRequested` is called. If
 * the fiber is interrupted natively, every further await of the coroutine is cancelled as well, and its end waited for.
 *
 * **Example** (A part of the task around)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect, Exit } from "effect"
 *
 * const whoAmI: lowlevel.Coroutine<string, asyncio.CancelledError> = {
 *   begin: (control) => control.nextIteration((exit) => control.end(Exit.map(exit, () => control.task.getName()))),
 *   cancelRequested: () => {},
 *   describe: () => ({ name: "whoAmI", definedAt: undefined, calledAt: undefined })
 * }
 *
 * const main = Effect.gen(function*() {
 *   const worker = yield* asyncio.createTask(lowlevel.embedCoroutine(whoAmI), { name: "worker" })
 *   return [yield* lowlevel.embedCoroutine(whoAmI), yield* worker]
 * })
 *
 * await asyncio.run(main) // => ["Task-1", "worker"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const embedCoroutine: <A, E>(coroutine: Coroutine<A, E>) => Effect.Effect<A, E | CancelledError> = internal.embed

/**
 * `run` for another kind of coroutine.
 *
 * **Example** (A coroutine as the whole program)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Exit } from "effect"
 *
 * const whoAmI: lowlevel.Coroutine<string, asyncio.CancelledError> = {
 *   begin: (control) => control.nextIteration((exit) => control.end(Exit.map(exit, () => control.task.getName()))),
 *   cancelRequested: () => {},
 *   describe: () => ({ name: "whoAmI", definedAt: undefined, calledAt: undefined })
 * }
 *
 * await lowlevel.runCoroutine(whoAmI, { name: "main" }) // => "main"
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const runCoroutine: <A, E>(coroutine: Coroutine<A, E>, options?: RunOptions) => Promise<A> = internalRunCoroutine

/**
 * `Runner.run` for another kind of coroutine.
 *
 * **Example** (Two coroutines on one loop)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Exit } from "effect"
 *
 * const whoAmI: lowlevel.Coroutine<string, asyncio.CancelledError> = {
 *   begin: (control) => control.nextIteration((exit) => control.end(Exit.map(exit, () => control.task.getName()))),
 *   cancelRequested: () => {},
 *   describe: () => ({ name: "whoAmI", definedAt: undefined, calledAt: undefined })
 * }
 *
 * const runner = new asyncio.Runner()
 * const names = [await lowlevel.runCoroutineIn(runner, whoAmI), await lowlevel.runCoroutineIn(runner, whoAmI)]
 * await runner.close()
 * names // => ["Task-1", "Task-2"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const runCoroutineIn = <A, E>(
  runner: Runner,
  coroutine: Coroutine<A, E>,
  options?: Pick<RunOptions, "context" | "name">
): Promise<A> => runner.runCoroutine(coroutine, options)

/**
 * A future of `loop` that ends as `promise` does, for one await: when that is cancelled, or its scope is over, the promise is given
 * up. A promise that many give up keeps nothing of them.
 *
 * **Example** (A promise that is given up)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   const there = yield* lowlevel.promiseFutureUnsafe(loop, Promise.resolve("there"))
 *   const never = lowlevel.promiseFutureUnsafe(loop, new Promise<string>(() => {}))
 *   const waiting = yield* asyncio.createTask(never)
 *   yield* asyncio.sleep(0)
 *   yield* waiting.cancel()
 *   yield* asyncio.wait([waiting])
 *   return [there, never.cancelled()]
 * })
 *
 * await asyncio.run(main) // => ["there", true]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const promiseFutureUnsafe = <A>(loop: EventLoop, promise: PromiseLike<A>): Future<A, unknown> =>
  new PromiseFuture(loop as EventLoopImpl, promise) as unknown as Future<A, unknown>

/**
 * Runs an Effect that does not suspend, where `context` is that of the code which calls: gives how it ended.
 *
 * **When to use**
 *
 * What is a function call for code of the loop and only happens to be written as an Effect. A fiber that begins in any other way may wait
 * for something that is not asyncio's, and from then on the loop lets promises settle between two iterations.
 *
 * **Example** (A gather without a fiber around)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect, Exit } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   const context = yield* Effect.context()
 *   const made = lowlevel.runAtOnceUnsafe(loop, context, asyncio.gatherFuture([asyncio.sleep(1, "one"), asyncio.sleep(1, "two")]))
 *   return Exit.isSuccess(made) ? yield* made.value : []
 * })
 *
 * await asyncio.run(main) // => ["one", "two"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const runAtOnceUnsafe = <A, E>(
  loop: EventLoop,
  context: Context.Context<never>,
  effect: Effect.Effect<A, E>
): Exit.Exit<A, E> => {
  const begin = Effect.runForkWith(context)
  const fiber = (loop as EventLoopImpl).lineage.asPart(() => begin(effect))
  return fiber.pollUnsafe()!
}
