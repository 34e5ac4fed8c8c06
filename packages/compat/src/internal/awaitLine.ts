/**
 * Where the awaits of an async function belong: a line of core, with promises at its end.
 *
 * A step of an async function begins when the loop settles a promise the function awaits, and ends when the microtasks that
 * follow have run: every place here that settles a promise therefore asks the loop to let the microtasks finish.
 */
import * as asyncio from "@effect-asyncio/core"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { AbortState } from "./abortState.ts"
import { noteCancellation, quiet } from "./quiet.ts"
import { runInScope, type Scope } from "./scope.ts"
import { isInstance, safely } from "./reading.ts"

export class AwaitLine implements Scope {
  readonly core: asyncio.CoroutineLine
  readonly loop: asyncio.EventLoop
  enteredIn: Scope["enteredIn"] = undefined
  readonly #abort: AbortState
  // Of a branch that is over: the line that its code, a handler it has registered, say, goes on in.
  #goesOnIn: AwaitLine | undefined = undefined

  constructor(core: asyncio.CoroutineLine, abort: AbortState) {
    this.core = core
    this.loop = core.task.loop
    this.#abort = abort
  }

  get task(): asyncio.Task<unknown, unknown> {
    return this.core.task
  }

  get line(): this {
    return this
  }

  get signal(): AbortSignal {
    return this.#goesOnIn === undefined ? this.#abort.signal : this.#goesOnIn.signal
  }

  get context(): Context.Context<never> {
    return this.core.context()
  }

  /** Awaits a future of core: settles with it, in a step of the task. */
  await<A, E>(future: asyncio.Future<A, E>): Promise<A> {
    if (future.done()) return settled(future.exitUnsafe()!)
    const promise = new Promise<A>((resolve, reject) => {
      this.core.await(future, (exit) => {
        if (Exit.isSuccess(exit)) this.#resolve(resolve, exit.value)
        else this.#reject(promise, reject, exit)
      })
    })
    return promise
  }

  /** Waits for a time, zero or less being a turn, and resolves with `result`. */
  sleep<A>(delay: Duration.Input, result: A): Promise<A> {
    const future = delay === 0 || asyncio.toMillis(delay) <= 0 ? undefined : this.loop.sleepUnsafe(delay)
    const promise = new Promise<A>((resolve, reject) => {
      const resume = (exit: Exit.Exit<void, unknown>) => {
        if (Exit.isSuccess(exit)) this.#resolve(resolve, result)
        else this.#reject(promise, reject, exit)
      }
      if (future === undefined) this.core.nextTurn(resume)
      else this.core.await(future, resume)
    })
    return promise
  }

  /** Runs an Effect as a part of the task. */
  run<A, E>(effect: Effect.Effect<A, E>): Promise<A> {
    let atOnce: Exit.Exit<A, unknown> | undefined
    let promise: Promise<A> | undefined
    promise = new Promise<A>((resolve, reject) => {
      this.core.run(effect, (exit) => {
        // It did not suspend: there is no promise yet to say of that its cancellation was seen.
        if (promise === undefined) atOnce = exit
        else if (Exit.isSuccess(exit)) this.#resolve(resolve, exit.value)
        else this.#reject(promise, reject, exit)
      })
    })
    return atOnce === undefined ? promise : settled(atOnce)
  }

  #resolve<A>(resolve: (value: A) => void, value: A): void {
    this.loop.settleMicrotasksUnsafe()
    resolve(value)
  }

  #reject(promise: Promise<unknown>, reject: (error: unknown) => void, exit: Exit.Failure<unknown, unknown>): void {
    this.loop.settleMicrotasksUnsafe()
    const error = Cause.squash(exit.cause)
    noteCancellation(promise, error)
    reject(error)
  }

  /**
   * Runs `body` in a line of its own, which a timeout or a task group can cancel by itself: the awaits of `body` are its,
   * and so is the signal that `body` sees.
   */
  branch<A>(body: (line: AwaitLine) => Promise<A>): Promise<A> {
    const abort = new BranchAbort()
    const core = this.core.branch(abort)
    abort.pending = core
    const line = new AwaitLine(core, abort)
    const inside = async () => {
      let failed = true
      try {
        const result = await body(line)
        failed = false
        return result
      } finally {
        line.#goesOnIn = this
        core.leave(failed)
      }
    }
    return quiet(runInScope(line, inside))
  }

  /** How `body`, which runs in this line, ends: cancelled with a failure that is the CancelledError. */
  async exitOf<A>(body: () => PromiseLike<A> | A): Promise<Exit.Exit<A, unknown>> {
    try {
      return Exit.succeed(await body())
    } catch (error) {
      return Exit.fail(this.raised(error))
    }
  }

  /**
   * What code that ended with `error` is to be taken for. The hosts' own functions reject with an AbortError whose cause is
   * the signal's reason. And where `await using` ends a scope while a cancellation unwinds the code, JavaScript wraps the
   * scope's own error, which is meant to replace the cancellation.
   */
  raised(error: unknown): unknown {
    if (!isInstance(error, Error)) return error
    // An error that cannot be read is none of those.
    const name = safely(() => error.name, undefined)
    if (name === "AbortError") {
      const cause = safely(() => error.cause, undefined)
      if (isInstance(cause, asyncio.CancelledError)) return cause
      const behind = this.core.cancelling() > 0 ? this.#abort.cancellationBehind(error) : undefined
      // It has arrived, although nobody has read the signal's reason: the next await must not deliver it again.
      if (behind !== undefined && this.core.pendingCancellation() === behind) this.core.takeCancellation()
      return behind ?? error
    }
    if (name !== "SuppressedError") return error
    const both = error as { readonly error?: unknown; readonly suppressed?: unknown }
    const suppressed = this.raised(safely(() => both.suppressed, undefined))
    return isInstance(suppressed, asyncio.CancelledError) ? this.raised(safely(() => both.error, undefined)) : error
  }
}

class BranchAbort extends AbortState {
  pending: asyncio.CoroutineBranch | undefined = undefined
}

const settled = <A>(exit: Exit.Exit<A, unknown>): Promise<A> => {
  if (Exit.isSuccess(exit)) return Promise.resolve(exit.value)
  const error = Cause.squash(exit.cause)
  const promise = Promise.reject<A>(error)
  noteCancellation(promise, error)
  return promise
}
