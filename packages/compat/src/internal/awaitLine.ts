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
import { toMillis } from "./durations.ts"
import { noteCancellation, quiet } from "./quiet.ts"
import { runInScope, type Scope, valueOf } from "./scope.ts"

export class AwaitLine {
  readonly core: asyncio.CoroutineLine
  readonly loop: asyncio.EventLoop
  readonly scope: Scope
  readonly #abort: AbortState

  constructor(core: asyncio.CoroutineLine, abort: AbortState) {
    this.core = core
    this.#abort = abort
    this.loop = core.task.loop
    this.scope = { loop: this.loop, task: core.task, line: this }
  }

  get task(): asyncio.Task<unknown, unknown> {
    return this.core.task
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  context(): Context.Context<never> {
    return this.core.context()
  }

  /** Awaits a future of core: settles with it, in a step of the task. */
  await<A, E>(future: asyncio.Future<A, E>): Promise<A> {
    const done = future.exitUnsafe()
    return done === undefined ? this.#wait((resume) => this.core.await(future, resume)) : settled(done)
  }

  /** Waits for a time, zero or less being a turn, and resolves with `result`. */
  sleep<A>(delay: Duration.Input, result: A): Promise<A> {
    const future = delay === 0 || toMillis(delay) <= 0 ? undefined : this.loop.sleepUnsafe(delay)
    return this.#wait<A>((resume) => {
      const slept = (exit: Exit.Exit<void, unknown>) =>
        resume(Exit.isSuccess(exit) ? Exit.succeed(result) : Exit.failCause(exit.cause))
      if (future === undefined) this.core.nextTurn(slept)
      else this.core.await(future, slept)
    })
  }

  /** Runs an Effect as a part of the task. */
  run<A, E>(effect: Effect.Effect<A, E>): Promise<A> {
    return this.#wait((resume) => this.core.run(effect, resume))
  }

  #wait<A>(begin: (resume: (exit: Exit.Exit<A, unknown>) => void) => void): Promise<A> {
    let promise: Promise<A> | undefined
    let failure: unknown
    promise = new Promise<A>((resolve, reject) => {
      begin((exit) => {
        this.loop.settleMicrotasksUnsafe()
        if (Exit.isSuccess(exit)) return resolve(exit.value)
        failure = Cause.squash(exit.cause)
        if (promise !== undefined) noteCancellation(promise, failure)
        reject(failure)
      })
    })
    // It has failed already, before there was a promise to note it on.
    if (failure !== undefined) noteCancellation(promise, failure)
    return promise
  }

  /**
   * Runs `body` in a line of its own, which a timeout or a task group can cancel by itself: the awaits of `body` are its,
   * and so is the signal that `body` sees.
   */
  branch<A>(body: (line: AwaitLine) => Promise<A>): Promise<A> {
    const abort = new AbortState(() => core)
    const core = this.core.branch(abort)
    const line = new AwaitLine(core, abort)
    const inside = async () => {
      try {
        return await body(line)
      } finally {
        core.leave()
      }
    }
    return quiet(runInScope(line.scope, inside))
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
    if (!(error instanceof Error)) return error
    if (error.name === "AbortError") {
      if (error.cause instanceof asyncio.CancelledError) return error.cause
      const behind = this.core.cancelling() > 0 ? this.#abort.cancellationBehind(error) : undefined
      // It has arrived, although nobody has read the signal's reason: the next await must not deliver it again.
      if (behind !== undefined && this.core.pendingCancellation() === behind) this.core.takeCancellation()
      return behind ?? error
    }
    const { error: inner, suppressed } = error as { readonly error?: unknown; readonly suppressed?: unknown }
    const wrapped = error.name === "SuppressedError" && this.raised(suppressed) instanceof asyncio.CancelledError
    return wrapped ? this.raised(inner) : error
  }
}

const settled = <A>(exit: Exit.Exit<A, unknown>): Promise<A> => {
  try {
    return Promise.resolve(valueOf(exit))
  } catch (error) {
    return Promise.reject(error)
  }
}
