/**
 * When a cancellation has arrived.
 *
 * It is due until the code of the scope has provably seen it: by an await of ours, a scope of ours that ends, its own end, or a
 * look at the error (`isCancelled`, `instanceof CancelledError`). What foreign code does with the signal proves nothing: that the
 * reason was read, that a promise has rejected, that a stream has ended.
 *
 *     due ──────────── an await of ours, the end of a scope, the end ────────────────────▶ seen
 *      │ └──────────── a look at the error ───────────────────────────────────────────────▲
 *      └─ the signal aborts, and right after it the code awaits ───▶ put off ── the same ─┤
 *                                                                       └── 5 seconds ────┘
 *
 * JavaScript does not tell whether code that goes on is in a `finally`, cleaning up, or whether a library has ended quietly. So what the
 * code awaits right after the abort is left alone, for a while, and the cancellation waits for one of the proofs.
 */
import type { CancelledError } from "@effect-asyncio/core"
import {
  cancellationMadeInto,
  isCancelledError,
  isInstance,
  safely,
  setCancellationWitness
} from "@effect-asyncio/core/lowlevel"
import type { PromiseScope } from "./promiseScope.ts"
import { current } from "./current.ts"
import { anyAbortedJustNow } from "./signals.ts"
import { answerForScopes } from "./unhandled.ts"
import { cancellationBehind, isWord, tellsOfCancellation } from "./words.ts"

// An error that was recognized once stays recognized: every later look at it gives the same cancellation.
const recognized = new WeakMap<object, CancelledError>()

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

// Loops from a scope outwards, and no generators: one goes through them for every await that a cancellation ends.

/** The cancellation that a signal of the scope has told of, if it was not withdrawn. */
const toldBySignal = (scope: PromiseScope): CancelledError | undefined =>
  scope.core.cancelling() === 0 ? undefined : lastTold(scope)

const lastTold = (scope: PromiseScope): CancelledError | undefined => {
  for (let at: PromiseScope | undefined = scope; at !== undefined; at = at.outer) {
    const told = at.signals?.told
    if (told !== undefined) return told
  }
  return undefined
}

/** The cancellation that the code of the scope has not seen. */
const unseenIn = (scope: PromiseScope): CancelledError | undefined => {
  for (let at: PromiseScope | undefined = scope; at !== undefined; at = at.outer) {
    const unseen = at.signals?.unseen
    if (unseen !== undefined) return unseen
  }
  return scope.core.pendingCancellation()
}

/**
 * The cancellation that `error` is, or was made of. A library's word for a cancellation counts from when a signal has told of one until
 * the code has seen it and asks for a fresh signal. An error that only has such a word among its causes, or that the program has
 * registered, counts as long as the cancellation has not been seen.
 */
const cancellationOf = (scope: PromiseScope | undefined, error: unknown): CancelledError | undefined => {
  const known = isObject(error) ? recognized.get(error) : undefined
  if (known !== undefined) return known
  if (isCancelledError(error)) return error
  const isItsWord = isWord(error)
  const named = isItsWord ? cancellationBehind(error) : undefined
  if (named !== undefined || scope === undefined) return named && (recognized.get(named) ?? named)
  const told = toldBySignal(scope)
  if (told === undefined || isItsWord) return told
  const unseen = unseenIn(scope)
  return unseen !== undefined && tellsOfCancellation(error) ? unseen : undefined
}

// Also for code that has ended: the host calls this in the scope of the rejected promise, whether its code still runs or not.
answerForScopes((reason) => isWord(reason) && cancellationOf(current()?.scope?.current, reason) !== undefined)

/** The cancellation that `error` is, or was made of, which the code of `scope` has seen now. */
const see = (scope: PromiseScope | undefined, error: unknown): CancelledError | undefined => {
  const found = cancellationOf(scope, error)
  if (found === undefined) return undefined
  if (error !== found && isObject(error)) recognized.set(error, found)
  if (scope !== undefined) noteSeen(scope, found)
  return found
}

const noteSeen = (scope: PromiseScope, found: CancelledError): void => {
  const pending = scope.core.pendingCancellation()
  let isOurs = pending === found
  for (let at: PromiseScope | undefined = scope; at !== undefined; at = at.outer) {
    if (at.signals?.noteSeen(found) === true) isOurs = true
  }
  // A second request that came before the first was seen is the same one to the code.
  if (isOurs && pending !== undefined) scope.core.takeCancellation()
}

/** Throws the cancellation that came while no await of the running code was in flight, unless the code has seen it. */
export const throwUnheard = (): void => {
  const scope = current()?.scope?.current
  if (scope === undefined || scope.task.done()) return
  const due = unseenIn(scope)
  if (due === undefined) return
  for (let at: PromiseScope | undefined = scope; at !== undefined; at = at.outer) {
    if (at.unheard !== due) continue
    noteSeen(scope, due)
    throw due
  }
}

/** Whether `error` is a cancellation, or was made of one by a library. The code that asks has seen it. */
export const seesCancellation = (error: unknown): boolean => see(current()?.scope?.current, error) !== undefined

setCancellationWitness(seesCancellation)

/**
 * The error that code which ended with `error` is reported with. A CancelledError, with `error` as its cause, where a library has made a
 * cancellation into `error`. The scope's own error where `await using` ended a scope while a cancellation unwound the code: JavaScript
 * wraps both into a SuppressedError, and the scope's error is meant to replace the cancellation.
 */
export const raised = (scope: PromiseScope, error: unknown): unknown => {
  const replacement = replacing(scope, error)
  if (replacement !== undefined) return raised(scope, replacement.error)
  const found = see(scope, error)
  if (found === undefined || isCancelledError(error)) return error
  const made = cancellationMadeInto(found, error)
  recognized.set(made, found)
  return made
}

/** The error of a scope that has replaced a cancellation; the scope may have withdrawn the request before. */
const replacing = (scope: PromiseScope, error: unknown): { readonly error: unknown } | undefined => {
  const both = error as { readonly error?: unknown; readonly suppressed?: unknown }
  const isBoth = isInstance(error, Error) && safely(() => error.name, undefined) === "SuppressedError"
  if (!isBoth) return undefined
  const suppressed = safely(() => both.suppressed, undefined)
  const isReplaced = see(scope, suppressed) !== undefined || (lastTold(scope) !== undefined && isWord(suppressed))
  return isReplaced ? { error: safely(() => both.error, undefined) } : undefined
}

/** An await is about to begin: right after the abort of a signal it is taken for cleanup, and left alone for a while. */
export const beforeAwait = (from: PromiseScope): void => {
  if (!anyAbortedJustNow()) return
  const scope = from.current
  const due = scope.task.done() ? undefined : scope.core.pendingCancellation()
  if (due === undefined) return
  for (let at: PromiseScope | undefined = scope; at !== undefined; at = at.outer) {
    if (at.signals?.mayCleanUp(due) !== true) continue
    scope.core.takeCancellation()
    return scope.makeSignals().putOff(due, scope.core)
  }
}

/**
 * The cancellation that a signal has told of, where the code of the scope has ended as if nothing had happened. From now on it
 * counts as seen.
 */
export const endedQuietly = (scope: PromiseScope): CancelledError | undefined => {
  const unseen = toldBySignal(scope) === undefined ? undefined : unseenIn(scope)
  if (unseen !== undefined) noteSeen(scope, unseen)
  return unseen
}

/** The code of `scope` is over: gives the cancellation that was put off and that the code has not seen. */
export const unseenAtEnd = (scope: PromiseScope): CancelledError | undefined => {
  const unseen = scope.core.cancelling() > 0 ? scope.signals?.unseen : undefined
  scope.signals?.settle()
  return unseen
}
