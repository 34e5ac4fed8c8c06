/**
 * Settles the promise of an await when the await has ended, in a step of its task. By objects and not closures, because nothing else
 * is made as often.
 */
import type * as Exit from "effect/Exit"
import {
  captureAsyncContext,
  isCancelledError,
  runInAsyncContext,
  settleMicrotasksUnsafe
} from "@effect-asyncio/core/lowlevel"
import type { PromiseScope } from "./promiseScope.ts"
import { noteCancellation, watchRejections } from "./unhandled.ts"
import { thrownIn } from "./thrown.ts"

type AnyExit = Exit.Exit<unknown, unknown>

// The two functions of the promise that was made last. One executor serves all promises.
let lastResolve: (value: unknown) => void
let lastReject: (error: unknown) => void
const executor = (resolve: (value: unknown) => void, reject: (error: unknown) => void): void => {
  lastResolve = resolve
  lastReject = reject
}

/** Settles a promise as an await ends. */
export class Settling {
  readonly scope: PromiseScope
  readonly promise: Promise<unknown> = new Promise(executor)
  readonly resolve = lastResolve
  readonly reject = lastReject

  constructor(scope: PromiseScope) {
    this.scope = scope
  }

  resumed(exit: AnyExit): void {
    const { core, loop } = this.scope
    settleMicrotasksUnsafe(loop, core.task)
    this.settle(exit)
  }

  /**
   * Settles without asking the loop to let the microtasks finish. The caller runs in a microtask or in a step, or is a callback that has
   * asked the loop itself (`LateBody`).
   */
  settle(exit: AnyExit): void {
    if (exit._tag === "Success") this.succeed(exit.value)
    else this.fail(thrownIn(exit.cause))
  }

  protected succeed(value: unknown): void {
    this.resolve(value)
  }

  protected fail(error: unknown): void {
    noteCancellation(this.promise, error)
    this.reject(error)
  }
}

/** Settles with a value that was known when the await began. */
export class SettlingWith extends Settling {
  readonly #result: unknown

  constructor(scope: PromiseScope, result: unknown) {
    super(scope)
    this.#result = result
  }

  protected override succeed(): void {
    this.resolve(this.#result)
  }
}

/** The end of an Effect, which may come before a promise is needed. */
export class Ending {
  /** How the Effect has ended, if it did not suspend. */
  atOnce: AnyExit | undefined = undefined
  #settling: Settling | undefined = undefined

  /** The Effect has suspended: makes the promise of its end. */
  promiseIn(scope: PromiseScope): Promise<unknown> {
    this.#settling = new Settling(scope)
    return this.#settling.promise
  }

  resumed(exit: AnyExit): void {
    if (this.#settling === undefined) this.atOnce = exit
    else this.#settling.resumed(exit)
  }
}

type Handler<A> = ((argument: A) => unknown) | null | undefined

/**
 * Hands the end of an await over to the functions that were given to `then`, as `await` gives them, without a promise of ours in
 * between. They are called in a step, where no code of the program is on the stack, with the stores of the code that has called `then`.
 */
export class SettlingThen<A> extends Settling {
  readonly #onFulfilled: Handler<A>
  readonly #onRejected: (error: unknown) => unknown
  readonly #stores = captureAsyncContext()
  // The function that is called when the await has ended, and its argument.
  #handler: Handler<never> = undefined
  #argument: unknown = undefined

  constructor(scope: PromiseScope, onFulfilled: Handler<A>, onRejected: (error: unknown) => unknown) {
    super(scope)
    this.#onFulfilled = onFulfilled
    this.#onRejected = onRejected
  }

  protected override succeed(value: unknown): void {
    const handler = this.#onFulfilled
    if (typeof handler === "function") this.#answer(handler, value)
    else this.resolve(value)
  }

  protected override fail(error: unknown): void {
    // The promises that the program makes around this one are out of our hands: the host is told to pass over them.
    if (isCancelledError(error)) watchRejections()
    this.#answer(this.#onRejected, error)
  }

  #answer(handler: Handler<never>, argument: unknown): void {
    this.#handler = handler
    this.#argument = argument
    runInAsyncContext(this.#stores, answer, this)
  }

  answer(): void {
    const handler = this.#handler!
    try {
      this.resolve(handler(this.#argument as never))
    } catch (error) {
      this.reject(error)
    }
  }
}

const answer = (then: SettlingThen<never>): void => then.answer()
