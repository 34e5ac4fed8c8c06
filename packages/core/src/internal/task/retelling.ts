/**
 * What errors tell of a request besides what it was made with: other errors for the same request, and the way that it has gone.
 */
import { type CancelledError, notedRequest, setCause, withoutMessage } from "../model/CancelledError.ts"
import { type Named, TaskRef } from "../model/TaskRef.ts"
import { reachedBy, requestOf } from "./request.ts"

// So many links of one request are kept: one that ends a group can go to any number of tasks.
const mostLinks = 100

/** Takes note that the task `by` has passed the request on to the task `to`. */
export const noteLink = (error: CancelledError, by: Named, to: Named): void => {
  const links = (requestOf(error).links ??= [])
  if (links.length >= mostLinks) return
  const asking = new TaskRef(by)
  const { requestedBy } = error
  // A task that no other has passed the request on to was asked by its maker.
  const isFirst = asking.id !== requestedBy?.id && links.every(({ to }) => to.id !== asking.id)
  if (isFirst) links.push({ by: requestedBy, to: asking })
  links.push({ by: asking, to: new TaskRef(to) })
}

/** Has `error` tell of the way that the request of `of` has gone. */
const copyLinks = (of: CancelledError, error: CancelledError): void => {
  const links = notedRequest(of)?.links
  if (links !== undefined || notedRequest(error) !== undefined) requestOf(error).links = links && [...links]
}

/** Copies the fields and links of `other` to `error`, whose message stays, as in asyncio. */
export const retell = (error: CancelledError, other: CancelledError): void => {
  const { deadline, kind, reason, requestedAt, requestedBy } = other
  Object.assign(error, { deadline, kind, reason, requestedAt, requestedBy })
  setCause(error, other.cause)
  copyLinks(other, error)
}

/**
 * A new error, with a request of its own that copies the fields and links of `error`. Its message is its own; or it has none, as where
 * asyncio's own code calls `task.cancel()` again. A task that is to be asked once is not asked again.
 */
export const retold = (error: CancelledError, message?: string, reason = error.reason): CancelledError => {
  const again = withoutMessage(reason, error)
  if (message !== undefined) again.message = message
  copyLinks(error, again)
  const reached = reachedBy(error)
  if (reached !== undefined) requestOf(again).reached = reached
  return again
}
