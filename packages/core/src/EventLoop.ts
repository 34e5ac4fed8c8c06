/**
 * The event loop: one FIFO queue of the steps of tasks, of callbacks, and of plain Effect fibers.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { loopOf, makeEventLoop } from "./internal/make/loops.ts"
import type { EventLoop, EventLoopOptions, TaskFactory } from "./internal/model/EventLoop.ts"

export type {
  EventLoop,
  EventLoopOptions,
  ExceptionContext,
  ExceptionHandler,
  LoopSnapshot,
  TaskFactory
} from "./internal/model/EventLoop.ts"

/**
 * Makes an event loop that runs only while `runUntilComplete` is under way.
 *
 * **When to use**
 *
 * `run` makes its own. Make one to give several runs the same loop, or to choose its clock.
 *
 * **asyncio**
 *
 * [`asyncio.new_event_loop()`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.new_event_loop). There is no
 * `set_event_loop`: a run is given its loop.
 *
 * **Example** (Callbacks without a program)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 *
 * const lines: Array<string> = []
 * const loop = asyncio.newEventLoop()
 * loop.callSoonUnsafe(() => lines.push("callback"))
 *
 * await loop.runUntilComplete(loop.sleepUnsafe("1 milli"))
 * loop.closeUnsafe()
 *
 * lines // => ["callback"]
 * loop.isClosed() // => true
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options?: EventLoopOptions): EventLoop => makeEventLoop(options)

/**
 * The loop that tasks made here belong to.
 *
 * **Details**
 *
 * Inside `run` that is the loop of the run. Elsewhere every `Clock` has a loop of its own, which works whenever there
 * is something to do: tasks made in a test that provides `TestClock` run on virtual time.
 *
 * **asyncio**
 *
 * [`asyncio.get_running_loop()`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_running_loop), which fails
 * where we have the loop of the clock.
 *
 * **Example** (A callback on the next iteration)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const lines: Array<string> = []
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   yield* loop.callSoon(() => lines.push("callback"))
 *   lines.push("main")
 *   yield* asyncio.sleep(0)
 * })
 *
 * await asyncio.run(main)
 * lines // => ["main", "callback"]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const getRunningLoop: Effect.Effect<EventLoop> = /*#__PURE__*/ Effect.withFiber((fiber) =>
  Effect.succeed(loopOf(fiber))
)

/**
 * A task factory that starts every task inside the call that makes it, unless it is made with `eagerStart: false`.
 *
 * **asyncio**
 *
 * Same as [`asyncio.eager_task_factory`](https://docs.python.org/3/library/asyncio-task.html#asyncio.eager_task_factory).
 *
 * **Example** (No iteration for a coroutine that does not wait)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   yield* loop.setTaskFactory(asyncio.eagerTaskFactory)
 *   const task = yield* asyncio.createTask(Effect.succeed(1))
 *   return task.done()
 * })
 *
 * await asyncio.run(main) // => true
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const eagerTaskFactory: TaskFactory = (make, options) =>
  make(options?.eagerStart === undefined ? { ...options, eagerStart: true } : options)
