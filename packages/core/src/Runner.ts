/**
 * Several runs on one loop.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { Coroutine } from "./internal/model/Coroutine.ts"
import { RuntimeError } from "./errors.ts"
import { withHint } from "./internal/model/hints.ts"
import type { EventLoop } from "./EventLoop.ts"
import type { Loop } from "./fiberRefs.ts"
import type { EventLoopImpl } from "./internal/make/eventLoop.ts"
import {
  type StartMain,
  checkOutside,
  loopFor,
  runMain,
  shutDown,
  startCoroutine,
  startEffect
} from "./internal/run/run.ts"
import type { Yielded } from "./internal/model/bodies.ts"
import { ContextValues, copyVariables } from "./internal/model/variables.ts"
import { inspect } from "./internal/host/inspect.ts"
import type { RunOptions } from "./run.ts"
import { checkRunOptions } from "./internal/model/loopArguments.ts"

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
 * The loop is made at the first use. What a main task leaves behind goes on during the next run, and so do the values
 * it gave to context variables. `close` cancels and awaits what is left and closes the loop; after that, `run` rejects
 * with `RuntimeError: Runner is closed`. While a run is under way both are refused.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Runner`](https://docs.python.org/3/library/asyncio-runner.html#asyncio.Runner); `await using` closes it.
 *
 * **Example** (Two runs, one count of tasks)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const name = Effect.map(asyncio.currentTask, (task) => task.getName())
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
  readonly #options: RunnerOptions
  #loop: EventLoopImpl | undefined = undefined
  #closed = false
  // The context variables of the main tasks: they share one set of them.
  #variables: ContextValues | undefined = undefined

  constructor(options: RunnerOptions = {}) {
    checkRunOptions(options, "Runner()")
    this.#options = options
  }

  /** The loop of the runs. */
  getLoop(): EventLoop {
    return this.#open()
  }

  /** Runs `main` as a main task; see `run`. */
  run<Eff extends Yielded<unknown, Loop>, A>(
    main: () => Generator<Eff, A, never>,
    options?: Pick<RunOptions, "context" | "labels" | "name">
  ): Promise<A>
  run<A, E>(main: Effect.Effect<A, E, Loop>, options?: Pick<RunOptions, "context" | "labels" | "name">): Promise<A>
  run(main: unknown, options?: Pick<RunOptions, "context" | "labels" | "name">): Promise<unknown> {
    return this.#run(startEffect(main as Effect.Effect<unknown, unknown, Loop>), options)
  }

  /** {@link run} for another kind of coroutine. @internal */
  runCoroutine<A, E>(
    coroutine: Coroutine<A, E>,
    options?: Pick<RunOptions, "context" | "labels" | "name">
  ): Promise<A> {
    return this.#run(startCoroutine(coroutine), options)
  }

  async #run<A, E>(start: StartMain<A, E>, options?: Pick<RunOptions, "context" | "labels" | "name">): Promise<A> {
    checkOutside("Runner.run()")
    checkRunOptions(options, "Runner.run()")
    const startWithVariables: StartMain<A, E> = (loop, context, given) => {
      const task = start(loop, context, given)
      task.variables = this.#variables ??= copyVariables(loop) ?? new ContextValues(new Map())
      return task
    }
    return await runMain(this.#open(), startWithVariables, { ...this.#options, ...options })
  }

  #open(): EventLoopImpl {
    // When: `run` or `getLoop` after `close`.
    if (this.#closed) throw withHint(new RuntimeError("Runner is closed"), "Make another Runner.")
    return (this.#loop ??= loopFor(this.#options))
  }

  /** Cancels what is left, waits for it, and closes the loop. Closing twice does nothing. */
  async close(): Promise<void> {
    const loop = this.#loop
    // When: `close` while a run is under way.
    if (loop?.isRunning() === true) {
      throw withHint(new RuntimeError("Cannot close a running event loop"), "Await the run first.")
    }
    this.#closed = true
    this.#loop = undefined
    if (loop !== undefined) await shutDown(loop)
  }

  /** {@link close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** How it prints: its state, in the words of Python's Runner. */
  toString(): string {
    return `<Runner ${this.#closed ? "closed" : this.#loop === undefined ? "created" : "initialized"}>`
  }

  /** @internal */
  [inspect](): string {
    return this.toString()
  }
}
