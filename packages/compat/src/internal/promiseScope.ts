/**
 * The scope that the awaits of an async function belong to: a scope of core, with promises at the end of each.
 *
 * A step of an async function begins when the loop settles a promise the function awaits, and ends when the microtasks that
 * follow have run. `Settling.resumed` therefore asks the loop to let the microtasks finish before it settles the promise. The `end` of
 * `openScope` does not ask the loop, because the body's code ends in a microtask. A callback that calls `end` asks the loop before.
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { Driver } from "./driver.ts"
import { beforeAwait, raised, unseenAtEnd } from "./arrival.ts"
import { noteCancellation } from "./unhandled.ts"
import { runIn, type Current } from "./current.ts"
import { Ending, Settling, SettlingThen, SettlingWith } from "./settling.ts"
import type { Signals } from "./signals.ts"
import { thrownIn } from "./thrown.ts"

export class PromiseScope implements Current {
  readonly core: lowlevel.CoroutineScope
  readonly task: asyncio.Task<unknown, unknown>
  enteredIn: Current["enteredIn"] = undefined
  readonly #driver: Driver
  // Of a child that is over: the scope in which its code goes on, such as a handler.
  #goesOnIn: PromiseScope | undefined = undefined

  constructor(core: lowlevel.CoroutineScope, driver: Driver) {
    this.core = core
    this.task = core.task
    this.#driver = driver
  }

  get loop(): asyncio.EventLoop {
    return this.task.loop
  }

  get scope(): this {
    return this
  }

  /** The scope around a child. */
  get outer(): PromiseScope | undefined {
    return this.#driver.outer
  }

  /** The scope that the code of this one goes on in: this one, or where it is over, the next around it that is not. */
  get current(): PromiseScope {
    return this.#goesOnIn?.current ?? this
  }

  get signal(): AbortSignal {
    return this.current.#driver.signal
  }

  /** The signals that the scope has given out, if there are any. */
  get signals(): Signals | undefined {
    return this.#driver.signals
  }

  /** The last cancellation, if no await of ours was in flight in the scope when it came, nor a shield. */
  get unheard(): asyncio.CancelledError | undefined {
    return this.#driver.unheard
  }

  makeSignals(): Signals {
    return this.#driver.makeSignals()
  }

  get context(): Context.Context<never> {
    return this.core.context()
  }

  /** Awaits a future of core. The promise settles as the future does, in a step of the task. */
  await<A, E>(future: asyncio.Future<A, E>): Promise<A> {
    if (future.done()) return settled(future.exitUnsafe()!)
    beforeAwait(this)
    const settling = new Settling(this)
    this.core.await(future, settling)
    return settling.promise as Promise<A>
  }

  /** Is `then` of a future of core that is not done, with the functions that `await` gives to it. */
  awaitThen<A, B>(
    future: asyncio.Future<A, unknown>,
    onFulfilled: ((value: A) => B | PromiseLike<B>) | null | undefined,
    onRejected: (reason: unknown) => B | PromiseLike<B>
  ): Promise<B> {
    beforeAwait(this)
    const settling = new SettlingThen<A>(this, onFulfilled, onRejected)
    this.core.await(future, settling)
    return settling.promise as Promise<B>
  }

  /** Waits for a time, zero or less being one iteration of the loop, and resolves with `result`. */
  sleep<A>(delay: Duration.Input, result: A): Promise<A> {
    beforeAwait(this)
    const future = delay === 0 || lowlevel.toMillis(delay) <= 0 ? undefined : this.loop.sleepUnsafe(delay)
    const settling = new SettlingWith(this, result)
    if (future === undefined) this.core.nextIteration(settling)
    else this.core.await(future, settling)
    return settling.promise as Promise<A>
  }

  /** Runs an Effect as a part of the task. */
  run<A, E>(effect: Effect.Effect<A, E>): Promise<A> {
    beforeAwait(this)
    return this.runAtEnd(effect)
  }

  /** Runs the Effect that ends a scope. It is not taken for cleanup after an abort: a cancellation that is due arrives in it. */
  runAtEnd<A, E>(effect: Effect.Effect<A, E>): Promise<A> {
    const ending = new Ending()
    this.core.run(effect, ending)
    const { atOnce } = ending
    return (atOnce === undefined ? ending.promiseIn(this) : settled(atOnce)) as Promise<A>
  }

  /**
   * Opens a child scope, which a timeout or a task group can cancel by itself, and has `begin` begin code in it: the awaits of that code
   * are the child's, and so is the signal that it sees. The promise settles with the exit that `begin` gives to `end`, once.
   */
  openScope<A>(
    begin: BeginChild<A>,
    driver: ChildDriver = new ChildDriver(this),
    open: OpenChild = openChild
  ): Promise<A> {
    beforeAwait(this)
    const core = open(this.core, driver)
    const scope = new PromiseScope(core, driver)
    driver.scope = scope
    const settling = new Settling(this)
    const end: EndChild<A> = (exit, wasCutShort = Exit.isFailure(exit)) => {
      scope.#goesOnIn = this
      core.leave(wasCutShort)
      this.current.#takeOver(driver)
      settling.settle(exit)
    }
    const inside = (): void => {
      try {
        nested(() => begin(scope, end))
      } catch (error) {
        end(Exit.fail(error))
      }
    }
    if (isDeep()) void Promise.resolve().then(() => runIn(scope, inside))
    else runIn(scope, inside)
    return settling.promise as Promise<A>
  }

  /** A shield in this scope is over: the graces of this scope and of the scopes around begin anew. */
  shieldIsOver(): void {
    this.#driver.shieldIsOver()
    for (let { outer } = this; outer !== undefined; outer = outer.outer) outer.#driver.shieldIsOver()
  }

  /** The child is over. What has got the child's signal may still be under way: it stops with this scope. */
  #takeOver({ signals }: ChildDriver): void {
    if (signals?.canAbort === true && !this.task.done()) this.makeSignals().follow(signals)
  }

  /**
   * Calls `ended` with how `body`, which runs in this scope, ends, and with the cancellation that was put off and that it has not
   * seen.
   */
  endOf<A>(
    body: () => PromiseLike<A> | A,
    ended: (exit: Exit.Exit<A, unknown>, unseen: asyncio.CancelledError | undefined) => void
  ): void {
    const fail = (error: unknown): void => {
      const failure = raised(this, error)
      unseenAtEnd(this)
      ended(Exit.fail(failure), undefined)
    }
    try {
      Promise.resolve(body()).then((value) => ended(Exit.succeed(value), unseenAtEnd(this)), fail)
    } catch (error) {
      fail(error)
    }
  }

  /**
   * Gives how `body`, which runs in this scope, ends. If a cancellation was put off that the body has not seen, and the body gives a
   * value, the exit is a failure with that cancellation.
   */
  exitOf<A>(body: () => PromiseLike<A> | A): Promise<Exit.Exit<A, unknown>> {
    return new Promise((resolve) => {
      this.endOf(body, (exit, unseen) => resolve(unseen === undefined ? exit : Exit.fail(unseen)))
    })
  }
}

/**
 * Ends a child scope. `wasCutShort` says that its code did not come to its own end, also where `exit` is a success: what the code still
 * goes on with is cancelled.
 */
type EndChild<A> = (exit: Exit.Exit<A, unknown>, wasCutShort?: boolean) => void

/** Begins the code of a child scope, and calls `end` when it is over, if it does not throw. */
export type BeginChild<A> = (scope: PromiseScope, end: EndChild<A>) => void

/** Opens a child scope of core. */
export type OpenChild = (scope: lowlevel.CoroutineScope, driver: ChildDriver) => lowlevel.ChildScope

const openChild: OpenChild = (scope, driver) => scope.openScope(driver)

export class ChildDriver extends Driver {
  override scope: PromiseScope | undefined = undefined
  readonly #outer: PromiseScope

  constructor(outer: PromiseScope) {
    super()
    this.#outer = outer
  }

  override get outer(): PromiseScope {
    return this.#outer
  }
}

/**
 * How deep bodies of scopes are nested on the stack: far less deep than fits. Where they are deep the next body begins in a microtask, still in
 * this step of the task.
 */
export const { isDeep, nested }: lowlevel.Nesting = /*#__PURE__*/ lowlevel.makeNesting(32)

const settled = <A>(exit: Exit.Exit<A, unknown>): Promise<A> => {
  if (Exit.isSuccess(exit)) return Promise.resolve(exit.value)
  const error = thrownIn(exit.cause)
  const promise = Promise.reject<A>(error)
  noteCancellation(promise, error)
  return promise
}
