/**
 * Other kinds of coroutine: how something that is not an Effect becomes a task.
 *
 * Core runs Effects. The compat package runs async functions, through this module and nothing else; a generator library
 * or a state machine of your own can do the same, and its tasks are full members of the loop.
 *
 * @since 0.1.0
 */
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { CancelledError } from "./errors.ts"
import * as context from "./internal/host/asyncContext.ts"
import type { EventLoop } from "./EventLoop.ts"
import type { Future } from "./Future.ts"
import * as args from "./internal/model/arguments.ts"
import * as internal from "./internal/make/coroutines.ts"
import type { EventLoopImpl } from "./internal/make/eventLoop.ts"
import { PromiseFuture } from "./internal/task/promises.ts"
import { runCoroutine as internalRunCoroutine } from "./internal/run/run.ts"
import type { RunOptions } from "./run.ts"
import type { Task } from "./Task.ts"
import type { Coroutine, CoroutineTaskOptions } from "./internal/model/Coroutine.ts"

export type {
  Coroutine,
  ChildScope,
  CoroutineControl,
  CoroutineScope,
  CoroutineTaskOptions,
  Resumption
} from "./internal/model/Coroutine.ts"

/**
 * Makes a task of `loop` that runs `coroutine`. Its first step runs on the loop's next turn.
 *
 * **Example** (A generator that yields futures)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Cause, Effect, Exit } from "effect"
 *
 * type Steps = Generator<asyncio.Future<unknown, unknown>, string, unknown>
 *
 * const toCoroutine = (steps: Steps, name: string): asyncio.Coroutine<string, unknown> => ({
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
 *   const task = asyncio.createCoroutineTaskUnsafe(loop, toCoroutine(greet(), "greet"), { name: "greeter" })
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
 * import { Effect, Exit } from "effect"
 *
 * const whoAmI: asyncio.Coroutine<string, asyncio.CancelledError> = {
 *   begin: (control) => control.nextTurn((exit) => control.end(Exit.map(exit, () => control.task.getName()))),
 *   cancelRequested: () => {},
 *   describe: () => ({ name: "whoAmI", definedAt: undefined, calledAt: undefined })
 * }
 *
 * const main = Effect.gen(function*() {
 *   const worker = yield* asyncio.createTask(asyncio.embedCoroutine(whoAmI), { name: "worker" })
 *   return [yield* asyncio.embedCoroutine(whoAmI), yield* worker]
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
 * import { Exit } from "effect"
 *
 * const whoAmI: asyncio.Coroutine<string, asyncio.CancelledError> = {
 *   begin: (control) => control.nextTurn((exit) => control.end(Exit.map(exit, () => control.task.getName()))),
 *   cancelRequested: () => {},
 *   describe: () => ({ name: "whoAmI", definedAt: undefined, calledAt: undefined })
 * }
 *
 * await asyncio.runCoroutine(whoAmI, { name: "main" }) // => "main"
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const runCoroutine: <A, E>(coroutine: Coroutine<A, E>, options?: RunOptions) => Promise<A> = internalRunCoroutine

/**
 * A future of `loop` that ends as `promise` does, for one await: when that is cancelled, or its scope is over, the promise is given
 * up. A promise that many give up keeps nothing of them.
 *
 * **Example** (A promise that is given up)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   const there = yield* asyncio.promiseFutureUnsafe(loop, Promise.resolve("there"))
 *   const never = asyncio.promiseFutureUnsafe(loop, new Promise<string>(() => {}))
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
 * for something that is not asyncio's, and from then on the loop lets promises settle between two ticks.
 *
 * **Example** (A gather without a fiber around)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect, Exit } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   const context = yield* Effect.context()
 *   const made = asyncio.runAtOnceUnsafe(loop, context, asyncio.gatherFuture([asyncio.sleep(1, "one"), asyncio.sleep(1, "two")]))
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

/**
 * A delay in milliseconds, for functions that take one. A ValueError for NaN, a TypeError for what is no duration.
 *
 * **Example** (What a delay may be)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 *
 * const delays = [asyncio.toMillis(250), asyncio.toMillis("2 seconds"), asyncio.toMillis({ minutes: 1 })]
 * delays // => [250, 2000, 60_000]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const toMillis: (delay: Duration.Input) => number = args.toMillis

/**
 * Throws a TypeError where `options` of `operation` are given and are no object; `example` shows what they look like.
 *
 * **Example** (A bare number in place of options)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const connect = (options?: { readonly retries?: number }) =>
 *   Effect.sync(() => {
 *     asyncio.checkOptions(options, "connect()", "{ retries: 3 }")
 *     return options?.retries ?? 0
 *   })
 *
 * const fromJavaScript = connect(3 as never)
 * const main = Effect.catchDefect(fromJavaScript, (defect) => Effect.succeed(String(defect)))
 *
 * await asyncio.run(main) // => "TypeError: an object of options was expected by connect(), got 3"
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const checkOptions: (options: unknown, operation: string, example: string) => void = args.checkOptions

/**
 * Throws a TypeError where `value`, an argument of `operation`, is no function; `example` shows the call.
 *
 * **Example** (A generator function that nobody would run)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const onMessage = (handler: (message: string) => unknown) =>
 *   Effect.sync(() => {
 *     asyncio.checkFunction(handler, "onMessage()", "onMessage((message) => ...)")
 *     return "registered"
 *   })
 *
 * const wrong = onMessage(function*() {})
 * const seen = [
 *   await asyncio.run(onMessage((message) => message)),
 *   await asyncio.run(Effect.catchDefect(wrong, () => Effect.succeed("refused")))
 * ]
 * seen // => ["registered", "refused"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const checkFunction: (value: unknown, operation: string, example: string) => void = args.checkFunction

/**
 * The stores of every `AsyncLocalStorage` of the host, as they were at some time.
 *
 * @category for libraries
 * @since 0.1.0
 */
export type AsyncContext = unknown

/**
 * Remembers the stores of the host's `AsyncLocalStorage`; on Node 24 it costs next to nothing, and where a host has none it
 * remembers nothing.
 *
 * **Example** (The store of a request, kept for later)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { AsyncLocalStorage } from "node:async_hooks"
 *
 * const request = new AsyncLocalStorage<string>()
 * const context = request.run("request 1", () => asyncio.captureAsyncContext())
 *
 * const seen = [request.getStore(), asyncio.runInAsyncContext(context, () => request.getStore(), undefined)]
 * seen // => [undefined, "request 1"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const captureAsyncContext: () => AsyncContext = context.captureAsyncContext

/**
 * Calls `f` with stores that {@link captureAsyncContext} remembered. What `f` enters with `enterWith` stays in it.
 *
 * **Example** (A handler sees the stores of who registered it)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { AsyncLocalStorage } from "node:async_hooks"
 *
 * const user = new AsyncLocalStorage<string>()
 * const handlers: Array<(event: string) => string> = []
 * const on = (handler: (event: string) => string) => {
 *   const context = asyncio.captureAsyncContext()
 *   handlers.push((event) => asyncio.runInAsyncContext(context, handler, event))
 * }
 *
 * user.run("ada", () => on((event) => `${user.getStore()}: ${event}`))
 *
 * user.run("grace", () => handlers.map((handler) => handler("saved"))) // => ["ada: saved"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const runInAsyncContext: <A, B>(context: AsyncContext, f: (argument: A) => B, argument: A) => B =
  context.runInAsyncContext
