/**
 * A request to cancel: what is known of it besides what its error tells. One request can cancel any number of tasks, and go through any
 * number of them.
 *
 *     asked ──passed on──▶ taken by what is awaited, or due in a scope (scope.ts) ──▶ delivered
 *                                                     └──uncancel, the end of a timeout──▶ forgotten
 *
 * A program knows a request by its {@link CancelledError}, so that is what travels; {@link requestOf} leads from there to the rest. Most
 * requests meet no other one: for those nothing is noted.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import {
  type CancelledError,
  type CancelLink,
  interruptionOf,
  noteRequest,
  notedRequest
} from "../model/CancelledError.ts"

/** The annotation of an interrupt that says which cancellation it delivers. */
export class Cancellation extends Context.Service<Cancellation, CancelledError>()(
  "@effect-asyncio/core/Cancellation"
) {}

export class CancelRequest {
  /** The error it was made with. */
  readonly error: CancelledError
  /**
   * The `FiberScope.place` around the body of the timeout or task group that has made it. Only those around Effects set it, until they
   * withdraw the request.
   */
  place: object | undefined = undefined
  /** The requests that were forgotten for it: a step delivers one, however many were made. */
  hidden: Array<CancelRequest> | undefined = undefined
  /** The tasks that it has reached, where it asks several and each of them once. It keeps none of them. */
  reached: WeakSet<object> | undefined = undefined
  /** Its way, where it went through several tasks. */
  links: Array<CancelLink> | undefined = undefined

  constructor(error: CancelledError) {
    this.error = error
  }
}

/** The request that an error tells of, perhaps in other words than those it was made with. */
export const requestOf = (error: CancelledError): CancelRequest => {
  const known = notedRequest(error) as CancelRequest | undefined
  if (known !== undefined) return known
  const made = new CancelRequest(error)
  noteRequest(error, made)
  return made
}

/** The tasks that the request of `error` has reached, if each is to be asked once. */
export const reachedBy = (error: CancelledError): WeakSet<object> | undefined =>
  (notedRequest(error) as CancelRequest | undefined)?.reached

// ---- how it is delivered -------------------------------------------------------------------------------------------

/** The annotations for a native interrupt that delivers `error`. */
export const annotationsOf = (error: CancelledError): Context.Context<never> =>
  Context.make(Cancellation, error) as Context.Context<never>

/** The exit with which an await of a cancelled task ends. */
export const ownCancellation = (error: CancelledError): Exit.Exit<never> => interruptionOf(error, interruptionBy)

const interruptionBy = (error: CancelledError): Exit.Exit<never> =>
  Exit.failCause(Cause.fromReasons([Cause.makeInterruptReason().annotate(annotationsOf(error))]))

// ---- requests that meet --------------------------------------------------------------------------------------------

/** Takes note that `shown` is delivered in place of `other`, which asyncio forgets. */
export const hide = (other: CancelledError | undefined, shown: CancelledError): void => {
  if (other === undefined || other === shown) return
  const request = requestOf(shown)
  const hidden = requestOf(other)
  if (request.hidden === undefined) request.hidden = [hidden]
  else if (!request.hidden.includes(hidden)) request.hidden.push(hidden)
}

/** Whether a step delivers `shown` in place of `other`. */
export const hides = (shown: CancelledError, other: CancelledError): boolean => behind([shown]).has(requestOf(other))

/** The requests that errors tell of, and all that those hide. */
export const behind = (errors: ReadonlyArray<CancelledError>): ReadonlySet<CancelRequest> => {
  const found = new Set(errors.map(requestOf))
  // A set gives what is added while it is gone through, too.
  for (const { hidden } of found) for (const other of hidden ?? []) found.add(other)
  return found
}
