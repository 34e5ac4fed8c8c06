/**
 * What the futures, tasks and loops of core have for packages on top of it, and not for programs.
 *
 * @since 0.1.0
 */
import type { EventLoop } from "../internal/model/EventLoop.ts"
import type { Future } from "../internal/model/Future.ts"
import type { Task } from "../internal/model/Task.ts"
import type { FutureImpl } from "../internal/task/future.ts"
import { noteSelfAwait } from "../internal/task/cannotAwait.ts"
import type { TaskImpl } from "../internal/task/task.ts"
import type { TaskLoop } from "../internal/task/taskLoop.ts"

/**
 * What stands for a future in another API, as compat's Task does; undefined until {@link setWrapper} has set it.
 *
 * **Example** (One wrapper for each future)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * class Job {
 *   readonly task: asyncio.Task<unknown, unknown>
 *   constructor(task: asyncio.Task<unknown, unknown>) {
 *     this.task = task
 *   }
 *   static of(task: asyncio.Task<unknown, unknown>): Job {
 *     const known = lowlevel.wrapperOf(task) as Job | undefined
 *     if (known !== undefined) return known
 *     const made = new Job(task)
 *     lowlevel.setWrapper(task, made)
 *     return made
 *   }
 * }
 *
 * const task = await asyncio.run(asyncio.currentTask)
 * Job.of(task) === Job.of(task) // => true
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const wrapperOf = (future: Future<unknown, unknown>): unknown =>
  (future as Partial<FutureImpl> | null | undefined)?.wrapper

/**
 * Sets what stands for a future in another API, for {@link wrapperOf}. There is one such API in a program.
 *
 * **Example** (A wrapper)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const task = await asyncio.run(asyncio.currentTask)
 * lowlevel.setWrapper(task, { kind: "job" })
 * lowlevel.wrapperOf(task) // => { kind: "job" }
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const setWrapper = (future: Future<unknown, unknown>, wrapper: unknown): void => {
  ;(future as unknown as FutureImpl).wrapper = wrapper
}

/**
 * Whether a failure of a future would not be reported by the loop as never retrieved: it was retrieved, or there is none.
 *
 * **asyncio**
 *
 * The private `_log_traceback` of [`asyncio.Future`](https://docs.python.org/3/library/asyncio-future.html#asyncio.Future), the other
 * way round.
 *
 * **Example** (Before and after it is retrieved)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const task = yield* asyncio.createTask(Effect.fail("broken"))
 *   yield* asyncio.wait([task])
 *   const before = lowlevel.exceptionRetrieved(task)
 *   yield* task.exception()
 *   return [before, lowlevel.exceptionRetrieved(task)]
 * })
 *
 * await asyncio.run(main) // => [false, true]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const exceptionRetrieved = (future: Future<unknown, unknown>): boolean =>
  (future as unknown as FutureImpl).unretrieved === undefined

/**
 * Says that a task is about to await itself, while the line at which it does can still be seen: the error then names it. For
 * coroutines of other kinds; `yield* task` does it by itself.
 *
 * **Example** (How the task printed at that line)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const itself: lowlevel.Coroutine<void, unknown> = {
 *   begin: (control) => {
 *     lowlevel.noteSelfAwaitUnsafe(control.task)
 *     control.await(control.task, (exit) => control.end(exit as never))
 *   },
 *   cancelRequested: () => {},
 *   describe: () => ({ name: "itself", definedAt: undefined, calledAt: undefined })
 * }
 *
 * const error = await lowlevel.runCoroutine(itself).catch((error: Error) => error)
 * String(error) // => "RuntimeError: Task cannot await on itself: <Task pending name='Task-1' coro=<itself() running> cb=[_run_until_complete_cb()]>"
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const noteSelfAwaitUnsafe = (task: Task<unknown, unknown>): void => noteSelfAwait(task as unknown as TaskImpl)

/**
 * Has the next callback of `loop` wait until the host's microtask queue is empty. Code that resolves a promise inside a callback
 * calls this, so that the promise's readers run before the next callback does.
 *
 * With the `task` whose code reads the promise, the next callback of the same iteration runs as soon as the task waits for something
 * again or is done, which costs much less to see than that no microtask is left.
 *
 * **Example** (The reader of a promise comes before the next callback)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const lines: Array<string> = []
 * const loop = asyncio.newEventLoop()
 * loop.callSoonUnsafe(() => {
 *   void Promise.resolve().then(() => lines.push("reader"))
 *   lowlevel.settleMicrotasksUnsafe(loop)
 * })
 * loop.callSoonUnsafe(() => lines.push("next callback"))
 *
 * await loop.runUntilComplete(loop.sleepUnsafe(1))
 * lines // => ["reader", "next callback"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const settleMicrotasksUnsafe = (loop: EventLoop, task?: Task<unknown, unknown>): void =>
  (loop as TaskLoop).settleMicrotasksUnsafe(task)

/**
 * What a package knows of the code that it drives, for {@link attachUnsafe}.
 *
 * @category models
 * @since 0.1.0
 */
export interface Surroundings {
  /**
   * Finds the task of code that runs neither in a step of the loop nor in a fiber, such as an async function behind an
   * `await`, by some ambient state of the host. What that code makes starts with the task's context variables.
   */
  readonly ambientTask?: ((loop: EventLoop) => Task<unknown, unknown> | undefined) | undefined
  /**
   * Wraps every callback that a program gives to the loop or to a future. A callback is in no task, but sees the
   * `AsyncLocalStorage` stores of the code that registered it: a package that keeps the current task in one says here that
   * there is none.
   */
  readonly aroundCallback?: ((loop: EventLoop, callback: () => void) => void) | undefined
}

/**
 * Tells a loop what is around the code that a package drives on it.
 *
 * **Example** (Whose code runs where no fiber does)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * let driven: asyncio.Task<unknown, unknown> | undefined
 * const loop = asyncio.newEventLoop()
 * lowlevel.attachUnsafe(loop, { ambientTask: () => driven })
 *
 * const task = await asyncio.run(asyncio.currentTask, { loopFactory: () => loop })
 * driven = task
 * loop.currentTaskUnsafe() === task // => true
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const attachUnsafe = (loop: EventLoop, surroundings: Surroundings): void => {
  const impl = loop as TaskLoop
  impl.ambientTask = surroundings.ambientTask
  impl.aroundCallback = surroundings.aroundCallback
}
