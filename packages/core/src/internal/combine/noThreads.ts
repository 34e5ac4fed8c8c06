/**
 * What `toThread` says where there are no threads.
 */
import { RuntimeError } from "../model/errors.ts"
import { withHint } from "../model/hints.ts"

// When: `toThread` in a browser or the like.
export const noThreads = (): RuntimeError =>
  withHint(
    new RuntimeError("toThread() needs worker threads, and this host has none"),
    "Use a Worker of the host, or stay on this thread."
  )
