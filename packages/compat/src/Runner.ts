/**
 * Several runs on one loop.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { EventLoop } from "./EventLoop.ts"
import { checkOutside, makeLoop } from "./internal/loop.ts"
import { type Services, servicesOf } from "./internal/services.ts"
import type { RunOptions } from "./run.ts"
import { heard } from "./internal/unhandled.ts"
import { type AsyncFunction, toCoroutine } from "./Task.ts"

/**
 * Options of {@link Runner}.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunnerOptions extends Omit<RunOptions, "labels" | "name"> {}

/**
 * Runs one main task after the other on the same loop.
 *
 * **Details**
 *
 * The loop is made at the first use. What a main task leaves behind goes on during the next run, and so do the values it
 * gave to context variables. `close` cancels and awaits what is left and closes the loop; after that, `run` rejects with
 * `RuntimeError: Runner is closed`.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Runner`](https://docs.python.org/3/library/asyncio-runner.html#asyncio.Runner); `await using` closes it.
 *
 * **Example** (Two runs, one count of tasks)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const name = async () => asyncio.currentTask()?.getName()
 *
 * const runner = new asyncio.Runner()
 * const names = [await runner.run(name), await runner.run(name)]
 * await runner.close()
 * names // => ["Task-1", "Task-2"]
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export class Runner implements AsyncDisposable {
  readonly #core: asyncio.Runner
  readonly #options: RunnerOptions
  #services: Promise<Services> | undefined = undefined

  constructor(options: RunnerOptions = {}) {
    this.#options = options
    lowlevel.checkOptions(options, "Runner()", "{ debug: true }")
    const { loopFactory, ...given } = options
    if (loopFactory !== undefined)
      lowlevel.checkFunction(loopFactory, "Runner()", "{ loopFactory: makeVirtualTimeLoop }")
    const make = () => makeLoop(loopFactory, { clock: given.clock, context: given.context, debug: given.debug })
    this.#core = new asyncio.Runner({ ...given, loopFactory: make })
  }

  /** The loop of the runs. */
  getLoop(): EventLoop {
    return EventLoop.of(this.#core.getLoop())
  }

  /** Runs `main` as a main task; see `run`. */
  async run<A>(main: AsyncFunction<A>, options?: Pick<RunOptions, "context" | "labels" | "name">): Promise<A> {
    const coroutine = toCoroutine(main)
    checkOutside("Runner.run()")
    lowlevel.checkOptions(options, "Runner.run()", '{ name: "main" }')
    const context = options?.context ?? this.#options.context
    if (this.#options.runtime === undefined)
      return await heard(lowlevel.runCoroutineIn(this.#core, coroutine, { ...options, context }))
    // A closed runner rejects before services are built, which would never be released.
    this.#core.getLoop()
    const services = await this.#servicesOver(context)
    return await heard(lowlevel.runCoroutineIn(this.#core, coroutine, { ...options, context: services.context }))
  }

  /** Builds the services at the first run; what could not be built is tried again by the next one. */
  async #servicesOver(context: RunOptions["context"]): Promise<Services> {
    const building = (this.#services ??= servicesOf(this.#options.runtime, context))
    try {
      return await building
    } catch (error) {
      if (this.#services === building) this.#services = undefined
      throw error
    }
  }

  /** Cancels what is left, waits for it, and closes the loop. Closing twice does nothing. */
  async close(): Promise<void> {
    try {
      await this.#core.close()
    } finally {
      const services = this.#services
      this.#services = undefined
      await (await services)?.release()
    }
  }

  /** {@link close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** How it prints: its state, in the words of Python's Runner. */
  toString(): string {
    return this.#core.toString()
  }

  /** @internal */
  [lowlevel.inspect](): string {
    return this.toString()
  }
}
