/**
 * Running a program.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Context from "effect/Context"
import type * as Layer from "effect/Layer"
import type * as ManagedRuntime from "effect/ManagedRuntime"
import { checkOutside, insideRun, makeLoop } from "./internal/loop.ts"
import { heard } from "./internal/unhandled.ts"
import { servicesOf } from "./internal/services.ts"
import { contextOf, runIn, type Current, current } from "./internal/current.ts"
import { type AsyncFunction, Task, toCoroutine } from "./Task.ts"

/**
 * Options of {@link run}.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunOptions extends Omit<asyncio.RunOptions, "loopFactory"> {
  /** Makes the loop; it must pass `options` on. It is closed when the run ends. */
  readonly loopFactory?:
    | ((options: asyncio.EventLoopOptions & lowlevel.IterationOptions) => asyncio.EventLoop)
    | undefined
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
 * Rejects with a TypeError for what is not a function. Inside of a run it joins that one: the function becomes a task of its
 * loop, and the promise waits for it as `await task` does; what it leaves ends with the run around, whose are the options
 * `debug`, `handleSigint` and `signals` too. A loop or a clock of its own cannot be had there:
 * `RuntimeError: asyncio.run() with a loop of its own cannot be called from a running event loop`.
 *
 * **Cancellation**
 *
 * The first Ctrl-C cancels the main task, which may clean up for as long as the option `grace` says; by default without end, but a main task that
 * hangs on a plain promise is given up after 5 seconds. The second one ends the process. So do the signals of the option
 * `signals`, such as `["SIGTERM"]`: `run` then rejects with `Terminated`.
 *
 * **asyncio**
 *
 * Same as [`asyncio.run(main())`](https://docs.python.org/3/library/asyncio-runner.html#asyncio.run), but it takes the function
 * and returns a promise. Inside of a run asyncio refuses, because it would have to block; nothing blocks here.
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
 * **Example** (SIGTERM as in a container, and not for ever)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 *
 * const lines: Array<string> = []
 *
 * const service = async () => {
 *   try {
 *     await asyncio.sleep("1 hour")
 *   } finally {
 *     lines.push("drained")
 *   }
 * }
 *
 * const end = await asyncio.run(async () => {
 *   process.emit("SIGTERM")
 *   await service()
 * }, { signals: ["SIGTERM"], grace: "10 seconds" }).catch(String)
 * end // => "Terminated: stopped by SIGTERM"
 * lines // => ["drained"]
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const run = async <A>(main: AsyncFunction<A>, options: RunOptions = {}): Promise<A> => {
  const here = insideRun()
  // A task in no run may wait for a run.
  const owner = here === undefined ? current()?.scope?.signal : undefined
  const coroutine = toCoroutine(main, undefined, owner)
  lowlevel.checkOptions(options, "run()", "{ debug: true }")
  return here === undefined ? await runOutermost(coroutine, options) : await join(here, coroutine, options)
}

/** Runs a coroutine as a task of the loop that the code is in. */
const join = async <A>(here: Current, coroutine: lowlevel.Coroutine<A, unknown>, options: RunOptions): Promise<A> => {
  const { clock, context, labels, loopFactory, name, runtime } = options
  if (loopFactory !== undefined || clock !== undefined) checkOutside("asyncio.run() with a loop of its own")
  const begin = (services: RunOptions["context"]): Promise<A> => {
    const around = contextOf(here)
    const own = services === undefined ? around : Context.merge(around, services)
    const task = Task.of<A>(lowlevel.createCoroutineTaskUnsafe(here.loop, coroutine, { name, labels, context: own }))
    return here.scope === undefined ? task.then() : runIn(here, () => task.then())
  }
  if (runtime === undefined) return await begin(context)
  const services = await servicesOf(runtime, context)
  try {
    return await begin(services.context)
  } finally {
    await services.release()
  }
}

const runOutermost = async <A>(coroutine: lowlevel.Coroutine<A, unknown>, options: RunOptions): Promise<A> => {
  const { loopFactory, runtime, ...given } = options
  const begin = (context: RunOptions["context"]) => {
    const loop = makeLoop(loopFactory, { clock: given.clock, context, debug: given.debug })
    return lowlevel.runCoroutine(coroutine, { ...given, context, loopFactory: () => loop })
  }
  if (runtime === undefined) return heard(begin(given.context))
  const services = await servicesOf(runtime, given.context)
  try {
    return await heard(begin(services.context))
  } finally {
    await services.release()
  }
}
