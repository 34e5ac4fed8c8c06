/**
 * Two copies of the package in one process, an application's and one that a dependency has brought.
 *
 * Their errors, guards and references are the same to both, by their ids. Their loops are not: what one makes cannot run on
 * a loop of the other, whose insides it does not know. So they refuse each other where they first meet.
 */
import { RuntimeError } from "./errors.ts"
import { withHint } from "./hints.ts"

/** A copy of the package: where it was loaded from. */
export interface Copy {
  readonly url: string
}

export const thisCopy: Copy = { url: (import.meta as { readonly url?: string }).url ?? "a bundle" }

/** What makes things of this package says which copy it is of. A loop of an old version does not. */
interface Made {
  readonly copy?: Copy
}

export const isOfOtherCopy = (loop: object): boolean => (loop as Made).copy !== thisCopy

/** Throws where `loop` is another copy's. */
export const checkCopy = (loop: object): void => {
  if (isOfOtherCopy(loop)) throw twoCopies(loop)
}

export const twoCopies = (loop: object): RuntimeError => {
  const other = (loop as Made).copy?.url ?? "an older version"
  // When: two copies of @effect-asyncio/core are loaded, and something of one is used in a run of the other.
  return withHint(
    new RuntimeError("two copies of @effect-asyncio/core are loaded, and this is the other one's event loop"),
    `Have one: \`npm dedupe\`, or look with \`npm ls @effect-asyncio/core\` who brings the second. They are ${packageOf(thisCopy.url)} and ${packageOf(other)}.`
  )
}

const packageOf = (url: string): string => url.replace(/\/(?:src|dist)\/.*$/, "")
