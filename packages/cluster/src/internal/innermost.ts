/**
 * What errors that wrap each other have to say.
 */

/** What a chain of causes ends with, which says what has happened: that a connection was refused, and not that a statement failed. */
export const innermost = (error: unknown): string =>
  error instanceof Error ? (error.cause === undefined ? error.message : innermost(error.cause)) : String(error)
