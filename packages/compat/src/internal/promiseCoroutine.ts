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

  constructor(loop: asyncio.EventLoop, body: AsyncFunction<A>, createdAt: string | undefined) {
    this.loop = loop
    this.#body = body
    this.#createdAt = createdAt
  }

  begin(control: asyncio.CoroutineControl<A, unknown>): void {
    this.#control = control
    this.loop.settleMicrotasksUnsafe()
    let result: PromiseLike<A> | A
    try {
      result = runInScope({ loop: this.loop, coroutine: this }, this.#body)
    } catch (error) {
      return control.end(Exit.fail(error))
    }
    if (!isThenable(result)) return control.end(Exit.succeed(result))
    result.then(
      (value) => control.end(Exit.succeed(value)),
      (error: unknown) => control.end(Exit.fail(error))
    )
  }

  /** Awaits a future of core: settles with it, in a step of the task. */
  await<B, E>(future: asyncio.Future<B, E>): Promise<B> {
    const done = future.exitUnsafe()
    return done === undefined ? this.#wait((resume) => this.#control!.await(future, resume)) : settled(done)
  }

  sleep(loop: asyncio.EventLoop, delay: Duration.Input): Promise<void> {
    return isPositive(delay) ? this.await(loop.sleepUnsafe(delay)) : this.nextTurn()
  }

  /** Lets every other task that is ready have a turn. */
  nextTurn(): Promise<void> {
    return this.#wait((resume) => this.#control!.nextTurn(resume))
  }

  #wait<B>(begin: (resume: (exit: Exit.Exit<B, unknown>) => void) => void): Promise<B> {
    return new Promise<B>((resolve, reject) => {
      begin((exit) => {
        this.loop.settleMicrotasksUnsafe()
        if (Exit.isSuccess(exit)) resolve(exit.value)
        else reject(Cause.squash(exit.cause))
      })
    })
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

  describe(): { readonly name: string; readonly definedAt: undefined; readonly calledAt: string | undefined } {
    return { name: this.#body.name === "" ? "coroutine" : this.#body.name, definedAt: undefined, calledAt: this.#createdAt }
  }
}

// Zero or less is a turn and not a time. What is no duration at all is for the loop to reject.
const isPositive = (delay: Duration.Input): boolean => {
  const duration = Duration.fromInput(delay)
  return Option.isNone(duration) || Number.isNaN(delay) || Duration.toMillis(duration.value) > 0
}

const isThenable = <A>(value: PromiseLike<A> | A): value is PromiseLike<A> =>
  typeof (value as PromiseLike<A> | undefined)?.then === "function"

const settled = <A>(exit: Exit.Exit<A, unknown>): Promise<A> =>
  Exit.isSuccess(exit) ? Promise.resolve(exit.value) : Promise.reject(Cause.squash(exit.cause))
