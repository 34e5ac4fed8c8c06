/**
 * What streams, sockets and parsers fail with whose other side has hung up.
 */
const codes: ReadonlyArray<unknown> = [
  "ERR_STREAM_PREMATURE_CLOSE",
  "ERR_STREAM_DESTROYED",
  "ECONNRESET",
  "EPIPE",
  // In the middle of a body.
  "HPE_INVALID_EOF_STATE"
]

export const isHangUp = (error: unknown): boolean =>
  codes.includes((error as { readonly code?: unknown } | undefined)?.code)

/** Whether it is what a host with web Requests has the reading of a body fail with, among others. */
export const isAbort = (error: unknown): boolean =>
  (error as { readonly name?: unknown } | undefined)?.name === "AbortError"
