/**
 * The scope that a wait belongs to: that of the code that is running. Code that is in no run has none, and each of its waits is a
 * task of its own, which lasts as long as the wait does.
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import type { PromiseScope } from "./promiseScope.ts"
import { PromiseCoroutine } from "./promiseCoroutine.ts"
import { noteCancellation, withoutUnhandledRejection } from "./unhandled.ts"
import { liveCurrent, outsideOfRuns, type Current } from "./current.ts"

type Wait<A> = (scope: PromiseScope) => Promise<A>

/** The scope of the code in `here`. `operation` is what the error names where nothing can wait. */
const scopeOf = ({ scope, task }: Current, operation: string): PromiseScope => {
  if (scope !== undefined) return scope
  if (task === undefined) {
    // When: something that waits is called in a callback of the loop, which belongs to no task.
    throw lowlevel.withHint(
      new asyncio.RuntimeError(`${operation} needs a task: a callback cannot wait`),
      "Start a task in the callback: `createTask(async () => ...)`."
    )
  }
  // When: something that waits is called in an Effect, whose own awaits are core's.
  throw lowlevel.withHint(
    new asyncio.RuntimeError(`${operation} was called from an Effect`),
    "Use the function of core, or run async code with `asyncio.toEffect(async () => ...)`."
  )
}

/** The scope around a block with `await using`. Only the block's own code can end it, so a task has to be around it. */
export const requireScope = (operation: string, instead: string): PromiseScope => {
  const here = liveCurrent()
  if (here !== undefined) return scopeOf(here, operation)
  // When: `timeout(delay)`, `timeoutAt(when)` or `new TaskGroup()` with `await using`, in code that is in no task.
  throw lowlevel.withHint(
    new asyncio.RuntimeError(`${operation} of a block needs a task: this code is in none that could be cancelled`),
    `Give it the code as a function, which works anywhere: \`${instead}\`.`
  )
}

/** Begins a wait in the current scope. An error at the call becomes a rejection, as in an async function. */
export const inScope = <A>(operation: string, wait: Wait<A>): Promise<A> => {
  try {
    const here = liveCurrent()
    // Not awaited here: a promise around this one would be an unhandled rejection where the program awaits neither.
    return here === undefined ? inTaskOfItsOwn(operation, wait) : wait(scopeOf(here, operation))
  } catch (error) {
    return Promise.reject(error)
  }
}

/**
 * Whether a call has no body. It is refused in the call itself: `await using scope = taskGroup()` would find a promise in place of a
 * scope, and the host would say that a promise cannot be disposed of.
 */
export const lacksBody = (body: unknown): boolean =>
  body === undefined || (typeof body === "object" && body !== null && !("then" in body))

/** {@link inScope} for an async function. */
export const inScopeAsync = <A>(operation: string, wait: Wait<A>): Promise<A> =>
  inScope(operation, (scope) => withoutUnhandledRejection(wait(scope)))

/** The caller hears of a failure by the promise, as by any other: the task has no result, and does not fail. */
const inTaskOfItsOwn = <A>(operation: string, wait: Wait<A>): Promise<A> => {
  const { loop } = outsideOfRuns()
  let settle: (exit: Exit.Exit<A, unknown>) => void
  const result: Promise<A> = new Promise((resolve, reject) => {
    settle = (exit) => {
      if (Exit.isSuccess(exit)) return resolve(exit.value)
      const error = Cause.squash(exit.cause)
      noteCancellation(result, error)
      reject(error)
    }
  })
  lowlevel.createCoroutineTaskUnsafe(loop, new AnonymousWait(operation, wait, settle!), { eagerStart: true })
  return result
}

class AnonymousWait<A> extends PromiseCoroutine<void> {
  readonly #operation: string
  readonly #wait: Wait<A>
  readonly #settle: (exit: Exit.Exit<A, unknown>) => void
  // How the wait has ended, once it has.
  #exit: Exit.Exit<A, unknown> | undefined = undefined

  constructor(operation: string, wait: Wait<A>, settle: (exit: Exit.Exit<A, unknown>) => void) {
    super(neverCalled, undefined)
    this.#operation = operation
    this.#wait = wait
    this.#settle = settle
  }

  protected override async call(): Promise<void> {
    const scope = this.scope!
    const exit = (this.#exit = await scope.exitOf(() => this.#wait(scope)))
    // The task may end cancelled, but never as failed: the caller hears of a failure by the promise.
    const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
    if (lowlevel.isCancelledError(error)) throw error
  }

  // Not before the task is over: the code that goes on must not find the task of its own wait in `allTasks()`.
  protected override ended(): void {
    if (this.#exit !== undefined) this.#settle(this.#exit)
  }

  override describe(): ReturnType<PromiseCoroutine<void>["describe"]> {
    return { ...super.describe(), name: this.#operation.replace("()", "") }
  }
}

const neverCalled = (): void => {}
