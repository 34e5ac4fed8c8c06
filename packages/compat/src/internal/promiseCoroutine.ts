/**
 * An async function as a coroutine of core.
 *
 * A step of it begins when the loop settles a promise the function awaits, and ends when the microtasks that follow have
 * run: every place here that settles a promise therefore asks the loop to let the microtasks finish.
 */
import * as asyncio from "@effect-asyncio/core"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { AsyncResource } from "node:async_hooks"
import { AbortState } from "./abortState.ts"
import { runInScope } from "./scope.ts"

/** The body of a task. */
export type AsyncFunction<A> = () => PromiseLike<A> | A

export class PromiseCoroutine<A> implements asyncio.Coroutine<A, unknown> {
  readonly loop: asyncio.EventLoop
  readonly #body: AsyncFunction<A>
  readonly #createdAt: string | undefined
  readonly #abort = new AbortState(() => this.#control)
  #control: asyncio.CoroutineControl<A, unknown> | undefined = undefined
  // The first step runs on the loop, and must see the AsyncLocalStorage stores of whoever made the task all the same.
  readonly #creation = new AsyncResource("asyncio.Task")

  constructor(loop: asyncio.EventLoop, body: AsyncFunction<A>, createdAt: string | undefined) {
    this.loop = loop
    this.#body = body
    this.#createdAt = createdAt
  }

  begin(control: asyncio.CoroutineControl<A, unknown>): void {
    this.#control = control
    this.loop.settleMicrotasksUnsafe()
    this.#creation.runInAsyncScope(() => runInScope({ loop: this.loop, coroutine: this }, () => this.#runBody(control)))
  }

  #runBody(control: asyncio.CoroutineControl<A, unknown>): void {
    const fail = (error: unknown) => control.end(Exit.fail(cancellationBehind(error) ?? error))
    // Called as a plain function: neither its `this` nor its name in a stack trace is ours.
    const body = this.#body
    try {
      const result = body()
      if (!isThenable(result)) return control.end(Exit.succeed(result))
      // Not `result.then`: a task given as the result is awaited by this task, and a thenable may throw.
      Promise.resolve(result).then((value) => control.end(Exit.succeed(value)), fail)
    } catch (error) {
      fail(error)
    }
  }

  /** Awaits a future of core: settles with it, in a step of the task. */
  await<B, E>(future: asyncio.Future<B, E>): Promise<B> {
    const done = future.exitUnsafe()
    return done === undefined ? this.#wait((resume) => this.#control!.await(future, resume)) : settled(done)
  }

  /** Waits for a time, zero or less being a turn, and resolves with `result`. */
  sleep<B>(loop: asyncio.EventLoop, delay: Duration.Input, result: B): Promise<B> {
    const future = delay === 0 || !isPositive(delay) ? undefined : loop.sleepUnsafe(delay)
    return this.#wait<B>((resume) => {
      const slept = (exit: Exit.Exit<void, unknown>) =>
        resume(Exit.isSuccess(exit) ? Exit.succeed(result) : Exit.failCause(exit.cause))
      if (future === undefined) this.#control!.nextTurn(slept)
      else this.#control!.await(future, slept)
    })
  }

  #wait<B>(begin: (resume: (exit: Exit.Exit<B, unknown>) => void) => void): Promise<B> {
    const promise = new Promise<B>((resolve, reject) => {
      begin((exit) => {
        this.loop.settleMicrotasksUnsafe()
        if (Exit.isSuccess(exit)) return resolve(exit.value)
        const error = Cause.squash(exit.cause)
        // A cancellation reaches every await in flight, also one that nobody looks at: that is no unhandled rejection.
        if (error instanceof asyncio.CancelledError) promise.catch(ignore)
        reject(error)
      })
    })
    return promise
  }

  cancelRequested(error: asyncio.CancelledError, passedOn: boolean): void {
    this.#abort.cancelRequested(error, passedOn)
  }

  get task(): asyncio.Task<A, unknown> {
    return this.#control!.task
  }

  get taskName(): string {
    return this.task.getName()
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** The signal of a task that ended cancelled. */
  get abortedSignal(): AbortSignal {
    return AbortSignal.abort(this.#abort.lastRequest ?? new asyncio.CancelledError())
  }

  describe(): { readonly name: string; readonly definedAt: undefined; readonly calledAt: string | undefined } {
    return {
      name: this.#body.name === "" ? "coroutine" : this.#body.name,
      definedAt: undefined,
      calledAt: this.#createdAt
    }
  }
}

// Zero or less is a turn and not a time. What is no duration at all is for the loop to reject.
const isPositive = (delay: Duration.Input): boolean => {
  const duration = Duration.fromInput(delay)
  return Option.isNone(duration) || Number.isNaN(delay) || Duration.toMillis(duration.value) > 0
}

const ignore = (): void => {}

/** The hosts' own functions reject with an AbortError whose cause is the signal's reason. */
const cancellationBehind = (error: unknown): asyncio.CancelledError | undefined =>
  error instanceof Error && error.name === "AbortError" && error.cause instanceof asyncio.CancelledError
    ? error.cause
    : undefined

const isThenable = <A>(value: PromiseLike<A> | A): value is PromiseLike<A> =>
  typeof (value as PromiseLike<A> | undefined)?.then === "function"

const settled = <A>(exit: Exit.Exit<A, unknown>): Promise<A> =>
  Exit.isSuccess(exit) ? Promise.resolve(exit.value) : Promise.reject(Cause.squash(exit.cause))
