/**
 * The errors of the task layer.
 *
 * What a caller can act on is typed and can be yielded: {@link CancelledError}, {@link TimeoutError},
 * {@link InvalidStateError}. What is a bug in the program is a defect: {@link RuntimeError}, {@link ValueError}. All
 * of them extend `Error` and keep asyncio's messages to the letter.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { CurrentTask } from "./fiberRefs.ts"
import { describe } from "./internal/model/repr.ts"
import { withoutStack } from "./internal/host/stack.ts"
import type { Task } from "./Task.ts"
import { printsAsError } from "./internal/host/inspect.ts"

/**
 * What an error says beside its message, which stays asyncio's to the letter. Node.js, Bun and Deno print it with the error, as
 * Python prints the notes of an exception (PEP 678).
 *
 * @category models
 * @since 0.1.0
 */
export interface ErrorNotes {
  /** What to do about it. */
  readonly hint?: string | undefined
  /** The name of the task whose code it was, `undefined` outside of any task. */
  readonly task?: string | undefined
}

/**
 * Adds to an error what to do about it, and the name of the task whose code it was: the current one, unless another is given.
 *
 * **When to use**
 *
 * In libraries on top of this one, whose errors should say as much as its own do.
 *
 * **Example** (An error that says how to go on)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.sync(() => {
 *   const error = asyncio.withHint(new Error("the pool is closed"), "Open the pool inside `main`.")
 *   return [error.message, error.task, error.hint]
 * })
 *
 * await asyncio.run(main) // => ["the pool is closed", "Task-1", "Open the pool inside `main`."]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const withHint = <E extends Error>(
  error: E,
  hint: string,
  task: Task<unknown, unknown> | undefined = Fiber.getCurrent()?.getRef(CurrentTask) ?? currentAmbientTask()
): E & ErrorNotes => Object.assign(error, task === undefined ? { hint } : { task: task.getName(), hint })

let ambientTask: () => Task<unknown, unknown> | undefined = () => undefined

/**
 * The task of code that runs in no fiber, as far as {@link setAmbientTask} knows it.
 *
 * @internal
 */
export const currentAmbientTask = (): Task<unknown, unknown> | undefined => ambientTask()

/**
 * Tells {@link withHint} how to find out whose code is running where it runs in no fiber. For packages that run other kinds
 * of coroutine.
 *
 * **Example** (Whose code an error comes from)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 *
 * let current: asyncio.Task<unknown, unknown> | undefined
 * asyncio.setAmbientTask(() => current)
 *
 * const task = await asyncio.run(asyncio.currentTask)
 * // A library does so around each piece of code that it runs for the task.
 * current = task
 * const error = asyncio.withHint(new Error("the pool is closed"), "Open it first.")
 * current = undefined
 *
 * error.task // => "Task-1"
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const setAmbientTask = (find: () => Task<unknown, unknown> | undefined): void => {
  const before = ambientTask
  ambientTask = () => find() ?? before()
}

/**
 * The TypeError for an argument of the wrong type: `expected`, and what was given instead, with a hint as of {@link withHint}.
 *
 * **Example** (A function was needed)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 *
 * String(asyncio.unexpectedValue("a function was expected by retry()", 3, "Write `retry(() => work(3))`."))
 * // => "TypeError: a function was expected by retry(), got 3"
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const unexpectedValue = (
  expected: string,
  given: unknown,
  hint: string,
  task?: Task<unknown, unknown>
): TypeError & ErrorNotes => withHint(new TypeError(`${expected}, got ${describe(given)}`), hint, task)

// Says on an error's prototype what it is, whichever copy of the package has made it.
const kind = "~@effect-asyncio/core/Error"

/** Never throws, whatever the value is. */
const isOfKind = (value: unknown, name: string): boolean => {
  try {
    return typeof value === "object" && value !== null && (value as { readonly [kind]?: unknown })[kind] === name
  } catch {
    return false
  }
}

type ErrorClass = abstract new (...args: never) => Error

/**
 * Has `instanceof` know the errors of a class by what they are called: those of another copy of the package are the same.
 *
 * @internal
 */
export const knownByName = (type: ErrorClass, name: string): void => {
  markAs(type, name)
  // A class made from it asks for its own instances.
  const hasInstance = function (this: unknown, value: unknown): boolean {
    return this === type
      ? isOfKind(value, name)
      : Function.prototype[Symbol.hasInstance].call(this as ErrorClass, value)
  }
  Object.defineProperty(type, Symbol.hasInstance, { value: hasInstance })
}

const markAs = (type: ErrorClass, name: string): void => {
  Object.defineProperty(type.prototype, kind, { value: name })
}

/**
 * What a {@link CancelledError} tells about the request it came from.
 *
 * @category models
 * @since 0.1.0
 */
export interface CancelledErrorFields {
  /** Why: the message given to `cancel`, or what a timeout, a group, Ctrl-C or the end of a run asked for. */
  readonly reason: string | undefined
  /**
   * The name of the task that asked, of a failed task for its group, of the task in whose code a timeout is; `undefined` when
   * no task did (a callback, a signal, plain code).
   */
  readonly requestedBy: string | undefined
  /** The stack of the call to `cancel`; only recorded in debug mode. */
  readonly requestedAt: string | undefined
}

/**
 * The exit of what ended with this cancellation: a failure.
 *
 * @internal
 */
export let failureOf: (error: CancelledError) => Exit.Exit<never, CancelledError>

/**
 * The exit of an await in a task that is cancelled itself, as `make` makes it.
 *
 * @internal
 */
export let interruptionOf: (
  error: CancelledError,
  make: (error: CancelledError) => Exit.Exit<never>
) => Exit.Exit<never>

/**
 * Whether a value is a CancelledError; looking changes nothing, and never throws.
 *
 * @internal
 */
export let isCancelled: (value: unknown) => value is CancelledError

/**
 * The error as it was asked with, of one that tells of the same request in other words.
 *
 * @internal
 */
export let requestOf: (error: CancelledError) => CancelledError

/**
 * The cancellation `error`, made into something else on its way: the same request, with `original` as its cause.
 *
 * @internal
 */
export let madeInto: (error: CancelledError, original: unknown) => CancelledError

type Witness = (error: unknown) => boolean

// Each copy of a package on this one has its own.
const witnesses = new Set<Witness>()

/** Tells every witness, also where one has said yes. */
const witnessed = (error: unknown): boolean => {
  let yes = false
  for (const witness of witnesses) if (witness(error)) yes = true
  return yes
}

/**
 * Who is told of an `instanceof CancelledError`, until the returned function is called.
 *
 * @internal
 */
export const setWitness = (witness: Witness): (() => void) => {
  witnesses.add(witness)
  return () => void witnesses.delete(witness)
}

/**
 * A task or future was cancelled.
 *
 * **Details**
 *
 * A task that is *itself* cancelled does not see this error in its error channel: it sees an interrupt that carries it,
 * so that `Effect.catch` and `Effect.retry` cannot swallow it. A task that awaits *another* task which was cancelled
 * sees it as a typed failure, for `Effect.catchTag`. `catchCancelled` catches both.
 *
 * **What to do**
 *
 * Let it pass, after cleaning up. To stop it on purpose: `catchCancelled`, and `uncancel` if the task goes on for long.
 * `reason` says why, `requestedBy` who asked; in debug mode `requestedAt` is the place. `message` is asyncio's, to the letter: the
 * message of `cancel`, and empty where a timeout or a group asked.
 *
 * **asyncio**
 *
 * Same as [`asyncio.CancelledError`](https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.CancelledError), which
 * knows its message only; who asked, and from where, is ours.
 *
 * **Example** (Seeing that an awaited task was cancelled, and by whom)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const worker = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "worker" })
 *   yield* asyncio.sleep(0)
 *   yield* worker.cancel("shutting down")
 *   return yield* worker.pipe(
 *     Effect.catchTag("CancelledError", (error) => Effect.succeed(`${error.requestedBy}: ${error.reason}`))
 *   )
 * })
 *
 * await asyncio.run(main) // => "Task-1: shutting down"
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class CancelledError extends Data.TaggedError("CancelledError")<CancelledErrorFields> {
  // The exits that deliver it: one request can cancel any number of tasks, and go through any number of them.
  #failure: Exit.Exit<never, CancelledError> | undefined
  #interruption: Exit.Exit<never> | undefined
  // The error of the request, where this one only tells of it.
  #request: CancelledError | undefined

  static {
    isCancelled = (value): value is CancelledError =>
      typeof value === "object" && value !== null && (#failure in value || isOfKind(value, "CancelledError"))
    requestOf = (error) => (#request in error ? (error.#request ?? error) : error)
    madeInto = (error, original) => {
      const made = withoutMessage(error.reason, error.requestedBy, error.requestedAt, messageOf(error))
      made.#request = requestOf(error)
      Object.defineProperty(made, "cause", { value: original, configurable: true, writable: true })
      return made
    }
    // One of another copy of the package has none of these.
    failureOf = (error) => (#failure in error ? (error.#failure ??= Exit.fail(error)) : Exit.fail(error))
    interruptionOf = (error, make) => (#failure in error ? (error.#interruption ??= make(error)) : make(error))
  }

  /**
   * Also true, in code of a kind that says so, of what a library has made of the cancellation of the task that asks: see
   * `setCancellationWitness`.
   */
  static override [Symbol.hasInstance](this: unknown, value: unknown): boolean {
    // A class made from this one asks for its own instances.
    if (this !== CancelledError) return Function.prototype[Symbol.hasInstance].call(this as never, value)
    return witnessed(value) || isCancelled(value)
  }

  constructor(reason?: string, fields?: Partial<Omit<CancelledErrorFields, "reason">>) {
    super({ reason, requestedBy: fields?.requestedBy, requestedAt: fields?.requestedAt })
    // The message is writable on purpose: Error's own is, and Effect's printers read it. An error whose arguments are empty in
    // Python has none of its own.
    if (reason !== undefined) this.message = reason
  }
}

markAs(CancelledError, "CancelledError")

/**
 * Makes a {@link CancelledError} without paying for a stack trace: a cancellation is asked for, not thrown, so its
 * stack says nothing. Debug mode records the place of the request in `requestedAt` instead.
 *
 * @internal
 */
export const makeCancelledError = (
  reason: string | undefined,
  requestedBy: string | undefined,
  requestedAt: string | undefined
): CancelledError => withoutStack(() => new CancelledError(reason, { requestedBy, requestedAt }))

/**
 * {@link makeCancelledError} for a request that asyncio makes without a message: why, and for whom, is ours to tell.
 *
 * @internal
 */
export const withoutMessage = (
  reason: string | undefined,
  requestedBy: string | undefined,
  requestedAt: string | undefined,
  message?: string
): CancelledError => {
  const error = makeCancelledError(undefined, requestedBy, requestedAt)
  if (message !== undefined) error.message = message
  return Object.assign(error, { reason })
}

/**
 * The message that asyncio's error has, if it has one: an empty one is another thing than none.
 *
 * @internal
 */
export const messageOf = (error: CancelledError): string | undefined =>
  Object.hasOwn(error, "message") ? error.message : undefined

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
export class InvalidStateError extends Data.TaggedError("InvalidStateError")<
  { readonly message: string } & ErrorNotes
> {
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
 * **Example** (A lock that nobody holds)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const lock = yield* asyncio.Lock.make
 *   return yield* Effect.catchDefect(lock.release, (defect) => Effect.succeed(String(defect)))
 * })
 *
 * await asyncio.run(main) // => "RuntimeError: Lock is not acquired."
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class RuntimeError extends Error implements ErrorNotes {
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
export class ValueError extends Error implements ErrorNotes {
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
export class KeyboardInterrupt extends Error {
  override readonly name: string = "KeyboardInterrupt"

  /** The exit status that a shell expects; the process has it where nobody catches the error. */
  get exitCode(): number {
    return 130
  }
}

/**
 * The program was stopped by a signal that the option `signals` of `run` names. `run` rejects with it when the signal cancelled
 * the main task and the main task let the cancellation pass.
 *
 * **What to do**
 *
 * Nothing: the process ends with the status that a container expects, such as 143 for SIGTERM. To end quietly, catch it and
 * set `process.exitCode` to its `exitCode`.
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

/**
 * `getNowait` was called on a queue that has nothing.
 *
 * **asyncio**
 *
 * Same as [`asyncio.QueueEmpty`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.QueueEmpty).
 *
 * **Example** (Nothing to get)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const queue = yield* asyncio.Queue.make<string>()
 *   return yield* Effect.catchTag(queue.getNowait, "QueueEmpty", () => Effect.succeed("nothing there"))
 * })
 *
 * await asyncio.run(main) // => "nothing there"
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class QueueEmpty extends Data.TaggedError("QueueEmpty")<{}> {
  readonly hint: string = "Wait for an item with `get`, or ask `empty()` first."
}

/**
 * `putNowait` was called on a queue that has no free place.
 *
 * **asyncio**
 *
 * Same as [`asyncio.QueueFull`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.QueueFull).
 *
 * **Example** (No place left)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const queue = yield* asyncio.Queue.make<string>({ maxsize: 1 })
 *   yield* queue.put("first")
 *   return yield* Effect.catchTag(queue.putNowait("second"), "QueueFull", () => Effect.succeed("no place"))
 * })
 *
 * await asyncio.run(main) // => "no place"
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class QueueFull extends Data.TaggedError("QueueFull")<{}> {
  readonly hint: string = "Wait for a free place with `put`, or ask `full()` first."
}

/**
 * The queue was shut down: nothing can be put any more, and nothing is left to get.
 *
 * **asyncio**
 *
 * Same as [`asyncio.QueueShutDown`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.QueueShutDown).
 *
 * **Example** (The end of a consumer)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const queue = yield* asyncio.Queue.make<string>()
 *   yield* queue.shutdown()
 *   return yield* Effect.catchTag(queue.get, "QueueShutDown", () => Effect.succeed("no more"))
 * })
 *
 * await asyncio.run(main) // => "no more"
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class QueueShutDown extends Data.TaggedError("QueueShutDown")<{}> {
  readonly hint: string = "Take it as the end of the work; `for await` over a queue of compat ends by itself."
}

/**
 * The barrier was aborted or reset while a task waited for it, or is broken.
 *
 * **What to do**
 *
 * Give up as well, or wait again: after a `reset` the barrier is as new.
 *
 * **asyncio**
 *
 * Same as [`asyncio.BrokenBarrierError`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.BrokenBarrierError).
 *
 * **Example** (Somebody gave up)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const barrier = yield* asyncio.Barrier.make(2)
 *   const waiting = yield* asyncio.createTask(barrier.wait)
 *   yield* asyncio.sleep(0)
 *   yield* barrier.abort
 *   return yield* Effect.catchTag(waiting, "BrokenBarrierError", () => Effect.succeed("broken"))
 * })
 *
 * await asyncio.run(main) // => "broken"
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class BrokenBarrierError extends Data.TaggedError("BrokenBarrierError")<
  { readonly message: string } & ErrorNotes
> {
  constructor(message: string) {
    super({ message })
  }
}

printsAsError(CancelledError, InvalidStateError, QueueEmpty, QueueFull, QueueShutDown, BrokenBarrierError)
// With names of our own: a bundler may shorten those of the classes.
const named = {
  InvalidStateError,
  RuntimeError,
  ValueError,
  KeyboardInterrupt,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  BrokenBarrierError
}
for (const [name, type] of Object.entries(named)) knownByName(type, name)
