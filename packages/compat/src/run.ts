/**
 * Running a program.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import type * as Layer from "effect/Layer"
import type * as ManagedRuntime from "effect/ManagedRuntime"
import { checkOutside, makeLoop } from "./internal/loop.ts"
import { heard } from "./internal/unhandled.ts"
import { servicesOf } from "./internal/services.ts"
import { type AsyncFunction, toCoroutine } from "./Task.ts"

/**
 * Options of {@link run}.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunOptions extends Omit<asyncio.RunOptions, "loopFactory"> {
  /** Makes the loop; it must pass `options` on. It is closed when the run ends. */
  readonly loopFactory?: ((options: asyncio.EventLoopOptions) => asyncio.EventLoop) | undefined
  /**
   * The Effect services of the program, for `runEffect` and tasks of core: a runtime that it has already, or a layer, which
   * is built for the run and closed after it.
   */
  readonly runtime?: ManagedRuntime.ManagedRuntime<never, unknown> | Layer.Layer<never, unknown> | undefined
}

/**
 * Runs an async function as the main task of a new loop: the edge of the program.
 *
 * **Details**
 *
 * Resolves with the function's result. Rejects with its error, with {@link CancelledError} when the main task was
 * cancelled, and with {@link KeyboardInterrupt} when Ctrl-C cancelled it. When the main task is done, the tasks that are
 * left are cancelled and awaited. The process stays alive as long as the main task waits.
 *
 * Rejects with `RuntimeError: asyncio.run() cannot be called from a running event loop` inside a task, and with a
 * TypeError for what is not a function.
 *
 * **Cancellation**
 *
 * The first Ctrl-C cancels the main task, which may clean up. The second one ends the process. So do the signals of the option
 * `signals`, such as `["SIGTERM"]`: `run` then rejects with `Terminated`.
 *
 * **asyncio**
 *
 * Same as `asyncio.run(main())`, but it takes the function and returns a promise.
 *
 * **Example** (A program)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   await asyncio.sleep("1 milli")
 *   return asyncio.currentTask()?.getName()
 * }) // => "Task-1"
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const run = async <A>(main: AsyncFunction<A>, options: RunOptions = {}): Promise<A> => {
  const coroutine = toCoroutine(main)
  checkOutside("asyncio.run()")
  asyncio.checkOptions(options, "run()", "{ debug: true }")
  const { loopFactory, runtime, ...given } = options
  const begin = (context: RunOptions["context"]) => {
    const loop = makeLoop(loopFactory, { clock: given.clock, context, debug: given.debug })
    return asyncio.runCoroutine(coroutine, { ...given, context, loopFactory: () => loop })
  }
  if (runtime === undefined) return heard(begin(given.context))
  const services = await servicesOf(runtime, given.context)
  try {
    return await heard(begin(services.context))
  } finally {
    await services.release()
  }
}
