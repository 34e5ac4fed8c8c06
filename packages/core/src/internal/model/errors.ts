/**
 * What goes wrong with a future, a program or a run.
 */
import * as Cause from "effect/Cause"
import { isInstance } from "../data/text.ts"
import type { ErrorNotes } from "./hints.ts"
import { inspect } from "../host/inspect.ts"
import { NamedError, TaggedError } from "./errorClasses.ts"

/**
 * An operation took longer than it was allowed to. This is Effect's own `TimeoutError`, so that one
 * `Effect.catchTag("TimeoutError")` serves `Effect.timeout` and this package.
 *
 * **Details**
 *
 * What was waited for has been cancelled and has cleaned up; `asCompleted` only stops waiting.
 *
 * **What to do**
 *
 * Catch it around the call, or allow more time.
 *
 * **asyncio**
 *
 * Python's [`TimeoutError`](https://docs.python.org/3/library/exceptions.html#TimeoutError), of which
 * [`asyncio.TimeoutError`](https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.TimeoutError) is another name.
 *
 * **Example** (One tag for both kinds of timeout)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const slow = asyncio.sleep("1 hour")
 * const tooSlow = () => Effect.succeed("too slow")
 * const main = Effect.all([
 *   asyncio.timeout(1, slow).pipe(Effect.catchTag("TimeoutError", tooSlow)),
 *   slow.pipe(Effect.timeout(1), Effect.catchTag("TimeoutError", tooSlow))
 * ])
 *
 * await asyncio.run(main) // => ["too slow", "too slow"]
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export const TimeoutError: new (message?: string) => Cause.TimeoutError = Cause.TimeoutError

/**
 * An instance of {@link TimeoutError}.
 *
 * @category errors
 * @since 0.1.0
 */
export type TimeoutError = Cause.TimeoutError

type Print = (value: unknown, options: unknown) => string

const makeOwnTimeoutError = (): typeof TimeoutError =>
  class TimeoutError extends Cause.TimeoutError {
    constructor() {
      // Without one, Effect sets undefined in place of a string.
      super("")
    }

    [inspect](_depth: number, options: unknown, print: Print | undefined): string {
      if (print === undefined) return String(this)
      const { cause, hint, task } = this as ErrorNotes & { readonly cause?: unknown }
      const shown = Object.assign(new Error(this.message), { stack: String(this) })
      return print(Object.assign(shown, task === undefined ? { hint, cause } : { task, hint, cause }), options)
    }
  }

/** A TimeoutError of ours, which consoles print as an error: Effect's prints as an object, and does not say what it is. */
// By a call, which bundlers leave out where nothing needs it: a class that extends what is imported stays.
export const OwnTimeoutError: typeof TimeoutError = /*#__PURE__*/ makeOwnTimeoutError()

/**
 * A future was asked for something its state does not allow: its result before there is one, or a second result.
 *
 * **What to do**
 *
 * Await the future, or ask `done()` first.
 *
 * **asyncio**
 *
 * Same as [`asyncio.InvalidStateError`](https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.InvalidStateError), with
 * its messages (`Result is not set.`, `Exception is not set.`, `invalid state`).
 *
 * **Example** (A second result)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   const future = yield* loop.createFuture<number>()
 *   yield* future.setResult(1)
 *   return yield* Effect.flip(future.setResult(2))
 * })
 *
 * String(await asyncio.run(main)) // => "InvalidStateError: invalid state"
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidStateError
  extends /*#__PURE__*/ TaggedError("InvalidStateError")<{ readonly message: string } & ErrorNotes>
{
  constructor(message: string) {
    super({ message })
  }
}

/**
 * A context variable was asked for its value where none was set, and has no default.
 *
 * **What to do**
 *
 * Set it before, make it with a default value, or say what to take instead: `get(fallback)`.
 *
 * **asyncio**
 *
 * Python's [`LookupError`](https://docs.python.org/3/library/exceptions.html#LookupError), as
 * [`ContextVar.get`](https://docs.python.org/3/library/contextvars.html#contextvars.ContextVar.get) raises it.
 *
 * **Example** (A variable without a value)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const user = asyncio.ContextVar.make<string>("user")
 * const main = user.get().pipe(Effect.catchTag("LookupError", (error) => Effect.succeed(String(error))))
 *
 * await asyncio.run(main) // => "LookupError: <ContextVar name='user'>"
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class LookupError extends /*#__PURE__*/ TaggedError("LookupError")<{ readonly message: string } & ErrorNotes> {
  constructor(message: string) {
    super({ message })
  }
}

/**
 * A bug in the program that uses the task layer, such as a task that awaits itself. It is a defect: it dies, it is not
 * in any error channel.
 *
 * **What to do**
 *
 * Correct the program: `hint` says how, `task` whose code it was.
 *
 * **asyncio**
 *
 * Python's [`RuntimeError`](https://docs.python.org/3/library/exceptions.html#RuntimeError), with asyncio's messages.
 *
 * **Example** (A lock that is not held)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const lock = yield* asyncio.Lock.make()
 *   return yield* Effect.catchDefect(lock.release, (defect) => Effect.succeed(String(defect)))
 * })
 *
 * await asyncio.run(main) // => "RuntimeError: Lock is not acquired."
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class RuntimeError extends /*#__PURE__*/ NamedError("RuntimeError") implements ErrorNotes {
  override readonly name: string = "RuntimeError"
  declare readonly hint?: string
  declare readonly task?: string
}

/**
 * An argument has the right type and an impossible value, such as a delay that is not a number. A defect.
 *
 * **What to do**
 *
 * Correct the program: `hint` says how, `task` whose code it was.
 *
 * **asyncio**
 *
 * Python's [`ValueError`](https://docs.python.org/3/library/exceptions.html#ValueError), with asyncio's messages.
 *
 * **Example** (No number of permits)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.catchDefect(asyncio.Semaphore.make(-1), (defect) => Effect.succeed(String(defect)))
 *
 * await asyncio.run(main) // => "ValueError: Semaphore initial value must be >= 0"
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class ValueError extends /*#__PURE__*/ NamedError("ValueError") implements ErrorNotes {
  override readonly name: string = "ValueError"
  declare readonly hint?: string
  declare readonly task?: string
}

/**
 * The program was stopped with Ctrl-C. `run` rejects with it when SIGINT cancelled the main task and the main task let
 * the cancellation pass.
 *
 * **What to do**
 *
 * Nothing, or set the exit code. The option `handleSigint: false` leaves Ctrl-C to you.
 *
 * **asyncio**
 *
 * Python's [`KeyboardInterrupt`](https://docs.python.org/3/library/exceptions.html#KeyboardInterrupt), as `asyncio.run`
 * [raises it](https://docs.python.org/3/library/asyncio-runner.html#handling-keyboard-interruption).
 *
 * **Example** (Its own exit code)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 *
 * const exitCode = (error: unknown) => (error instanceof asyncio.KeyboardInterrupt ? 130 : 1)
 *
 * exitCode(new asyncio.KeyboardInterrupt()) // => 130
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class KeyboardInterrupt extends /*#__PURE__*/ NamedError("KeyboardInterrupt") {
  override readonly name: string = "KeyboardInterrupt"

  /** The exit status that a shell expects; the process has it where the program does not catch the error. */
  get exitCode(): number {
    return 130
  }
}

/**
 * A failure as the Ctrl-C that it is, if it is one: that ends the whole program, and no group or race deals with it as with a failure.
 *
 * @internal
 */
export const asKeyboardInterrupt = (error: unknown): KeyboardInterrupt | undefined =>
  isInstance(error, KeyboardInterrupt) ? error : undefined

/**
 * The program was stopped by a signal that the option `signals` of `run` names. `run` rejects with it when the signal cancelled
 * the main task and the main task let the cancellation pass.
 *
 * **What to do**
 *
 * Nothing: a process that lets it pass prints one line, `Terminated: stopped by SIGTERM`, and ends with the status that a container
 * expects, such as 143 for SIGTERM. To end with another word, or with none, catch it and set `process.exitCode` to its `exitCode`.
 *
 * **asyncio**
 *
 * No such thing: `asyncio.run`
 * [handles SIGINT only](https://docs.python.org/3/library/asyncio-runner.html#handling-keyboard-interruption).
 *
 * **Example** (Its exit code)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 *
 * const error = new asyncio.Terminated("SIGTERM", 143)
 *
 * [error.signal, error.exitCode] // => ["SIGTERM", 143]
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class Terminated extends Error {
  override readonly name: string = "Terminated"
  readonly signal: string
  /** The exit status that a shell or a container expects: 128 and the number of the signal. */
  readonly exitCode: number

  constructor(signal: string, exitCode: number) {
    super(`stopped by ${signal}`)
    this.signal = signal
    this.exitCode = exitCode
  }
}
