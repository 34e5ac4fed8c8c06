/**
 * How a program is to be run.
 */
import type * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type { EventLoop } from "./EventLoop.ts"
import type { Labels } from "./Task.ts"

/**
 * A signal that ends a program, and that a program can listen to.
 *
 * @category models
 * @since 0.1.0
 */
export type StopSignal = "SIGHUP" | "SIGINT" | "SIGQUIT" | "SIGTERM" | "SIGBREAK"

/**
 * The name of a signal that a loop can handle, as Node.js writes it: `"SIGTERM"`, `"SIGUSR2"`, `"SIGWINCH"`.
 *
 * @category models
 * @since 0.1.0
 */
export type Signal = `SIG${string}`

/**
 * Options of {@link run}.
 *
 * **Example** (SIGTERM as in a container, and not for ever)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 *
 * const lines: Array<string> = []
 * const service = Effect.onInterrupt(asyncio.sleep("1 hour"), () => Effect.sync(() => lines.push("drained")))
 * const main = Effect.andThen(
 *   Effect.sync(() => process.emit("SIGTERM")),
 *   service
 * )
 *
 * const end = await asyncio.run(main, { signals: ["SIGTERM"], grace: "10 seconds" }).catch(String)
 * end // => "Terminated: stopped by SIGTERM"
 * lines // => ["drained"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface RunOptions {
  /** Records more about what happens, at some cost, and shows the task layer in the stacks of errors; off by default. */
  readonly debug?: boolean | undefined
  /** How many threads `toThread` may use at a time; `min(32, processors + 4)` by default. */
  readonly maxThreads?: number | undefined
  /** Where time comes from; the host's clock by default. */
  readonly clock?: Clock.Clock | undefined
  /** The services and references the main task starts with. */
  readonly context?: Context.Context<never> | undefined
  /** Makes the loop; it is closed when the run ends. */
  readonly loopFactory?: (() => EventLoop) | undefined
  /** The name of the main task; `Task-1` by default. */
  readonly name?: string | undefined
  /** The labels of the main task, as {@link CreateTaskOptions} has them. */
  readonly labels?: Labels | undefined
  /** Whether Ctrl-C cancels the main task; on by default. A second Ctrl-C ends the process. */
  readonly handleSigint?: boolean | undefined
  /**
   * The signals that cancel the main task as Ctrl-C does, such as `["SIGTERM"]` in a container; none by default. The run then
   * rejects with `Terminated`.
   */
  readonly signals?: ReadonlyArray<StopSignal> | undefined
  /**
   * How long the program may go on when Ctrl-C, or one of `signals`, has come: so long for the main task, and then so long for the
   * rest. What has not ended by then is given up and reported. By default cleanup takes as long as it takes, and a task that hangs on a
   * promise which does not listen is given up after 5 seconds.
   */
  readonly grace?: Duration.Input | undefined
  /**
   * Lets this process be looked into by `npx @effect-asyncio/inspect`, which has to be installed; off by default. With an object in the
   * place of `true` it has the options of `serve` there: `{ name: "api", record: true }`.
   */
  readonly inspect?: boolean | object | undefined
  /**
   * What is done when nothing can wake the main task any more, on Node.js: `"report"`, by default, tells the exception handler once, and
   * goes on waiting for Ctrl-C; `"fail"` has the run reject with a `DeadlockError`.
   */
  readonly onDeadlock?: "report" | "fail" | undefined
}
