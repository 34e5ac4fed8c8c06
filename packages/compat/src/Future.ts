/**
 * Futures: results that will be there later.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { hasFrames } from "./internal/asyncContext.ts"
import { knownToAll } from "./internal/copies.ts"
import { withoutUnhandledRejection } from "./internal/unhandled.ts"
import { attach, liveCurrent, runAnywhere, current, valueOf } from "./internal/current.ts"
import { thrownIn } from "./internal/thrown.ts"

/** Every future of core has one wrapper here, so that the same task is the same object. @internal */
export const wrapperOf = <F extends Future<unknown>>(core: asyncio.Future<unknown, unknown>, make: () => F): F => {
  const known = lowlevel.wrapperOf(core)
  if (known !== undefined) return known as F
  // When: `Task.of` or `Future.of` got something else than a task or a future of core.
  if (!asyncio.isFuture(core))
    throw lowlevel.unexpectedValue("a future of core was expected", core, "Give it `task.core`.")
  const made = make()
  lowlevel.setWrapper(core, made)
  return made
}

const notMadeWithNew = (name: string): TypeError =>
  // When: `new Future()`, as in Python or with the function that a promise is made with, or `new Task(f)`.
  lowlevel.withHint(
    new TypeError(`${name} is not made with new`),
    "Make a future with `getRunningLoop().createFuture()`, a task with `createTask(f)`, and a promise with `new Promise(...)`."
  )

/**
 * A result that will be there later. `await future` waits for it.
 *
 * **Details**
 *
 * A future can be awaited, and stand wherever a promise is expected: in `Promise.all`, in a `Map<string, Promise<A>>`, as what a
 * handler returns; also `instanceof Promise` says yes. It is no promise of the host's, and `then`, `catch` and `finally` give plain
 * promises. Callbacks never run inside the call that completes it; each is queued on the loop, in the order added. A failure that is
 * never retrieved is reported through the loop's exception handler, never as an unhandled rejection.
 *
 * In an Effect, `yield* future` waits for it.
 *
 * **Cancellation**
 *
 * Cancelling a task that awaits a future cancels the future, and with it every other task that awaits it.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Future`](https://docs.python.org/3/library/asyncio-future.html#asyncio.Future); made with
 * `getRunningLoop().createFuture()`.
 *
 * **Example** (A callback API as a future)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const loop = asyncio.getRunningLoop()
 *   const future = loop.createFuture<string>()
 *   loop.callLater("1 milli", () => future.setResult("ready"))
 *   return await future
 * }) // => "ready"
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Future<out A> implements Promise<A> {
  /** The same future as core knows it. */
  readonly core: asyncio.Future<unknown, unknown>

  /** @internal */
  constructor(core: asyncio.Future<unknown, unknown>) {
    if (!asyncio.isFuture(core)) throw notMadeWithNew((new.target.prototype as Future<A>).kind)
    this.core = core
  }

  /** The wrapper of a future of core. The same future always has the same wrapper. */
  static of<A>(core: asyncio.Future<A, unknown>): Future<A> {
    return wrapperOf(core, () => new Future<A>(core))
  }

  /** @internal */
  get kind(): "Future" | "Task" {
    return "Future"
  }

  /** Converts the result of core's future, where promise code gets another one. */
  protected readonly convert: ((value: unknown) => A) | undefined = undefined

  /** Called when the future is about to be awaited. */
  protected noteAwait(): void {}

  /**
   * Waits for the result. Cancelling the task that awaits cancels the awaited one. A task that awaits itself gets
   * `RuntimeError: Task cannot await on itself: <Task ...>`.
   */
  // `await task` reads this while the function still stands at that line, and calls it a microtask later: a getter, so
  // that the error of a task that awaits itself can say where.
  // oxlint-disable-next-line unicorn/no-thenable -- something that can be awaited is the point
  get then(): <B = A, C = never>(
    onFulfilled?: ((value: A) => B | PromiseLike<B>) | null,
    onRejected?: ((reason: unknown) => C | PromiseLike<C>) | null
  ) => Promise<B | C> {
    this.noteAwait()
    // oxlint-disable-next-line typescript/unbound-method -- the host, which reads it, calls it on the future
    return this.#then
  }

  #then<B = A, C = never>(
    onFulfilled?: ((value: A) => B | PromiseLike<B>) | null,
    onRejected?: ((reason: unknown) => C | PromiseLike<C>) | null
  ): Promise<B | C> {
    if (hasFrames && typeof onRejected === "function" && this.convert === undefined && !this.core.done()) {
      const scope = liveCurrent()?.scope
      if (scope !== undefined)
        return scope.awaitThen(this.core as asyncio.Future<A, unknown>, onFulfilled as never, onRejected)
    }
    const waited = this.#wait()
    const result = this.convert === undefined ? (waited as Promise<A>) : waited.then(this.convert)
    const answered = result.then(onFulfilled, onRejected)
    return typeof onRejected === "function" ? answered : withoutUnhandledRejection(answered)
  }

  /** `then` for failures only, cancellations included. */
  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    return this.then(undefined, onRejected)
  }

  /** Waits, calls `onFinally`, and ends as the future did. */
  finally(onFinally?: (() => void) | null): Promise<A> {
    return withoutUnhandledRejection(this.then().finally(onFinally))
  }

  /** `yield* future` in an Effect: waits in the current task of core. Fails as {@link toEffect} does without `catch`. */
  [Symbol.iterator](): Effect.EffectIterator<
    Effect.Effect<A, Cause.UnknownError | asyncio.CancelledError | asyncio.ExceptionGroup>
  > {
    const core = this.core as asyncio.Future<A, unknown>
    return Effect.mapError(core, (error) => lowlevel.toTagged(error, `a ${this.kind}`))[Symbol.iterator]()
  }

  #wait(): Promise<unknown> {
    const scope = liveCurrent()?.scope
    if (scope !== undefined) return scope.await(this.core)
    // No scope of an async function is around: the code runs in a callback, in an Effect or in no task. A cancellation cannot reach its
    // await, so the promise only follows the future.
    return new Promise((resolve, reject) => {
      const follow = () => {
        const exit = this.core.exitUnsafe()!
        lowlevel.settleMicrotasksUnsafe(this.core.loop)
        if (Exit.isSuccess(exit)) resolve(exit.value)
        else reject(thrownIn(exit.cause))
      }
      if (this.core.done()) follow()
      else this.core.addDoneCallbackUnsafe(follow)
    })
  }

  /** Cancels it, with a message and a kind for the {@link CancelledError}. False when it is done already. */
  cancel(message?: string, options?: asyncio.CancelOptions): boolean {
    return this.core.cancelUnsafe(message, options, current()?.task)
  }

  /** Whether it has ended, in any way. */
  done(): boolean {
    return this.core.done()
  }

  /** Whether it ended cancelled. */
  cancelled(): boolean {
    return this.core.cancelled()
  }

  /**
   * The result without waiting. Throws what it failed with, {@link CancelledError} when it was cancelled, and
   * {@link InvalidStateError}, `Result is not set.`, when it is not done.
   */
  result(): A {
    const exit = this.core.exitUnsafe()
    if (exit === undefined) return runAnywhere(this.core.result()) as never
    const value = valueOf(exit)
    return this.convert === undefined ? (value as A) : this.convert(value)
  }

  /**
   * What it failed with, `undefined` when it succeeded. Throws {@link CancelledError} when it was cancelled, and
   * {@link InvalidStateError}, `Exception is not set.`, when it is not done.
   */
  exception(): unknown {
    const exit = this.core.exitUnsafe()
    if (exit === undefined) return runAnywhere(this.core.exception())
    if (Exit.isSuccess(exit)) return undefined
    const error = thrownIn(exit.cause)
    if (this.cancelled()) throw error
    return error
  }

  /** Finishes it. Throws {@link InvalidStateError}, `invalid state`, when it is done; a RuntimeError for a task. */
  setResult(value: A): void {
    this.core.setResultUnsafe(value)
  }

  /** Finishes it with a failure. Throws as {@link setResult}. */
  setException(error: unknown): void {
    this.core.setExceptionUnsafe(error)
  }

  /** Calls `callback` on the loop when it is done, or on the next iteration if it is done already. */
  addDoneCallback(callback: (future: this) => void): void {
    if (typeof callback !== "function") {
      // When: a callback of a future is no function.
      throw lowlevel.unexpectedValue(
        "a callable object was expected by addDoneCallback()",
        callback,
        "Give it the function itself, not the result of a call."
      )
    }
    lowlevel.checkFunction(callback, "addDoneCallback()", "addDoneCallback((future) => ...)")
    attach(this.core.loop)
    const registered = () => callback(this)
    // For reprs.
    Object.defineProperty(registered, "name", { value: lowlevel.nameOf(callback) })
    this.#registered ??= new Map()
    this.#registered.set(callback, [...(this.#registered.get(callback) ?? []), registered])
    this.core.addDoneCallbackUnsafe(registered)
  }

  // The functions that the loop was given for a callback.
  #registered: Map<unknown, ReadonlyArray<() => void>> | undefined = undefined

  /** Withdraws every registration of `callback` and says how many there were. */
  removeDoneCallback(callback: (future: this) => void): number {
    const registered = this.#registered?.get(callback) ?? []
    this.#registered?.delete(callback)
    return registered.reduce((count, entry) => count + this.core.removeDoneCallbackUnsafe(entry), 0)
  }

  toString(): string {
    return String(this.core)
  }

  /** `Future` or `Task`: what the host calls a promise of its own `Promise`. */
  get [Symbol.toStringTag](): string {
    return this.kind
  }

  /** @internal */
  [lowlevel.inspect](): string {
    return this.toString()
  }
}

knownToAll(Future, "Future")

// Servers and libraries that ask `instanceof Promise` before they wait for what a handler gave them get the right answer. Nothing of it
// is inherited: all methods are here, and the host looks at its own promises only.
Object.setPrototypeOf(Future.prototype, Promise.prototype)

/**
 * Whether a value is a future (or a task).
 *
 * **asyncio**
 *
 * [`asyncio.isfuture(value)`](https://docs.python.org/3/library/asyncio-future.html#asyncio.isfuture).
 *
 * **Example** (A task is one, a promise is not)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const task = asyncio.createTask(async () => 1)
 *   return [asyncio.isFuture(task), asyncio.isFuture(Promise.resolve(1)), await task]
 * }) // => [true, false, 1]
 * ```
 *
 * @category guards
 * @since 0.1.0
 */
export const isFuture = (value: unknown): value is Future<unknown> => value instanceof Future
