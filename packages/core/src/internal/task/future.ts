/**
 * The state machine of a future.
 *
 *     pending ──setResult / setException──▶ finished
 *        └──────────────cancel────────────▶ cancelled
 *
 * Nothing leaves finished or cancelled. Callbacks never run inside the call that completes the future: each is put on
 * the loop, in the order they were added.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Exit from "effect/Exit"
import type { AnyFiber } from "../model/AnyFiber.ts"
import { CancelledError, failureOf } from "../model/CancelledError.ts"
import type { CancellationKind, CancelOptions } from "../model/cancellationKinds.ts"
import type { Future } from "../model/Future.ts"
import type { Task } from "../model/Task.ts"
import { type Named, TaskRef } from "../model/TaskRef.ts"
import type { FutureTypeId } from "../model/typeIds.ts"
import type { Asking } from "./cancelWalk.ts"
import { type DoneEntry, EntryList, isOf } from "./doneEntries.ts"
import { creationSites, FutureMethods } from "./futureMethods.ts"
import type { UnretrievedFailure } from "../loop/failures.ts"
import type { TaskLoop } from "./taskLoop.ts"
import { checkCancelOptions } from "../model/arguments.ts"
import { captureStack, releaseStack, withoutStack } from "../host/stack.ts"
import type { TaskImpl } from "./task.ts"
import type { ContextValues } from "../model/variables.ts"
import { canSuspend, suspend } from "./suspend.ts"
import { beginWait } from "./fiberWait.ts"
import { beginWaitOf } from "./wait.ts"
import { currentTaskOf, scopeOf } from "./current.ts"

/** Debug mode: the stack of the code that called the method that calls this. */
export const placeOfRequest = (loop: TaskLoop): string | undefined =>
  loop.debug ? captureStack(10).slice(5).join("\n") : undefined

/** A request to cancel, by `requestedBy` or else the task in whose code we are. */
export const newRequest = (
  loop: TaskLoop,
  message: string | undefined,
  options: CancelOptions | undefined,
  requestedBy?: Named | string,
  requestedAt?: string
): CancelledError => {
  if (options !== undefined) checkCancelOptions(options)
  const by = requestedBy ?? currentTaskOf(loop)
  const { cause, kind } = options ?? {}
  const deadline = kind === "timeout" ? loop.time() : undefined
  const asker = typeof by === "object" ? new TaskRef(by) : by
  return withoutStack(CancelledError, message, { kind, cause, deadline, requestedBy: asker, requestedAt })
}

/** {@link newRequest} for a request that asyncio makes without a message: `reason` says why. */
export const newSilentRequest = (loop: TaskLoop, kind: CancellationKind, reason: string): CancelledError =>
  Object.assign(newRequest(loop, undefined, { kind }, undefined, placeOfRequest(loop)), { reason })

/** What makes a future an Effect: `yield*` and `evaluate` await it. */
const awaitedInGenerators = Effectable.Prototype<FutureImpl>({
  label: "Future",
  evaluate(fiber) {
    return this.awaitIn(fiber)
  }
})
// V8 looks `super[Symbol.iterator]` up by way of its runtime, at every await.
const iteratorOf = awaitedInGenerators[Symbol.iterator]

/** The base class of futures: an instance is an Effect that awaits the future, and has what programs call. */
const Awaitable = function () {} as unknown as new <A, E>() => Effect.Effect<A, E | CancelledError> &
  FutureMethods<A, E>
Awaitable.prototype = Object.setPrototypeOf(FutureMethods.prototype, awaitedInGenerators)

export class FutureImpl<A = unknown, E = unknown> extends Awaitable<A, E> implements Future<A, E> {
  declare readonly [FutureTypeId]: typeof FutureTypeId
  readonly loop: TaskLoop
  // Undefined while pending. Of a cancelled future it is the typed failure that awaiters see.
  exit: Exit.Exit<A, E | CancelledError> | undefined = undefined
  /** The object that stands for this future in another API, see `setWrapper` of lowlevel. */
  wrapper: unknown = undefined
  /** A task's values of context variables, once the program uses any. */
  variables: ContextValues | undefined = undefined
  // Set exactly when the state is cancelled.
  cancellation: CancelledError | undefined = undefined
  // One entry, a list of them, or nothing: most futures have one waiter. Undefined once done.
  #entries: DoneEntry | EntryList | undefined = undefined
  /** The loop's note of its failure, which the loop reports as never retrieved; undefined again once it is retrieved. */
  unretrieved: UnretrievedFailure | undefined = undefined

  constructor(loop: TaskLoop, createdAt?: string) {
    super()
    this.loop = loop
    if (createdAt !== undefined) creationSites.set(this, createdAt)
  }

  get kind(): "Task" | "Future" {
    return "Future"
  }

  /** How the future ended; its failure counts as seen. Only call when it is done. */
  retrieve(): Exit.Exit<A, E | CancelledError> {
    this.markRetrieved()
    return this.exit!
  }

  // ---- awaiting --------------------------------------------------------------------------------------------------

  /** What is there already goes straight into the generator. */
  protected iterator(): Effect.EffectIterator<this> {
    const iterator = this.exit === undefined ? iteratorOf.call(this) : this.retrieve()[Symbol.iterator]()
    return iterator as Effect.EffectIterator<this>
  }

  override [Symbol.iterator](): Effect.EffectIterator<this> {
    return this.iterator()
  }

  /** What awaiting it as an Effect does. */
  awaitIn(fiber: AnyFiber): Effect.Effect<A, E | CancelledError> {
    if (this.exit !== undefined) return this.retrieve()
    const scope = scopeOf(fiber)
    if (scope === undefined || !canSuspend()) {
      return Effect.callback<A, E | CancelledError>((resume) => beginWait(this.loop, this, resume))
    }
    beginWaitOf(scope, this)
    return suspend(fiber)
  }

  // ---- completion ------------------------------------------------------------------------------------------------

  protected complete(exit: Exit.Exit<A, E | CancelledError>): void {
    this.exit = exit
    const entries = this.#entries
    this.#entries = undefined
    if (entries === undefined) return
    if (!(entries instanceof EntryList)) return this.loop.enqueue(entries)
    for (const entry of entries.items) if (!entry.dead) this.loop.enqueue(entry)
  }

  /** Completes with a failure, and has the loop remember it until it is retrieved. */
  protected fail(cause: Cause.Cause<E>, services = this.loop.servicesHere()): void {
    const error = Cause.squash(cause)
    // A report must not refer to the task, and the stack of an error thrown in its step does. A task that awaits this one
    // retrieves the failure soon, so that it needs no report.
    const awaited = this.awaiters().length > 0
    // First of all: to read an error runs code of the program, which may complete or await this very future.
    this.complete(Exit.failCause(cause))
    if (!awaited) releaseStack(error)
    this.unretrieved = this.unretrievedFailure(error, cause, services)
    this.loop.failures.add(this, this.unretrieved)
  }

  /** Completes as cancelled. */
  protected completeCancelled(error: CancelledError): void {
    this.cancellation = error
    this.complete(failureOf(error))
  }

  markRetrieved(): void {
    if (this.unretrieved === undefined) return
    this.loop.failures.delete(this.unretrieved)
    this.unretrieved = undefined
  }

  // ---- cancellation ----------------------------------------------------------------------------------------------

  /** Cancels with a given error, which may come from the task `by`, that waits for us. Returns whether anything was done. */
  cancelWith(error: CancelledError, _by?: TaskImpl): boolean {
    if (this.exit !== undefined) {
      this.markRetrieved()
      return false
    }
    this.completeCancelled(error)
    return true
  }

  /**
   * {@link cancelWith} on the way of a request, see cancelWalk.ts: an answer, or the asking that finds it. Undefined in futures that
   * never ask others.
   */
  ask?(error: CancelledError, by?: TaskImpl): boolean | Asking

  /** Counts a request on a task; false where the future is done. A future that is no task counts none. */
  countRequest(_error: CancelledError, _by?: TaskImpl): boolean {
    return this.exit === undefined
  }

  /** Hears of a request when that has gone all of its way. */
  cancelRequested(_error: CancelledError): void {}

  cancelUnsafe(message?: string, options?: CancelOptions, requestedBy?: Task<unknown, unknown> | string): boolean {
    const requestedAt = this.loop.debug ? placeOfRequest(this.loop) : undefined
    return this.cancelWith(
      newRequest(this.loop, message, options, requestedBy as TaskImpl | string | undefined, requestedAt)
    )
  }

  cancel(message?: string, options?: CancelOptions): Effect.Effect<boolean> {
    // Taken here: when the effect runs, the line that asks is no longer on the stack.
    const requestedAt = placeOfRequest(this.loop)
    return Effect.sync(() => this.cancelWith(newRequest(this.loop, message, options, undefined, requestedAt)))
  }

  /** What it waits for, before it can be done. */
  awaiting(): Iterable<FutureImpl> {
    return []
  }

  // ---- callbacks -------------------------------------------------------------------------------------------------

  addEntry(entry: DoneEntry): void {
    if (this.exit !== undefined) this.loop.enqueue(entry)
    else if (this.#entries === undefined) this.#entries = entry
    else if (this.#entries instanceof EntryList) this.#entries.add(entry)
    else this.#entries = new EntryList(this.#entries, entry)
  }

  /** Removes an entry. */
  removeEntry(entry: DoneEntry): void {
    entry.dead = true
    if (this.#entries === entry) this.#entries = undefined
    else if (this.#entries instanceof EntryList) this.#entries.noteDead()
  }

  /** The entries that are still waiting. */
  entries(): ReadonlyArray<DoneEntry> {
    if (this.#entries === undefined) return []
    return this.#entries instanceof EntryList ? this.#entries.items.filter((entry) => !entry.dead) : [this.#entries]
  }

  /** Whether a program can have the future in its hand. That of `sleep` is known to its one awaiter only. */
  get shared(): boolean {
    return true
  }

  removeDoneCallbackUnsafe(callback: (future: never) => void): number {
    const entries = this.#entries
    if (entries instanceof EntryList) return entries.removeCallback(callback)
    if (entries === undefined || !isOf(entries, callback)) return 0
    this.removeEntry(entries)
    return 1
  }
}

Object.defineProperty(FutureImpl.prototype, "~@effect-asyncio/core/Future" satisfies typeof FutureTypeId, {
  value: "~@effect-asyncio/core/Future"
})
