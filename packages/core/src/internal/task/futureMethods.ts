/**
 * What programs ask of a future and do with it, beside awaiting and cancelling it: as Effects, and as texts. Nothing is decided here; that
 * is future.ts.
 */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { nameOf } from "../data/text.ts"
import { inspect } from "../host/inspect.ts"
import type { Description, UnretrievedFailure } from "../loop/failures.ts"
import { checkNoGenerator } from "../model/arguments.ts"
import { type CancelledError, messageOf } from "../model/CancelledError.ts"
import { InvalidStateError } from "../model/errors.ts"
import { unexpectedValue, withHint } from "../model/hints.ts"
import { futureRepr } from "../model/repr.ts"
import type { ContextValues } from "../model/variables.ts"
import { cancellationIn } from "./cancellation.ts"
import { awaitersBy, DoneCallback, type DoneEntry, ProgramCallback } from "./doneEntries.ts"
import type { FutureImpl } from "./future.ts"
import type { TaskImpl } from "./task.ts"
import type { TaskLoop } from "./taskLoop.ts"

/** FILE:LINE of futures that were made in debug mode: a field would cost every future a word. */
export const creationSites = new WeakMap<object, string>()

/** A future, as far as errors tell of it. */
interface Questioned {
  readonly exit: unknown
  toString(): string
}

/** Its constructor is never called: the prototype stands behind that of {@link FutureImpl}, so that no future pays for it. */
export abstract class FutureMethods<A, E> {
  abstract readonly loop: TaskLoop
  abstract readonly exit: Exit.Exit<A, E | CancelledError> | undefined
  abstract readonly cancellation: CancelledError | undefined
  abstract readonly kind: "Task" | "Future"
  abstract readonly variables: ContextValues | undefined
  abstract retrieve(): Exit.Exit<A, E | CancelledError>
  protected abstract complete(exit: Exit.Exit<A, E>): void
  protected abstract completeCancelled(error: CancelledError): void
  protected abstract fail(cause: Cause.Cause<E>): void
  abstract entries(): ReadonlyArray<DoneEntry>
  abstract addEntry(entry: DoneEntry): void
  abstract removeDoneCallbackUnsafe(callback: (future: never) => void): number

  // ---- questions -------------------------------------------------------------------------------------------------

  done(): boolean {
    return this.exit !== undefined
  }

  cancelled(): boolean {
    return this.cancellation !== undefined
  }

  /** The message it was cancelled with, as far as it keeps it. */
  cancelMessage(): string | undefined {
    return this.cancellation === undefined ? undefined : messageOf(this.cancellation)
  }

  exitUnsafe(): Exit.Exit<A, E | CancelledError> | undefined {
    return this.exit === undefined ? undefined : this.retrieve()
  }

  result(): Effect.Effect<A, E | CancelledError | InvalidStateError> {
    return Effect.suspend((): Exit.Exit<A, E | CancelledError | InvalidStateError> => {
      return this.exitUnsafe() ?? Exit.fail(notSet("Result", this))
    })
  }

  exception(): Effect.Effect<unknown, CancelledError | InvalidStateError> {
    return Effect.suspend((): Exit.Exit<unknown, CancelledError | InvalidStateError> => {
      const exit = this.exitUnsafe()
      if (exit === undefined) return Exit.fail(notSet("Exception", this))
      if (this.cancelled()) return exit as Exit.Exit<never, CancelledError>
      return Exit.succeed(Exit.isSuccess(exit) ? undefined : Cause.squash(exit.cause))
    })
  }

  // ---- completion ------------------------------------------------------------------------------------------------

  setResultUnsafe(value: A): void {
    checkPending(this)
    this.complete(Exit.succeed(value))
  }

  setExceptionUnsafe(error: E): void {
    checkPending(this)
    this.fail(Cause.fail(error))
  }

  setExitUnsafe(exit: Exit.Exit<A, E>): void {
    checkPending(this)
    if (!Exit.isExit(exit)) {
      // When: `setExitUnsafe` got a value and no exit.
      throw unexpectedValue(
        "an Exit was expected by setExitUnsafe()",
        exit,
        "Use `setResultUnsafe`, or `Exit.succeed(value)`."
      )
    }
    const cancellation = cancellationIn(exit)
    if (cancellation !== undefined) this.completeCancelled(cancellation)
    else if (Exit.isSuccess(exit)) this.complete(exit)
    else this.fail(exit.cause)
  }

  setResult(value: A): Effect.Effect<void, InvalidStateError> {
    return changing(() => this.setResultUnsafe(value))
  }

  setException(error: E): Effect.Effect<void, InvalidStateError> {
    return changing(() => this.setExceptionUnsafe(error))
  }

  // ---- callbacks -------------------------------------------------------------------------------------------------

  addDoneCallbackUnsafe(callback: (future: this) => void): void {
    if (typeof callback !== "function") {
      // When: a callback of a future is no function.
      throw unexpectedValue(
        "a callable object was expected by addDoneCallback()",
        callback,
        "Give it the function itself, not the result of a call."
      )
    }
    checkNoGenerator(callback, "addDoneCallback()", "addDoneCallback((future) => ...)")
    this.loop.checkOpen()
    this.addEntry(new ProgramCallback(this as unknown as FutureImpl, callback, nameOf(callback), undefined))
  }

  addDoneCallback(callback: (future: this) => void): Effect.Effect<void> {
    return Effect.sync(() => this.addDoneCallbackUnsafe(callback))
  }

  removeDoneCallback(callback: (future: this) => void): Effect.Effect<number> {
    return Effect.sync(() => this.removeDoneCallbackUnsafe(callback))
  }

  addCallback(callback: (future: never) => void, name: string, awaiter?: TaskImpl): void {
    this.addEntry(new DoneCallback(this as unknown as FutureImpl, callback, name, awaiter))
  }

  /** The tasks that wait for the future, each once. */
  awaiters(): ReadonlyArray<TaskImpl> {
    const tasks = new Set<TaskImpl>()
    for (const entry of this.entries()) for (const task of awaitersBy(entry)) tasks.add(task)
    // A task that has ended waits no more: a detached fiber of it may.
    return [...tasks].filter((task) => task.exit === undefined)
  }

  // ---- printing --------------------------------------------------------------------------------------------------

  /** Describes the finished future without keeping it alive. */
  protected describe(): Description {
    const { exit } = this
    const createdAt = creationSites.get(this)
    return {
      repr: () => futureRepr({ kind: "Future", exit, cancelled: false, callbacks: [], createdAt }),
      createdAt: () => createdAt
    }
  }

  /** What a report of its failure tells. */
  protected unretrievedFailure(
    error: unknown,
    cause: Cause.Cause<E>,
    services: Context.Context<never>
  ): UnretrievedFailure {
    const { kind, variables } = this
    return { kind, error, cause, description: this.describe(), variables, services }
  }

  toString(): string {
    const { exit } = this
    return futureRepr({
      kind: "Future",
      exit,
      cancelled: this.cancelled(),
      callbacks: this.entries(),
      createdAt: creationSites.get(this)
    })
  }

  toJSON(): unknown {
    return this.toString()
  }

  [inspect](): string {
    return this.toString()
  }
}

const checkPending = (future: Questioned): void => {
  if (future.exit === undefined) return
  // When: a result or an error was set on a future that is done already, or cancelled.
  throw withHint(new InvalidStateError("invalid state"), `Ask \`done()\` first; here it was ${future}.`)
}

const changing = (change: () => void): Effect.Effect<void, InvalidStateError> =>
  Effect.suspend(() => {
    try {
      change()
      return Effect.void
    } catch (error) {
      return error instanceof InvalidStateError ? Effect.fail(error) : Effect.die(error)
    }
  })

const notSet = (what: "Result" | "Exception", future: Questioned): InvalidStateError =>
  // When: `result()` or `exception()` of a future that is not done.
  withHint(new InvalidStateError(`${what} is not set.`), `Await ${future}, or ask \`done()\` first.`)
